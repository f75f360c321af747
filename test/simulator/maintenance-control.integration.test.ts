import { afterEach, describe, expect, it } from 'vitest'

import { type Simulation, startSimulation } from '../../simulator/simulate.ts'
import { connect, type PlainClient, until } from './playback/playback-client.ts'

let simulation: Simulation | undefined
afterEach(async () => {
  await simulation?.stop()
  simulation = undefined
})

const codes = (client: PlainClient): unknown[] =>
  client.frames
    .filter((text) => text.startsWith('{'))
    .map((text) => (JSON.parse(text) as { code?: number }).code)
    .filter((code) => code !== undefined)

describe('POST /simulator/maintenance', () => {
  it('has Bitfinex announce maintenance, keep silence, announce its end, and go on', async () => {
    simulation = await startSimulation({
      ...{ seed: 2, venues: ['coinbase', 'bitfinex'], pairs: ['BTC-USD'], rate: 2000, orders: 600 },
      control: true,
    })
    const { ws = '', rest = '' } = simulation.endpoints['bitfinex'] ?? {}
    const client = await connect(ws)
    client.send({ event: 'subscribe', channel: 'book', symbol: 'tBTCUSD', prec: 'R0', len: '25' })
    await until('updates', () => client.frames.length > 20)
    const asked = await fetch(`${rest}/simulator/maintenance?seconds=0.6`, { method: 'POST' })
    expect(await asked.json()).toEqual({ venues: 1, seconds: 0.6 })
    await until('the announcement', () => codes(client).includes(20_060))
    const { length } = client.frames
    expect(await (await fetch(`${rest}/v2/platform/status`)).json()).toEqual([0])
    expect(await (await fetch(`${rest}/v2/book/tBTCUSD/R0`)).json()).toEqual(['error', 20_060, 'maintenance'])
    await until('the end', () => codes(client).includes(20_061))
    const silence = client.frames.slice(length)
    expect(silence.findIndex((text) => text.includes('20061'))).toBe(0)
    await until('updates again', () => client.frames.length > length + 20)
    const wrong = await fetch(`${rest}/simulator/maintenance?seconds=soon`, { method: 'POST' })
    expect(wrong.status).toBe(400)
    await client.close()
  })

  it('is answered with control only', async () => {
    simulation = await startSimulation({ seed: 2, venues: ['bitfinex'], pairs: ['BTC-USD'], rate: 10 })
    const { rest = '' } = simulation.endpoints['bitfinex'] ?? {}
    expect((await fetch(`${rest}/simulator/maintenance`, { method: 'POST' })).status).toBe(404)
  })
})
