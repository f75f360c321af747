/** Whole conversations with the simulated venues, made in memory: no socket, no clock. One stream's entries each. */
import type { Buffer } from 'node:buffer'

import type { EngineListener } from '../../simulator/engine/engine-event.ts'
import { bitfinexDialect } from '../../simulator/faults/bitfinex-dialect.ts'
import { ChaosFaults } from '../../simulator/faults/chaos.ts'
import { coinbaseDialect } from '../../simulator/faults/coinbase-dialect.ts'
import { addedFrame, changedFrames, fitsFrame } from '../../simulator/faults/frame-changes.ts'
import type { FrameDialect } from '../../simulator/faults/frame-dialect.ts'
import { BitfinexHall } from '../../simulator/venues/bitfinex-hall.ts'
import { TEST_CREDENTIALS } from '../../simulator/venues/coinbase-auth.ts'
import { CoinbaseFeed } from '../../simulator/venues/coinbase-feed.ts'
import { CoinbaseHall } from '../../simulator/venues/coinbase-hall.ts'
import { generatedMarket } from '../simulator/bitfinex/generated-market.ts'
import { signedFields } from '../simulator/venues/coinbase-client.ts'
import { FakeConnection } from '../simulator/venues/fake-connection.ts'
import { EntryScript, manifestOf } from './entries.ts'

export interface FeedOptions {
  readonly feed: string
  readonly seed: number
  /** Engine events told over each connection, about. */
  readonly events: number
  /** Frames are lost, doubled, swapped, cut short, spoiled, mixed with strange ones. */
  readonly isFaulty?: boolean
  readonly connections?: number
  /** The last connection stays open and the run goes on. */
  readonly isOpenEnded?: boolean
  /** Bitfinex: the flags of `conf`. */
  readonly flags?: number
  /** The truth: everything that happens in the engine while somebody is connected. */
  readonly onEngineEvent?: EngineListener
}

const PAIR = 'BTC-USD'
const SYMBOL = 'tBTCUSD'
const BOOK_URL = `http://simulated/products/${PAIR}/book?level=3`
const BITFINEX_FEEDS = ['R0', 'P0', 'P1', 'P2', 'P3', 'P4'] as const
const LONGEST = 5000
const ALL_FLAGS = 229_376

/** What comes over one connection: frames, and REST bodies between them. */
type Arrival = string | Buffer | { readonly body: string }

/** The arrivals as a bad line would bring them. */
const spoiled = (
  venue: string,
  arrivals: readonly Arrival[],
  dialect: FrameDialect,
  seed: number,
): readonly Arrival[] => {
  const chaos = new ChaosFaults('high', seed)
  const spoiledOnes: Arrival[] = []
  let overtaken: readonly string[] = []
  arrivals.forEach((arrival, index) => {
    if (typeof arrival !== 'string') {
      spoiledOnes.push(arrival)
      return
    }
    // What a session begins with stays whole: without it nothing would be decoded at all.
    const seconds = Math.max(0, index - 8) / 15
    const place = { venue, connection: 1, channel: dialect.channelOf(arrival), seconds }
    const faults = chaos.onFrame(place, (fault) => fitsFrame(fault, arrival, dialect))
    if (faults.some(({ kind }) => kind === 'sequence-restart')) dialect.restartNumbers(arrival)
    let texts: readonly string[] = [dialect.renumbered(arrival)]
    for (const fault of faults) texts = changedFrames(texts, fault, dialect)
    if (faults.some(({ kind }) => kind === 'swap')) {
      overtaken = texts
      return
    }
    for (const text of [...texts, ...overtaken]) spoiledOnes.push(text)
    overtaken = []
    for (const fault of faults) {
      const added = addedFrame(fault, dialect)
      if (added !== undefined) spoiledOnes.push(added.length > LONGEST ? added.slice(0, LONGEST) : added)
    }
  })
  return spoiledOnes
}

const addArrivals = (script: EntryScript, arrivals: readonly Arrival[], connection: number): void => {
  for (const arrival of arrivals) {
    script.after(7_000)
    if (typeof arrival === 'string') script.frame(arrival, connection)
    else if ('body' in arrival) script.response(BOOK_URL, arrival.body)
    else script.binary(arrival, connection)
  }
}

interface Conversation {
  readonly venue: string
  readonly symbol: string
  /** What comes over one more connection until the venue's engine has gone on by so many events. */
  readonly connect: (events: number) => readonly Arrival[]
  readonly newDialect: () => FrameDialect
}

const bitfinex = ({ feed, seed, flags = ALL_FLAGS, onEngineEvent }: FeedOptions): Conversation => {
  const { market, run } = generatedMarket(seed, PAIR, 300)
  const { engine } = market
  if (onEngineEvent !== undefined) engine.subscribe(onEngineEvent)
  const hall = new BitfinexHall({
    ...{ markets: [market], now: () => engine.lastTime, limits: undefined, quirks: undefined },
    ...{ rhythm: { milliseconds: 200, events: Infinity }, channelLimit: 25, heartbeat: 15_000 },
    patience: 60_000,
  })
  const connect = (events: number): readonly Arrival[] => {
    const client = new FakeConnection()
    hall.welcome(client.connection)
    client.say({ event: 'conf', flags })
    for (const channel of ['book', 'trades', 'ticker'])
      client.say({ event: 'subscribe', channel, symbol: SYMBOL, prec: feed, freq: 'F0', len: '100' })
    run(events)
    hall.flush()
    client.gone()
    return client.sent
  }
  return { venue: 'bitfinex', symbol: SYMBOL, connect, newDialect: () => bitfinexDialect().connected() }
}

/** Engine events between the bodies of the book. */
const BODY_EVERY = 400

const coinbase = ({ feed, seed, onEngineEvent }: FeedOptions): Conversation => {
  const { market, run } = generatedMarket(seed, PAIR, 300)
  if (onEngineEvent !== undefined) market.engine.subscribe(onEngineEvent)
  const now = (): number => market.engine.lastTime
  const served = new CoinbaseFeed(market, now, { varies: false, restBooks: 'current' })
  const hall = new CoinbaseHall({
    feeds: new Map([[PAIR, served]]),
    credentials: TEST_CREDENTIALS,
    ...{ limits: undefined, subscribeWithin: 5000, quirks: undefined },
  })
  const connect = (events: number): readonly Arrival[] => {
    const client = new FakeConnection()
    hall.welcome(client.connection)
    const channels = [feed, 'heartbeat', ...(feed === 'level2_batch' ? ['matches'] : [])]
    client.say({ type: 'subscribe', product_ids: [PAIR], channels, ...signedFields() })
    const arrivals: Arrival[] = []
    const goOn = (step: number): void => {
      run(step)
      served.beat()
      for (const text of client.sent.splice(0)) arrivals.push(text)
    }
    // A frame must come before the first body.
    goOn(10)
    for (let done = 0; done < events; done += BODY_EVERY) {
      arrivals.push({ body: served.books.byOrder(now()) })
      goOn(BODY_EVERY)
    }
    client.gone()
    return arrivals
  }
  return { venue: 'coinbase', symbol: PAIR, connect, newDialect: () => coinbaseDialect().connected() }
}

/** Entries of one run over several connections, one after the other. */
export const generatedFeed = (options: FeedOptions): Uint8Array => {
  const { feed, seed, isFaulty = false, connections = 1, isOpenEnded = false } = options
  const isBitfinex = BITFINEX_FEEDS.some((known) => known === feed)
  const { venue, symbol, connect, newDialect } = isBitfinex ? bitfinex(options) : coinbase(options)
  const script = new EntryScript().runStarted(manifestOf({ venue, symbol, feed }))
  for (let connection = 1; connection <= connections; connection++) {
    script.after(1_000_000).opened(connection)
    const arrivals = connect(options.events)
    const met = isFaulty ? spoiled(venue, arrivals, newDialect(), seed * 100 + connection) : arrivals
    addArrivals(script, met, connection)
    if (isOpenEnded && connection === connections) return script.records()
    script.closed(connection)
  }
  return script.runEnded().records()
}
