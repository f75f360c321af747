/** Collects what a report draws, in one replay of one stream: a visitor that passes time on to its columns. */
import type { InvalidReason } from '../../market/event.ts'
import type { Micros } from '../../market/time.ts'
import { LatencyHistogram } from '../../replay/derived/latency-histogram.ts'
import { QuietSink } from '../../replay/derived/quiet-sink.ts'
import { tradesTo } from '../../replay/derived/trades.ts'
import { visitAll } from '../../replay/derived/visit-all.ts'
import type { ReplayVisitor, StreamState } from '../../replay/stream-state.ts'
import { DepthColumns } from './depth-columns.ts'
import { PriceColumns } from './price-columns.ts'
import { QualityColumns } from './quality-columns.ts'
import type { TimeColumns } from './time-columns.ts'
import { TradeColumns } from './trade-columns.ts'

class CollectingSink extends QuietSink {
  private readonly state: StreamState
  private readonly collector: ReportCollector

  constructor(state: StreamState, collector: ReportCollector) {
    super()
    this.state = state
    this.collector = collector
  }

  override stamp(exchangeTime: Micros | undefined): void {
    if (exchangeTime !== undefined) this.collector.stamped(this.state.receiveTime - exchangeTime)
  }

  override bookStarted(): void {
    this.collector.broke(undefined)
  }

  override bookValid(): void {
    this.collector.isUsable = true
  }

  override bookInvalid(reason: InvalidReason): void {
    this.collector.broke(reason)
  }
}

export class ReportCollector {
  readonly columns: TimeColumns
  readonly prices: PriceColumns
  readonly depth = new DepthColumns()
  readonly quality: QualityColumns
  readonly trades: TradeColumns
  readonly latency = new LatencyHistogram()
  /** As the last event told. */
  isUsable = false
  private column = 0
  private time: Micros
  private hasBegun = false

  constructor(columns: TimeColumns) {
    this.columns = columns
    this.time = columns.start
    this.prices = new PriceColumns(columns.count)
    this.quality = new QualityColumns(columns)
    this.trades = new TradeColumns(columns)
  }

  /** Serves one replay of one stream, over the range of the columns. */
  visitor(): ReplayVisitor {
    let told: StreamState | undefined
    return visitAll([
      {
        sinkOf: (state) => {
          told = state
          return new CollectingSink(state, this)
        },
        entryBegins: (state, time) => {
          this.begin(state, time)
        },
        transactionEnded: (state) => {
          this.prices.read(this.column, state)
        },
        entryEnded: (state) => {
          const hasTurned = state.isValid !== this.prices.isUsable
          // In the middle of a transaction a book that has just become usable waits for its end.
          if (hasTurned && !(state.isValid && state.isMidTransaction)) this.prices.read(this.column, state)
          this.quality.look(state, state.receiveTime)
        },
        replayEnded: (lastInstant) => {
          if (told !== undefined) this.end(told, lastInstant ?? this.time)
        },
      },
      tradesTo((trade) => {
        this.trades.add(trade)
      }),
    ])
  }

  stamped(micros: number): void {
    // What the venue stamped in front of the range was received there too.
    if (this.hasBegun) this.latency.add(micros)
  }

  /** Undefined: the book begins anew. What was not usable does not break. */
  broke(reason: InvalidReason | undefined): void {
    this.prices.break(this.column)
    if (reason === undefined) return
    if (this.isUsable) this.quality.break(this.column, reason)
    this.isUsable = false
  }

  private begin(state: StreamState, time: Micros): void {
    if (!this.hasBegun) {
      this.hasBegun = true
      this.isUsable = state.isValid
      // The first entry of all has no book before it.
      if (time > this.time) {
        if (!state.isMidTransaction) this.prices.read(this.column, state)
        this.quality.look(state, this.time)
      }
    }
    // A hole in the log breaks the book behind the entry before it.
    if (state.seq > 0) this.quality.look(state, this.time)
    this.pass(state, time)
  }

  private pass(state: StreamState, time: Micros): void {
    const { columns } = this
    for (;;) {
      const end = columns.startOf(this.column + 1)
      if (time < end || this.column === columns.count - 1) break
      this.spend(state, end)
      this.depth.add(state)
      this.column++
    }
    this.spend(state, time)
  }

  private spend(state: StreamState, until: Micros): void {
    const micros = until - this.time
    if (micros <= 0) return
    if (state.isValid) this.prices.pass(this.column, micros)
    this.quality.pass(this.column, micros, state)
    this.time = until
  }

  private end(state: StreamState, lastInstant: Micros): void {
    this.pass(state, lastInstant)
    this.depth.add(state)
    this.quality.close(this.time)
  }
}
