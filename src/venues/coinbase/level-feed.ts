/**
 * One product's `level2` messages and trades: a book by price level that the venue gives no means to verify. Zero is
 * tested on the value; the feed has no numbers, so a loss cannot be seen here. Of redundant connections the book follows
 * one; the others' books are kept as copies to go over to.
 */
import { type DisconnectCause, type InvalidReason, isGapCause } from '../../market/event.ts'
import { NO_ORDER } from '../../market/order-ids.ts'
import { aggressorAgainst } from '../../market/side.ts'
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import type { Micros } from '../../market/time.ts'
import type { DecoderSink } from '../venue.ts'
import { type Failure, failureOf } from './failure.ts'
import { LevelSnapshot, LevelUpdate, Trade } from './frames.ts'
import type { Scales } from './instruments.ts'
import { LevelCopy } from './level-copy.ts'
import { type BookRows, readRows, type ScaledRows } from './rows.ts'
import { exchangeTimeOf } from './venue-time.ts'

/** Trades of redundant connections come twice: ids are remembered as far back as this. */
const REMEMBERED_TRADES = 1_000
const RECONNECT_DELAY = 1_000
/** Connections whose books are kept besides. */
const MOST_COPIES = 8
/** No connection has this number. */
const NOBODY = -1

export class LevelFeed {
  private readonly scales: Scales
  private isLive = false
  /** The connection that the book follows. */
  private followed = NOBODY
  private readonly copies = new Map<number, LevelCopy>()
  private startsEmpty = false
  private latestTrade = -1
  /** The last ids in the order they came; `nextTrade` is where the next one goes. */
  private trades: number[] = []
  private nextTrade = 0

  constructor(scales: Scales) {
    this.scales = scales
  }

  begin(startsEmpty: boolean): void {
    this.disconnect()
    this.startsEmpty = startsEmpty
    this.latestTrade = -1
    this.trades = []
    this.nextTrade = 0
  }

  /** The last connection is gone. */
  disconnect(): void {
    this.isLive = false
    this.followed = NOBODY
    this.copies.clear()
  }

  /** One of several connections is gone. */
  lose(connection: number, cause: DisconnectCause, sink: DecoderSink): void {
    this.copies.delete(connection)
    if (connection !== this.followed) return
    this.followed = NOBODY
    const wasLive = this.isLive
    this.isLive = false
    if (!wasLive || this.takeOver(sink)) return
    sink.bookInvalid(cause)
    sink.disconnected(cause)
  }

  /** Whether the book is made of this connection's messages: it follows none of the others. */
  isFor(connection: number): boolean {
    return !this.isLive || connection === this.followed
  }

  /** Goes over to the book of another connection, if there is one. */
  private takeOver(sink: DecoderSink): boolean {
    for (const [connection, copy] of this.copies) {
      this.copies.delete(connection)
      const rows = readRows(copy.rows('buy'), copy.rows('sell'), false, this.scales, sink)
      if ('cause' in rows) {
        this.reconnect(connection, sink)
        continue
      }
      this.isLive = true
      this.followed = connection
      this.tell(rows, exchangeTimeOf(copy.time), sink)
      return true
    }
    return false
  }

  private tell(rows: BookRows, time: Micros | undefined, sink: DecoderSink): void {
    this.startsEmpty = false
    sink.stamp(time, undefined)
    sink.bookStarted('levels', false)
    setLevels('bid', rows.bids, sink)
    setLevels('ask', rows.asks, sink)
    sink.bookValid(false)
    sink.transactionEnded()
  }

  private copySnapshot(message: unknown, connection: number, sink: DecoderSink): void {
    const copy = LevelCopy.of(message)
    if (copy !== undefined && this.copies.size < MOST_COPIES) this.copies.set(connection, copy)
    else this.dropCopy(connection, 'snapshot', sink)
  }

  private copyUpdate(message: unknown, connection: number, sink: DecoderSink): void {
    const copy = this.copies.get(connection)
    if (copy !== undefined && !copy.update(message)) this.dropCopy(connection, 'l2update', sink)
  }

  private dropCopy(connection: number, type: string, sink: DecoderSink): void {
    this.copies.delete(connection)
    sink.undecoded(`malformed:${type}`)
    this.reconnect(connection, sink)
  }

  private reconnect(connection: number, sink: DecoderSink): void {
    sink.command({ kind: 'reconnect', connection, cause: 'resubscribe', delay: RECONNECT_DELAY })
  }

  snapshot(message: unknown, connection: number, sink: DecoderSink): void {
    if (!this.isFor(connection)) {
      this.copySnapshot(message, connection, sink)
      return
    }
    const isWhole = LevelSnapshot.is(message)
    const rows = isWhole
      ? readRows(message.bids, message.asks, false, this.scales, sink)
      : failureOf('malformed', 'snapshot')
    this.load(rows, isWhole ? exchangeTimeOf(message.time) : undefined, connection, sink)
  }

  /** Tells a whole book; a failure where its rows could not be read. */
  load(rows: BookRows | Failure, time: Micros | undefined, connection: number, sink: DecoderSink): void {
    // Without it there is no book at all, whether or not there was one before.
    this.isLive = true
    this.followed = connection
    this.copies.delete(connection)
    if ('cause' in rows) this.failOn(rows, 'snapshot', connection, sink)
    else this.tell(rows, time, sink)
  }

  update(message: unknown, connection: number, sink: DecoderSink): void {
    if (!this.isFor(connection)) {
      this.copyUpdate(message, connection, sink)
      return
    }
    if (!this.beginUpdate(connection, sink)) return
    const failure = LevelUpdate.is(message)
      ? this.applyUpdate(message, sink)
      : failureOf('malformed', 'l2update')
    this.endUpdate(failure, connection, sink)
  }

  /** An update comes; false when there is no book to take it. */
  beginUpdate(connection: number, sink: DecoderSink): boolean {
    if (!this.isLive && !this.startsEmpty) return false
    if (this.startsEmpty) {
      this.startsEmpty = false
      this.isLive = true
      this.followed = connection
      sink.bookStarted('levels', false)
      sink.bookValid(false)
    }
    return true
  }

  endUpdate(failure: Failure | undefined, connection: number, sink: DecoderSink): void {
    if (failure !== undefined) this.failOn(failure, 'l2update', connection, sink)
    else sink.transactionEnded()
  }

  private applyUpdate(message: LevelUpdate, sink: DecoderSink): Failure | undefined {
    sink.stamp(exchangeTimeOf(message.time), undefined)
    for (const [side, priceText, sizeText] of message.changes) {
      const failure = this.scales.read(priceText, sizeText, sink)
      if (failure !== undefined) return failure
      this.tellLevel(side, sink)
    }
    return undefined
  }

  /** A level at the price and size that the scales read last. */
  tellLevel(side: 'buy' | 'sell', sink: DecoderSink): void {
    const { lastPrice: price, lastSize: size } = this.scales
    sink.levelSet(side === 'buy' ? 'bid' : 'ask', price, size, undefined)
  }

  trade(message: unknown, sink: DecoderSink): void {
    // A trade that cannot be read is no trouble of the book's.
    if (!Trade.is(message) || this.scales.read(message.price, message.size, sink) !== undefined)
      sink.undecoded('malformed:match')
    else this.tellTrade(message.trade_id, message.side, exchangeTimeOf(message.time), message.sequence, sink)
  }

  /** A trade at the price and size that the scales read last. */
  tellTrade(
    id: number | undefined,
    side: 'buy' | 'sell',
    time: Micros | undefined,
    sequence: number | undefined,
    sink: DecoderSink,
  ): void {
    if (id !== undefined && !this.isNewTrade(id)) return
    const { lastPrice: price, lastSize: size } = this.scales
    sink.stamp(time, sequence)
    sink.traded(id, price, size, aggressorAgainst(side === 'buy' ? 'bid' : 'ask'), NO_ORDER)
  }

  private isNewTrade(id: number): boolean {
    if (id <= this.latestTrade && this.trades.includes(id)) return false
    this.latestTrade = Math.max(this.latestTrade, id)
    this.trades[this.nextTrade] = id
    this.nextTrade = (this.nextTrade + 1) % REMEMBERED_TRADES
    return true
  }

  private failOn(failure: Failure, type: string, connection: number, sink: DecoderSink): void {
    if (failure.cause === 'malformed') sink.undecoded(`malformed:${type}`)
    this.fail(failure.cause, failure.detail, connection, sink)
  }

  /** The book refuses what was told last. Where entries of the log are missing, no connection's book is whole. */
  reject(cause: InvalidReason, detail: string, connection: number, sink: DecoderSink): void {
    if (cause === 'missing-entries') {
      for (const other of this.copies.keys()) this.reconnect(other, sink)
      this.copies.clear()
    }
    this.fail(cause, detail, this.followed === NOBODY ? connection : this.followed, sink)
  }

  /** The connection's book cannot be trusted any more: another one's takes its place, or only a new subscription does. */
  private fail(cause: InvalidReason, detail: string, connection: number, sink: DecoderSink): void {
    if (!this.isLive) return
    this.isLive = false
    this.followed = NOBODY
    if (cause === 'not-representable') this.scales.giveUp()
    sink.bookInvalid(cause)
    if (isGapCause(cause)) sink.gap({ cause, expected: '', found: detail })
    this.reconnect(connection, sink)
    this.takeOver(sink)
  }

  save(writer: StateWriter): void {
    writer.bool(this.isLive)
    writer.bool(this.startsEmpty)
    writer.int(this.latestTrade)
    writer.uint(this.nextTrade)
    writer.uint(this.trades.length)
    for (const id of this.trades) writer.uint(id)
    writer.int(this.followed)
    writer.uint(this.copies.size)
    for (const [connection, copy] of this.copies) {
      writer.uint(connection)
      copy.save(writer)
    }
  }

  restore(reader: StateReader): void {
    this.isLive = reader.bool()
    this.startsEmpty = reader.bool()
    this.latestTrade = reader.int()
    this.nextTrade = reader.uint()
    const count = reader.uint()
    this.trades = []
    for (let index = 0; index < count; index++) this.trades.push(reader.uint())
    this.followed = reader.int()
    this.copies.clear()
    for (let left = reader.uint(); left > 0; left--) {
      const connection = reader.uint()
      const copy = new LevelCopy()
      copy.restore(reader)
      this.copies.set(connection, copy)
    }
  }
}

const setLevels = (side: 'bid' | 'ask', rows: ScaledRows, sink: DecoderSink): void => {
  for (let index = 0; index < rows.prices.length; index++) {
    const price = rows.prices[index]
    const size = rows.sizes[index]
    if (price === undefined || size === undefined) return
    if (size > 0) sink.levelSet(side, price, size, undefined)
  }
}
