import { afterEach, describe, expect, it } from 'vitest'

import { type SimulatedVenueId, type Simulation, startSimulation } from '../../../simulator/simulate.ts'
import { venueById } from '../../../src/app/production.ts'
import { EntryCursor } from '../../../src/log/entry.ts'
import { microsOf } from '../../../src/market/time.ts'
import { EntryLog } from '../../../src/recorder/feed/entry-log.ts'
import { Feed } from '../../../src/recorder/feed/feed.ts'
import { systemScheduler } from '../../../src/recorder/scheduler.ts'
import { BookKeeper } from '../../../src/replay/keeper/book-keeper.ts'
import { getRest } from '../../../src/transport/rest.ts'
import { connectWebSocket } from '../../../src/transport/websocket.ts'
import { until } from '../../simulator/playback/playback-client.ts'
import { manifestOf } from '../../support/entries.ts'

let simulation: Simulation | undefined
let feed: Feed | undefined
afterEach(async () => {
  await feed?.stop()
  await simulation?.stop()
})

interface Watched {
  readonly keeper: BookKeeper
  /** Answers about the product that were recorded. */
  readonly answers: () => number
  readonly say: (query: string) => Promise<void>
}

/** A live feed of a simulated venue that asks for its product ten times a second. */
const watch = async (id: SimulatedVenueId, symbol: string, choice: string): Promise<Watched> => {
  simulation = await startSimulation({
    seed: 4,
    venues: [id],
    pairs: ['BTC-USD'],
    rate: 50,
    orders: 100,
    control: true,
  })
  const endpoints = simulation.endpoints[id] ?? { ws: '', rest: '' }
  const known = venueById(id)
  if (known?.productRefresh === undefined) throw new Error('no venue, or it is not asked again')
  const venue = { ...known, productRefresh: { ...known.productRefresh, interval: 100 } }
  let answers = 0
  const keeper = new BookKeeper(venue, {
    onCommand: (command) => feed?.handle(command),
    onStarted: (connection) => feed?.noteStarted(connection),
  })
  const now = () => microsOf(Date.now() * 1000)
  const log = new EntryLog({
    ...{ lastSeq: 0, lastReceiveTime: microsOf(0), now, scheduler: systemScheduler },
    onBatch: ({ records }) => {
      const cursor = new EntryCursor(records)
      while (cursor.next()) if (cursor.kind === 'response') answers++
      keeper.applyRecords(records)
    },
  })
  feed = new Feed({
    ...{ venue, endpoints, log, now, lastConnection: 0 },
    manifest: manifestOf({ venue: id, symbol, feed: choice }),
    session: { symbol, feed: choice, credentials: undefined },
    ...{ connect: connectWebSocket, get: getRest, scheduler: systemScheduler },
    random: () => 0.5,
    mayConnect: (granted) => {
      granted()
    },
    onReport: () => undefined,
  })
  feed.start()
  await until('a book', () => keeper.summary().valid)
  const say = async (query: string): Promise<void> => {
    await fetch(`${endpoints.rest}/simulator/product?stream=${id}:BTC-USD&${query}`, { method: 'POST' })
  }
  return { keeper, answers: () => answers, say }
}

describe('a product that changes while it is recorded', () => {
  it('shows its restrictions, its steps and its end at Coinbase, each recorded as an answer', async () => {
    const { keeper, answers, say } = await watch('coinbase', 'BTC-USD', 'level2_batch')
    const product = () => keeper.summary().product
    expect(product()).toMatchObject({ trading: 'open', says: 'online' })
    const before = answers()
    await say('restrictions=cancel_only')
    await until('cancel-only', () => product()?.trading === 'limited')
    expect(product()?.says).toBe('online, cancel_only')
    await say('restrictions=&status=online&priceStep=0.00001')
    await until('a finer step', () => product()?.priceIncrement === '0.00001')
    expect(keeper.book().priceScale).toBe(5)
    expect(keeper.summary()).toMatchObject({ valid: true, product: { trading: 'open' } })
    await say('status=delisted')
    await until('the end', () => product()?.trading === 'delisted')
    expect(answers()).toBeGreaterThan(before)
  })

  it('shows that Bitfinex lists it no more', async () => {
    const { keeper, say } = await watch('bitfinex', 'tBTCUSD', 'R0')
    expect(keeper.summary().product?.trading).toBe('open')
    await say('status=delisted')
    await until('the end', () => keeper.summary().product?.trading === 'delisted')
    await say('status=online')
    await until('its return', () => keeper.summary().product?.trading === 'open')
  })
})
