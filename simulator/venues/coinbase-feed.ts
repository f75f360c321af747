/** Sends one product's channels to the clients that have them: words each event once, however many read it. */
import type { EngineEvent } from '../engine/engine-event.ts'
import type { Subscription } from './coinbase-channels.ts'
import type { CoinbaseClient } from './coinbase-client.ts'
import { LevelChanges, levelSnapshot } from './coinbase-levels.ts'
import { CoinbaseRenderer, LEVEL3_SCHEMA } from './coinbase-render.ts'
import { CoinbaseTrades } from './coinbase-trades.ts'
import type { SimulatedMarket } from './simulated-venue.ts'

/** What `level2_batch` collects before it tells, in microseconds. */
const BATCH_SPAN = 50_000

type Readers = readonly CoinbaseClient[]

export class CoinbaseFeed {
  readonly market: SimulatedMarket
  readonly render: CoinbaseRenderer
  readonly trades: CoinbaseTrades
  private readonly now: () => number
  private readonly eachChange: LevelChanges
  private readonly batch: LevelChanges
  private full: Readers = []
  private level3: Readers = []
  private matches: Readers = []
  private level2: Readers = []
  private level2Batch: Readers = []
  private ticker: Readers = []
  private heartbeats: Readers = []
  private hasTraded = false

  /** `now`: the venue's time, microseconds. */
  constructor(market: SimulatedMarket, now: () => number) {
    const { pair, engine } = market
    this.market = market
    this.now = now
    this.render = new CoinbaseRenderer(market)
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

  heartbeat(): void {
    if (this.heartbeats.length === 0) return
    const { pair, engine } = this.market
    const numbers = `"sequence":${String(engine.lastNumber)},"last_trade_id":${String(engine.lastTrade ?? 0)}`
    const time = this.render.time(this.now())
    toAll(this.heartbeats, `{"type":"heartbeat",${numbers},"product_id":"${pair}","time":"${time}"}`)
  }

  /** Tells what `level2_batch` still holds. */
  flush(): void {
    const update = this.batch.message()
    if (update !== undefined) toAll(this.level2Batch, update)
  }

  private apply(event: EngineEvent): void {
    if (this.level2.length > 0) this.eachChange.apply(event)
    if (this.level2Batch.length > 0) this.batch.apply(event)
    if (this.full.length > 0) toAll(this.full, this.render.full(event))
    if (this.level3.length > 0) toAll(this.level3, this.render.level3(event))
    if (event.kind === 'match') {
      this.hasTraded = true
      this.trades.add(event)
      if (this.matches.length > 0) toAll(this.matches, this.render.match('match', event))
    }
    this.render.follow(event)
    if (event.last) this.transactionEnded()
  }

  private transactionEnded(): void {
    if (this.level2.length > 0) for (const text of this.eachChange.messages()) toAll(this.level2, text)
    if (this.batch.span >= BATCH_SPAN) this.flush()
    if (!this.hasTraded) return
    this.hasTraded = false
    const ticker = this.ticker.length > 0 ? this.trades.ticker() : undefined
    if (ticker !== undefined) toAll(this.ticker, ticker)
  }
}

const toAll = (readers: Readers, text: string): void => {
  for (const reader of readers) reader.send(text)
}
