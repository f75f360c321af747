import { afterEach, describe, expect, it } from 'vitest'

import { type Simulation, type SimulationOptions, startSimulation } from '../../simulator/simulate.ts'
import type { SimulatedRows } from '../../simulator/venues/simulated-venue.ts'
import { digestOrderRows } from '../../src/index.ts'
import { until } from './playback/playback-client.ts'
import {
  type Frame,
  get,
  NaiveBook,
  type RestBook,
  signedFields,
  TestClient,
} from './venues/coinbase-client.ts'

const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

const start = async (more: Partial<SimulationOptions>): Promise<Simulation> => {
  const simulation = await startSimulation({
    ...{
      seed: 1,
      venues: ['coinbase', 'bitfinex'],
      pairs: ['BTC-USD'],
      rate: 'max',
      orders: 300,
      startTime: 1e15,
    },
    ...more,
  })
  endings.push(simulation.stop)
  return simulation
}

/** A client of full on the first pair that knows what it has read up to. */
const reader = async (simulation: Simulation, pair = 'BTC-USD'): Promise<TestClient> => {
  const client = await TestClient.open(simulation.endpoints['coinbase']?.ws ?? '')
  endings.push(() => client.close())
  client.ask({ type: 'subscribe', product_ids: [pair], channels: ['full'], ...signedFields() })
  await client.first('subscriptions')
  return client
}

const sequenceOf = (frame: unknown): number => Number((frame as Frame | undefined)?.['sequence'])

describe('a simulation', () => {
  it('holds its flow at full speed until somebody reads, ends it at the wanted event, then is quiet', async () => {
    const simulation = await start({ venues: ['coinbase'], events: 20_000 })
    const before = simulation.books()[0]?.sequence ?? NaN
    for (let turn = 0; turn < 20; turn++) await get(`${simulation.endpoints['coinbase']?.rest ?? ''}/time`)
    expect(simulation.books()[0]?.sequence).toBe(before)
    const client = await reader(simulation)
    const { body } = await get(
      `${simulation.endpoints['coinbase']?.rest ?? ''}/products/BTC-USD/book?level=3`,
    )
    const book = new NaiveBook(body as RestBook)
    await simulation.flowEnded
    const truth = simulation.books()[0]
    expect((truth?.sequence ?? NaN) - before).toBeGreaterThanOrEqual(20_000)
    expect((truth?.sequence ?? NaN) - before).toBeLessThan(20_100)
    await client.until(() => sequenceOf(client.frames.at(-1)) === truth?.sequence)
    for (const frame of client.frames) if (sequenceOf(frame) > 0) book.apply(frame as Frame)
    expect(digestOrderRows(book.rows('buy'), book.rows('sell'))).toBe(truth?.digest)
    expect(simulation.books()).toEqual([truth])
  })

  it('comes to the same books for the same seed, whoever reads how fast', async () => {
    const digests = async (seed: number): Promise<unknown> => {
      const simulation = await start({
        seed,
        venues: ['coinbase'],
        pairs: ['BTC-USD', 'XRP-EUR'],
        events: 3000,
      })
      await reader(simulation, 'XRP-EUR')
      await simulation.flowEnded
      return simulation.books()
    }
    const first = await digests(3)
    expect(await digests(3)).toEqual(first)
    expect(await digests(4)).not.toEqual(first)
  })

  it('waits for a reader that stopped reading instead of losing its frames', async () => {
    const simulation = await start({ venues: ['coinbase'], orders: 1000 })
    const client = await reader(simulation)
    client.socket.pause()
    let before = -1
    let unchanged = 0
    while (unchanged < 20) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      const now = simulation.books()[0]?.sequence ?? NaN
      unchanged = now === before ? unchanged + 1 : 0
      before = now
    }
    client.socket.resume()
    await client.until(() => sequenceOf(client.frames.at(-1)) > before)
    simulation.stopFlow()
    const last = simulation.books()[0]?.sequence ?? NaN
    await client.until(() => sequenceOf(client.frames.at(-1)) === last)
    const sequences = client.frames.map(sequenceOf).filter((sequence) => sequence > 0)
    expect(sequences).toEqual(Array.from(sequences, (_, index) => last - sequences.length + 1 + index))
  })

  it('tells nothing before the wall clock has reached its time, where a rate is asked for', async () => {
    const simulation = await start({ rate: 2000, events: 600, startTime: Date.now() * 1000 })
    const client = await reader(simulation)
    const early: unknown[] = []
    client.socket.on('message', () => {
      const frame = client.frames.at(-1) as Frame
      // Both clocks tell whole milliseconds.
      if (Date.parse(String(frame['time'])) > Date.now() + 2) early.push(frame)
    })
    await simulation.flowEnded
    await client.until(() => sequenceOf(client.frames.at(-1)) === simulation.books()[0]?.sequence)
    expect(client.frames.length).toBeGreaterThan(100)
    expect(early).toEqual([])
    expect(simulation.books().map(({ stream }) => stream)).toEqual(['coinbase:BTC-USD', 'bitfinex:BTC-USD'])
  })

  it('answers the test bench where that is wanted, and only there', async () => {
    const simulation = await start({ control: true, rate: 100 })
    const { rest = '' } = simulation.endpoints['bitfinex'] ?? {}
    await fetch(`${rest}/simulator/stop-flow`, { method: 'POST' })
    await simulation.flowEnded
    expect((await get(`${rest}/simulator/books`)).body).toEqual({ books: simulation.books() })
    for (const { stream, bids, asks, digest } of simulation.books()) {
      const { body } = await get(`${rest}/simulator/book?stream=${stream}`)
      const rows = body as SimulatedRows
      expect([rows.stream, rows.bids.length, rows.asks.length]).toEqual([stream, bids, asks])
      expect(digestOrderRows(rows.bids, rows.asks)).toBe(digest)
    }
    expect((await get(`${rest}/simulator/book?stream=coinbase:ETH-USD`)).status).toBe(404)
    const closed = await start({ venues: ['coinbase'] })
    expect((await get(`${closed.endpoints['coinbase']?.rest ?? ''}/simulator/books`)).status).toBe(404)
  })

  it('lets the flow stand still and go on, and names what there is where something else is asked for', async () => {
    const simulation = await start({ control: true, rate: 2000 })
    const { rest = '' } = simulation.endpoints['coinbase'] ?? {}
    const post = async (action: string): Promise<unknown> =>
      await (await fetch(`${rest}/simulator/${action}`, { method: 'POST' })).json()
    const sequences = (): readonly number[] => simulation.books().map(({ sequence }) => sequence)
    expect(await post('pause')).toEqual({ paused: true })
    const still = sequences()
    for (let request = 0; request < 20; request++)
      expect(await post('step')).toMatchObject({
        error: expect.stringMatching(/^There is no POST \/simulator\/step here\. There are: GET/) as string,
      })
    expect(sequences()).toEqual(still)
    expect(await post('resume')).toEqual({ paused: false })
    await until('the flow goes on', () =>
      sequences().every((sequence, index) => sequence > (still[index] ?? 0)),
    )
  })

  it('rejects with the system error when a port is taken, and leaves nothing open', async () => {
    const first = await start({ venues: ['coinbase'] })
    const port = Number(new URL(first.endpoints['coinbase']?.rest ?? '').port)
    await expect(start({ venues: ['coinbase'], port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await first.stop()
    const again = await start({ venues: ['coinbase'], port })
    expect(again.endpoints['coinbase']?.rest).toContain(String(port))
  })
})
