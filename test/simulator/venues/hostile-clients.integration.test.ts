import { once } from 'node:events'
import { request } from 'node:http'
import { connect, type Socket } from 'node:net'

import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'

import { type Simulation, startSimulation } from '../../../simulator/simulate.ts'
import { type Frame, signedFields, TestClient } from './coinbase-client.ts'

/** Loopback has more than one address: the hostile clients have one of their own, as they would elsewhere. */
const HOSTILE = '127.0.0.2'
/** Frames that may be on their way to the good client: what waits for a client that is behind, and a slice of the flow. */
const BOUND = 5000

const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

const start = async (): Promise<Simulation> => {
  const simulation = await startSimulation({
    ...{ seed: 9, venues: ['coinbase', 'bitfinex'], pairs: ['BTC-USD'], rate: 5000, orders: 300 },
    ...{ habits: { limits: true, quirks: false } },
  })
  endings.push(simulation.stop)
  return simulation
}

const hostileSocket = async (url: string): Promise<WebSocket | number | 'closed'> => {
  const socket = new WebSocket(url, { localAddress: HOSTILE })
  endings.push(() => socket.terminate())
  return await new Promise((resolve) => {
    socket.on('open', () => resolve(socket))
    socket.on('unexpected-response', (_request, response) => resolve(response.statusCode ?? 0))
    socket.on('error', () => resolve('closed'))
  })
}

const opened = async (url: string): Promise<WebSocket> => {
  const socket = await hostileSocket(url)
  if (!(socket instanceof WebSocket)) throw new Error(`not admitted: ${String(socket)}`)
  return socket
}

const rawConnection = (url: string): Socket => {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), localAddress: HOSTILE })
  socket.on('error', () => socket.destroy())
  socket.resume()
  endings.push(() => socket.destroy())
  return socket
}

type End = readonly [code: number, lastFrame: string]

/** How a client was ended. */
const endOf = async (socket: WebSocket): Promise<End> => {
  let last = ''
  socket.on('message', (data: Buffer) => (last = data.toString('utf8')))
  const [code] = (await once(socket, 'close')) as [number]
  return [code, last]
}

const answered = async (url: string, path: string): Promise<number | undefined> => {
  const { hostname, port } = new URL(url)
  return await new Promise((resolve) => {
    const asked = request(
      { hostname, port, path, localAddress: HOSTILE, headers: { 'user-agent': 'x' } },
      (reply) => {
        resolve(reply.resume().statusCode)
      },
    )
    asked.on('error', () => resolve(undefined))
    asked.end()
  })
}

const subscribe = (channels: readonly string[]): string =>
  JSON.stringify({ type: 'subscribe', product_ids: ['BTC-USD'], channels, ...signedFields() })

const deep = `{"type":"subscribe","event":${'['.repeat(20_000)}${']'.repeat(20_000)}}`

describe.skipIf(process.platform !== 'linux')('hostile clients', () => {
  it('are ended, refused or ignored, and a good one beside them misses nothing and waits for nobody', async () => {
    const simulation = await start()
    const [coinbase, bitfinex] = [simulation.endpoints['coinbase'], simulation.endpoints['bitfinex']]
    if (coinbase === undefined || bitfinex === undefined) throw new Error('two venues were asked for')
    const good = await TestClient.open(coinbase.ws)
    endings.push(() => good.close())
    let newest = 0
    let gaps = 0
    let largestLag = 0
    let samples = 0
    good.socket.on('message', () => {
      const sequence = Number((good.frames.pop() as Frame)['sequence'])
      if (!(sequence > 0)) return
      if (newest > 0 && sequence !== newest + 1) gaps++
      newest = sequence
      if (sequence % 500 !== 0) return
      samples++
      largestLag = Math.max(largestLag, (simulation.books()[0]?.sequence ?? Infinity) - sequence)
    })
    good.ask({ type: 'subscribe', product_ids: ['BTC-USD'], channels: ['full'], ...signedFields() })
    await good.until(() => newest > 0)

    for (const { ws, rest } of [coinbase, bitfinex]) {
      // Slow: subscribes, then reads nothing.
      const slow = await opened(ws)
      slow.send(subscribe(['full', 'level2']))
      slow.send('{"event":"subscribe","channel":"book","symbol":"tBTCUSD","prec":"R0","len":"250"}')
      slow.pause()
      // Garbage: no request, no JSON, no protocol.
      const garbage = await opened(ws)
      for (const text of ['{', '', 'null', '[[[', '\u0000', deep]) garbage.send(text)
      garbage.send(Buffer.from([255, 254, 0, 1]), { binary: true })
      const raw = rawConnection(rest)
      raw.write('\u0016\u0003\u0001 no HTTP at all\r\n\r\n')
      await once(raw, 'close')
      const broken = await opened(ws)
      // Giant frames: the request is too long, or the frame itself. Floods: of subscriptions.
      const [long, giant, flood] = [await opened(ws), await opened(ws), await opened(ws)]
      const ends = Promise.all([broken, long, giant].map(endOf))
      const floodEnd = endOf(flood)
      const { _socket: wire } = broken as unknown as { _socket: Socket }
      wire.write(Buffer.from([0xff, 0xff, 0xff, 0xff]))
      long.send('x'.repeat(100_000))
      giant.send('x'.repeat(3_000_000))
      const [[brokenCode], [longCode, longText], [giantCode]] = (await ends) as [End, End, End]
      expect([brokenCode, longCode]).toEqual([1002, 1009])
      if (ws === coinbase.ws) expect(longText).toBe('{"type":"error","message":"Message too big"}')
      expect([1006, 1009]).toContain(giantCode)
      for (let index = 0; index < 1000; index++) flood.send(subscribe(['level2_batch', 'matches']))
      expect((await floodEnd)[0]).toBe(1008)
      expect(await answered(rest, '/%')).toBe(404)
      expect(await answered(rest, '//?%')).toBe(404)
      const replies = await Promise.all(
        Array.from({ length: 120 }, () => answered(rest, '/v2/platform/status')),
      )
      expect(replies).toContain(429)
      // Crowds of connections are refused; half-open ones have a bound too.
      const before = performance.now()
      const crowd = await Promise.all(Array.from({ length: 150 }, () => hostileSocket(ws)))
      // 20 at once, and 8 more a second, however long the crowd takes.
      const welcome = 21 + Math.ceil((8 * (performance.now() - before)) / 1000)
      const refused = crowd.filter((one) => one === 429).length
      expect(refused).toBeGreaterThanOrEqual(Math.max(1, 150 - welcome))
    }
    const halfOpen = Array.from({ length: 1100 }, () => rawConnection(coinbase.rest))
    await good.until(() => halfOpen.filter((socket) => socket.destroyed).length > 80)
    expect(halfOpen.filter((socket) => socket.destroyed).length).toBeLessThan(400)
    for (const socket of halfOpen) socket.destroy()
    const reached = newest
    await good.until(() => newest > reached + 5000)
    expect(gaps).toBe(0)
    expect(samples).toBeGreaterThan(5)
    expect(largestLag).toBeLessThan(BOUND)
    const another = await TestClient.open(bitfinex.ws)
    endings.push(() => another.close())
    await another.until(() => another.frames.length > 0)
    expect(another.frames[0]).toMatchObject({ event: 'info' })
  })
})
