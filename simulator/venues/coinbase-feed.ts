/** Sends one product's channels to the clients that have them: words each event once, however many read it. */
import type { EngineEvent } from '../engine/engine-event.ts'
import { Rng } from '../engine/random.ts'
import { CoinbaseBooks, type RestBooks } from './coinbase-books.ts'
import type { Subscription } from './coinbase-channels.ts'
import type { CoinbaseClient } from './coinbase-client.ts'
import { BATCH_SPAN, LevelChanges, levelSnapshot, noteChanges } from './coinbase-levels.ts'
import { CoinbaseRenderer, LEVEL3_SCHEMA } from './coinbase-render.ts'
import { PLAIN_STYLE, styleOf } from './coinbase-style.ts'
import { CoinbaseTrades, TICKER_SPAN } from './coinbase-trades.ts'
import type { SimulatedMarket } from './simulated-venue.ts'

/** Of a thousand heartbeats, how many are told ahead of the book. */
const LEADING_HEARTBEATS = 300

export interface FeedHabits {
  /** Whether wording and heartbeats vary, by the market's seed. */
  readonly varies: boolean
  readonly restBooks: RestBooks
}

type Readers = readonly CoinbaseClient[]

export class CoinbaseFeed {
  readonly market: SimulatedMarket
  readonly render: CoinbaseRenderer
  readonly trades: CoinbaseTrades
  readonly books: CoinbaseBooks
  private readonly habits: FeedHabits
  private readonly random: Rng
  private readonly now: () => number
  private readonly eachChange: LevelChanges
  private readonly batch: LevelChanges
  private full: Readers = []
  private level3: Readers = []
  private matches: Readers = []
  private level2: Readers = []
  private level2Batch: Readers = []
  private ticker: Readers = []
  private tickerBatch: Readers = []
  private heartbeats: Readers = []
  private hasTraded = false
  /** A heartbeat is owed that goes right before the event whose number it tells. */
  private owesHeartbeat = false
  private batchedTrade: number | undefined
  private batchedAt = -Infinity

  /** `now`: the venue's time, microseconds. */
  constructor(market: SimulatedMarket, now: () => number, habits: FeedHabits) {
    const { pair, engine, seed } = market
    this.market = market
    this.now = now
    this.habits = habits
    this.random = new Rng(seed)
    const style = habits.varies ? styleOf(seed) : PLAIN_STYLE
    this.render = new CoinbaseRenderer(market, style)
    const restRender = new CoinbaseRenderer(market, { ...style, isPadded: style.isPaddedInRest })
    const { render, random } = this
    this.books = new CoinbaseBooks({ market, render, restRender, timing: habits.restBooks, random })
    this.books.remember(now())
    this.trades = new CoinbaseTrades(pair, engine, this.render)
    this.eachChange = new LevelChanges(pair, engine, this.render)
    this.batch = new LevelChanges(pair, engine, this.render)
    engine.subscribe((event) => this.apply(event))
  }

  /** The subscriptions of some client changed, or a client left. */
  regroup(clients: readonly CoinbaseClient[]): void {
    this.flush()
    const having = (channel: string): Readers =>
      clients.filter(({ subscriptions }) => subscriptions.has(channel, this.market.pair))
    this.full = having('full')
    this.level3 = having('level3')
    // A match is told once to a client that has it from two channels.
    this.matches = having('matches').filter((client) => !this.full.includes(client))
    this.level2 = having('level2')
    this.level2Batch = having('level2_batch')
    this.ticker = having('ticker')
    this.tickerBatch = having('ticker_batch')
    this.heartbeats = having('heartbeat')
  }

  /** What a channel begins with. */
  start(client: CoinbaseClient, { channel }: Subscription): void {
    const { pair, engine } = this.market
    if (channel === 'level3') client.send(LEVEL3_SCHEMA)
    if (channel === 'level2' || channel === 'level2_batch')
      client.send(levelSnapshot(pair, engine, this.render, this.now()))
    if (channel === 'matches' && this.trades.last !== undefined)
      client.send(this.render.match('last_match', this.trades.last))
    const ticker = channel === 'ticker' || channel === 'ticker_batch' ? this.trades.ticker() : undefined
    if (ticker !== undefined) client.send(ticker)
  }

  /** Called once a second. */
  beat(): void {
    this.books.remember(this.now())
    this.tellTickerBatch(this.now())
    if (this.heartbeats.length === 0) return
    const isLate = this.habits.varies && !this.owesHeartbeat && this.random.chance(LEADING_HEARTBEATS)
    this.owesHeartbeat = isLate
    if (!isLate) this.heartbeat(this.market.engine.lastNumber)
  }

  /** Readers of every event get nothing for so many milliseconds, then all of it. */
  hold(milliseconds: number): void {
    for (const reader of new Set([...this.full, ...this.level3])) reader.hold(milliseconds)
  }

  private heartbeat(sequence: number): void {
    const { pair, engine } = this.market
    const numbers = `"sequence":${String(sequence)},"last_trade_id":${String(engine.lastTrade ?? 0)}`
    const time = this.render.time(this.now())
    toAll(this.heartbeats, `{"type":"heartbeat",${numbers},"product_id":"${pair}","time":"${time}"}`)
  }

  private tellTickerBatch(time: number): void {
    const trade = this.trades.last?.trade
    if (this.tickerBatch.length === 0 || trade === this.batchedTrade) return
    if (time - this.batchedAt < TICKER_SPAN) return
    this.batchedTrade = trade
    this.batchedAt = time
    const ticker = this.trades.ticker()
    if (ticker !== undefined) toAll(this.tickerBatch, ticker)
  }

  /** Tells what `level2_batch` still holds. */
  flush(): void {
    const update = this.batch.message()
    if (update !== undefined) toAll(this.level2Batch, update)
  }

  private apply(event: EngineEvent): void {
    if (this.owesHeartbeat) {
      this.owesHeartbeat = false
      this.heartbeat(event.number)
    }
    if (this.level2.length > 0) noteChanges(this.eachChange, event)
    if (this.level2Batch.length > 0) noteChanges(this.batch, event)
    if (this.full.length > 0) toAll(this.full, this.render.full(event))
    if (this.level3.length > 0) toAll(this.level3, this.render.level3(event))
    if (event.kind === 'match') {
      this.hasTraded = true
      this.trades.add(event)
      if (this.matches.length > 0) toAll(this.matches, this.render.match('match', event))
    }
    this.render.follow(event)
    if (event.last) this.transactionEnded(event.time)
  }

  private transactionEnded(time: number): void {
    if (this.level2.length > 0) for (const text of this.eachChange.messages()) toAll(this.level2, text)
    if (this.batch.span >= BATCH_SPAN) this.flush()
    if (!this.hasTraded) return
    this.hasTraded = false
    const ticker = this.ticker.length > 0 ? this.trades.ticker() : undefined
    if (ticker !== undefined) toAll(this.ticker, ticker)
    this.tellTickerBatch(time)
  }
}

const toAll = (readers: Readers, text: string): void => {
  for (const reader of readers) reader.send(text)
}
