/**
 * The stream's book: which channel of which connection feeds it, whether it may be used, its bursts. Owns the life of
 * that book; what rows mean is theirs, and when to ask for a fresh start is Recovery's.
 */
import type { InvalidReason } from '../../market/event.ts'
import type { OrderHandle } from '../../market/order-ids.ts'
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import type { Micros } from '../../market/time.ts'
import type { DecoderSink } from '../venue.ts'
import type { ArrayFrame } from './array-frame.ts'
import type { BookRows, RowFailure } from './book-rows.ts'
import { Burst } from './burst.ts'
import { RowCells } from './exact-cell.ts'
import type { FrameBody } from './frame-body.ts'
import { LevelRows } from './level-rows.ts'
import { OrderRows } from './order-rows.ts'
import type { BookRequest } from './requests.ts'
import { Scales } from './scales.ts'
import type { StandbyBook } from './standby-book.ts'

/** The channel a book comes from. */
export interface BookSource extends BookRequest {
  readonly connection: number
  readonly chanId: number
}

/** `halted`: its channel goes on, but nothing of it is taken until the venue confirms a new subscription. */
export type BookPhase = 'absent' | 'awaiting-snapshot' | 'live' | 'halted'

/** Why a frame could not become part of the book. */
export interface BookFailure {
  readonly reason: RowFailure
  readonly detail: string
}

const PHASES = ['absent', 'awaiting-snapshot', 'live', 'halted'] as const

export class BookFeed {
  source: BookSource | undefined
  phase: BookPhase = 'absent'
  readonly scales = new Scales()
  readonly burst = new Burst()
  private rows: BookRows = new OrderRows(this.scales)
  private readonly cells = new RowCells()
  /** Undefined: the book may be used. */
  private reason: InvalidReason | undefined = 'no-snapshot'

  get isValid(): boolean {
    return this.reason === undefined
  }

  isFedBy(connection: number, chanId: number): boolean {
    return this.source?.connection === connection && this.source.chanId === chanId
  }

  /** The venue confirmed a subscription: its first data frame is the snapshot. */
  bind(source: BookSource, sink: DecoderSink): void {
    if (this.isValid) sink.disconnected('resubscribe')
    this.halt('resubscribe', sink)
    this.source = source
    this.phase = 'awaiting-snapshot'
  }

  /** The channel is gone. What was applied last stays. */
  release(): void {
    this.source = undefined
    this.phase = 'absent'
    this.burst.abandon()
  }

  /** Takes nothing more until a new subscription. A book that cannot be used already keeps its first reason. */
  halt(reason: InvalidReason, sink: DecoderSink): void {
    if (this.isValid) this.invalidate(reason, sink)
    this.burst.abandon()
    if (this.source !== undefined) this.phase = 'halted'
  }

  invalidate(reason: InvalidReason, sink: DecoderSink): void {
    if (this.reason === reason) return
    this.reason = reason
    sink.bookInvalid(reason)
  }

  private failure(reason: RowFailure, detail: string): BookFailure {
    return { reason, detail }
  }

  /** The whole book in one frame. */
  snapshot(frame: ArrayFrame, isVerified: boolean, sink: DecoderSink): BookFailure | undefined {
    const rows = this.newRows()
    const { body } = frame
    const refusal = body.refusalOf(rows.shape)
    if (refusal !== undefined) return this.failure('malformed', refusal)
    // Scales in which the last book could not be held may be too fine for this one too.
    if (this.reason === 'not-representable') this.scales.reset()
    const failure = this.admitAll(rows, body, true)
    if (failure !== undefined) return failure
    this.begin(rows, frame, sink)
    this.applyAll(rows, body, sink)
    this.becomeValid(isVerified, sink)
    sink.transactionEnded()
    return undefined
  }

  /** Goes over to the whole book of another connection. False, and nothing told, where it cannot be held exactly. */
  adopt(connection: number, standby: StandbyBook, sink: DecoderSink): boolean {
    const { cells, source } = this
    this.source = { ...standby.request, connection, chanId: standby.chanId }
    const rows = this.newRows()
    if (this.reason === 'not-representable') this.scales.reset()
    if (!standby.everyRow(cells, () => rows.admit(cells, true) === undefined)) {
      this.source = source
      return false
    }
    this.start(rows, standby.exchangeTime, standby.sequence, sink)
    standby.everyRow(cells, () => {
      rows.apply(cells, sink)
      return true
    })
    this.becomeValid(standby.isVerified, sink)
    if (standby.burstTime === undefined) sink.transactionEnded()
    else this.burst.extend(standby.burstTime)
    return true
  }

  /** A run that says so begins with an empty book that is complete. */
  startEmpty(frame: ArrayFrame, sink: DecoderSink): void {
    this.begin(this.newRows(), frame, sink)
    this.becomeValid(false, sink)
  }

  private newRows(): BookRows {
    return this.source?.prec.startsWith('P') === true
      ? new LevelRows(this.scales)
      : new OrderRows(this.scales)
  }

  private begin(rows: BookRows, frame: ArrayFrame, sink: DecoderSink): void {
    this.start(rows, frame.exchangeTime, frame.sequence, sink)
  }

  private start(
    rows: BookRows,
    exchangeTime: Micros | undefined,
    sequence: number | undefined,
    sink: DecoderSink,
  ): void {
    this.burst.abandon()
    this.rows = rows
    this.scales.tell(sink)
    sink.stamp(exchangeTime, sequence)
    // Orders of one price come by id: their real queue is not told.
    sink.bookStarted(rows.kind, false)
  }

  private becomeValid(isVerified: boolean, sink: DecoderSink): void {
    this.phase = 'live'
    this.reason = undefined
    sink.bookValid(isVerified)
  }

  /** One changed row. */
  update(frame: ArrayFrame, sink: DecoderSink): BookFailure | undefined {
    const { cells, rows } = this
    const refusal = frame.body.refusalOf(rows.shape)
    if (refusal !== undefined) return this.failure('malformed', refusal)
    frame.body.load(0, cells)
    const failure = rows.admit(cells, false)
    if (failure !== undefined) return this.failure(failure, textOf(cells))
    this.open(frame, sink)
    rows.apply(cells, sink)
    return undefined
  }

  /** Rows that the venue grouped: none of them is applied unless all can be. */
  group(frame: ArrayFrame, sink: DecoderSink): BookFailure | undefined {
    const { rows } = this
    const refusal = frame.body.refusalOf(rows.shape)
    if (refusal !== undefined) return this.failure('malformed', refusal)
    const failure = this.admitAll(rows, frame.body, false)
    if (failure !== undefined) return failure
    this.open(frame, sink)
    this.applyAll(rows, frame.body, sink)
    return undefined
  }

  private admitAll(rows: BookRows, body: FrameBody, isSnapshot: boolean): BookFailure | undefined {
    const { cells } = this
    for (let index = 0; index < body.rowCount; index++) {
      body.load(index, cells)
      const failure = rows.admit(cells, isSnapshot)
      if (failure !== undefined) return this.failure(failure, textOf(cells))
    }
    return undefined
  }

  private applyAll(rows: BookRows, body: FrameBody, sink: DecoderSink): void {
    const { cells } = this
    for (let index = 0; index < body.rowCount; index++) {
      body.load(index, cells)
      rows.apply(cells, sink)
    }
  }

  private open(frame: ArrayFrame, sink: DecoderSink): void {
    this.scales.tell(sink)
    sink.stamp(frame.exchangeTime, frame.sequence)
    this.burst.extend(frame.burstTime)
  }

  /** The venue's checksum of the book after all frames before it. */
  check(expected: number, frame: ArrayFrame, sink: DecoderSink): void {
    this.burst.end(sink)
    if (this.phase !== 'live') return
    sink.stamp(frame.exchangeTime, frame.sequence)
    sink.check(this.rows.checksum, expected)
  }

  orderId(order: OrderHandle): string {
    return this.rows.orderId(order)
  }

  reset(): void {
    this.release()
    this.scales.reset()
    this.rows = new OrderRows(this.scales)
    this.reason = 'no-snapshot'
  }

  save(writer: StateWriter): void {
    const { source } = this
    writer.bool(source !== undefined)
    if (source !== undefined) {
      writer.uint(source.connection)
      writer.uint(source.chanId)
      writer.text(source.symbol)
      writer.text(source.prec)
      writer.text(source.freq)
      writer.text(source.len)
    }
    writer.uint(PHASES.indexOf(this.phase))
    writer.optionalText(this.reason)
    this.scales.save(writer)
    this.burst.save(writer)
    writer.bool(this.rows.kind === 'orders')
    this.rows.save(writer)
  }

  restore(reader: StateReader): void {
    this.source = reader.bool()
      ? {
          connection: reader.uint(),
          chanId: reader.uint(),
          symbol: reader.text(),
          prec: reader.text(),
          freq: reader.text(),
          len: reader.text(),
        }
      : undefined
    this.phase = PHASES[reader.uint()] ?? 'absent'
    this.reason = reader.optionalText() as InvalidReason | undefined
    this.scales.restore(reader)
    this.burst.restore(reader)
    this.rows = reader.bool() ? new OrderRows(this.scales) : new LevelRows(this.scales)
    this.rows.restore(reader)
  }
}

const textOf = ({ first, second, third }: RowCells): string =>
  `${first.text},${second.text},${third.text}`.slice(0, 80)
