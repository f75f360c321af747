/** Where the data can be trusted: spans without holes in which a book could be used, or could not and why. */
import type { InvalidReason } from '../../market/event.ts'
import { QuietSink } from '../../replay/derived/quiet-sink.ts'
import type { ReplayVisitor, StreamState } from '../../replay/stream-state.ts'
import type { RowBuffer } from '../columns/row-buffer.ts'
import { categoryOf, column, CommonColumns, commonColumns, FLAG, INTEGER, optionalColumn, REASONS, TIME } from './common-columns.ts' // prettier-ignore
import type { Table } from './table.ts'

class QualityRows extends QuietSink {
  private readonly state: StreamState
  private readonly rows: RowBuffer
  private readonly common: CommonColumns
  private hasBegun = false
  private start = 0
  private firstSeq = 0
  private isValid = false
  private isVerified = false
  private reason: InvalidReason | undefined
  private endedBy: InvalidReason | undefined
  private entries = 0
  private trades = 0
  private checks = 0

  constructor(state: StreamState, rows: RowBuffer) {
    super()
    this.state = state
    this.rows = rows
    this.common = new CommonColumns(rows, state)
  }

  override bookInvalid(reason: InvalidReason): void {
    this.endedBy = reason
  }

  override check(): void {
    this.checks++
  }

  override traded(): void {
    this.trades++
  }

  private begin(): void {
    const { state } = this
    this.start = state.receiveTime
    this.firstSeq = state.seq
    this.isValid = state.isValid
    this.isVerified = state.isVerified
    this.reason = state.invalidReason
    this.endedBy = undefined
    this.entries = 0
    this.trades = 0
    this.checks = 0
  }

  entryBegins(): void {
    if (this.hasBegun || this.state.seq === 0) return
    this.hasBegun = true
    this.begin()
  }

  entryEnded(): void {
    const { state } = this
    if (!this.hasBegun) {
      this.hasBegun = true
      this.begin()
      this.entries++
      return
    }
    this.entries++
    if (
      state.isValid === this.isValid &&
      state.isVerified === this.isVerified &&
      state.invalidReason === this.reason
    )
      return
    this.tell(state.receiveTime, this.isValid && !state.isValid ? this.endedBy : undefined)
    this.begin()
  }

  tell(end: number, endedBy: InvalidReason | undefined): void {
    const { rows, state } = this
    if (!this.hasBegun || !rows.begin(state.receiveTime)) return
    const { row } = rows
    this.common.putTold(row, state.seq, state.receiveTime, state.exchangeTime, this.isValid)
    rows.integers('start_time').put(row, this.start)
    rows.integers('end_time').put(row, end)
    rows.integers('first_seq').put(row, this.firstSeq)
    rows.bytes('verified').put(row, this.isVerified ? 1 : 0)
    rows.bytes('reason').putWord(row, this.reason)
    rows.bytes('ended_by').putWord(row, endedBy)
    rows.integers('entries').put(row, this.entries)
    rows.integers('trades').put(row, this.trades)
    rows.integers('checksums').put(row, this.checks)
    rows.end()
  }
}

export const qualityTable: Table = {
  define: ({ streams }) => ({
    kind: 'quality',
    doc: 'Spans of one state of the book, without holes between them. ended_by is the gap or interruption that ended a usable book.',
    columns: [
      ...commonColumns(streams),
      column('start_time', TIME, 'µs UTC', 'The span begins with the entry received then.'),
      column('end_time', TIME, 'µs UTC', 'The span ends where the next one begins.'),
      column('first_seq', INTEGER, 'entry', 'The entry that the span begins with; seq is the one that ended it.'),
      column('verified', FLAG, '', "A proof of the venue (its sequence, its checksum) held for the book."),
      optionalColumn('reason', categoryOf(REASONS), '', 'Why the book could not be used in this span.'),
      optionalColumn('ended_by', categoryOf(REASONS), '', 'What ended a usable book.'),
      column('entries', INTEGER, 'entries', 'Entries behind the first one, up to the one that ended it.'),
      column('trades', INTEGER, 'trades', 'Trades told in them, those told twice included.'),
      column('checksums', INTEGER, '', 'Checksums of the venue that were compared; a wrong one ends the span with checksum.'),
    ], // prettier-ignore
  }),
  visitor: (rows): ReplayVisitor => {
    const sinks = new Map<StreamState, QualityRows>()
    const sinkOf = (state: StreamState): QualityRows => {
      const sink = sinks.get(state) ?? new QualityRows(state, rows)
      sinks.set(state, sink)
      return sink
    }
    return {
      sinkOf,
      entryBegins: (state) => {
        sinkOf(state).entryBegins()
      },
      entryEnded: (state) => {
        sinkOf(state).entryEnded()
      },
      replayEnded: () => {
        for (const [state, sink] of sinks) sink.tell(state.receiveTime, undefined)
      },
    }
  },
}
