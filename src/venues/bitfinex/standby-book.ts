/**
 * The book of a redundant connection that the stream does not follow: rows as texts, judged and checked as the followed
 * book's are, told to nobody before the stream goes over to it. Channel, counter and bursts are its own socket's.
 */
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import { type Micros, microsOf } from '../../market/time.ts'
import type { ArrayFrame } from './array-frame.ts'
import type { BookRows, RowFailure } from './book-rows.ts'
import { CHECKSUM_DEPTH, checksumOf } from './checksum.ts'
import { RowCells } from './exact-cell.ts'
import { LevelRows } from './level-rows.ts'
import { exactNumberOf } from './literals.ts'
import { OrderRows } from './order-rows.ts'
import type { BookRequest } from './requests.ts'
import { Scales } from './scales.ts'

/** The venue keeps 250 a side. Far more of them means that deletes are missing. */
const MOST_ROWS = 10_000

type RowTexts = readonly [first: string, second: string, third: string]

/** `halted`: nothing of it is taken until the venue confirms a new subscription. */
type StandbyPhase = 'awaiting-snapshot' | 'live' | 'halted'
const PHASES = ['awaiting-snapshot', 'live', 'halted'] as const

export class StandbyBook {
  readonly chanId: number
  readonly request: BookRequest
  phase: StandbyPhase
  isVerified = false
  /** What the venue said of the last change. */
  exchangeTime: Micros | undefined
  sequence: number | undefined
  /** The last frame of a burst that is not over. */
  burstTime: Micros | undefined
  private rows = new Map<string, RowTexts>()
  private readonly cells = new RowCells()
  private readonly judge: BookRows

  constructor(chanId: number, request: BookRequest, phase: StandbyPhase = 'awaiting-snapshot') {
    this.chanId = chanId
    this.request = request
    this.phase = phase
    this.judge = this.isByLevel ? new LevelRows(new Scales()) : new OrderRows(new Scales())
  }

  private get isByLevel(): boolean {
    return this.request.prec.startsWith('P')
  }

  /** Puts each row into the cells and calls; stops where that says false. False where it did. */
  everyRow(cells: RowCells, take: () => boolean): boolean {
    for (const [first, second, third] of this.rows.values()) {
      cells.first.setParsed(exactNumberOf(first))
      cells.second.setParsed(exactNumberOf(second))
      cells.third.setParsed(exactNumberOf(third))
      if (!take()) return false
    }
    return true
  }

  halt(): void {
    this.phase = 'halted'
    this.rows.clear()
    this.burstTime = undefined
  }

  /** A frame of the channel with rows. `isBulk`: nested rows may be a group. */
  take(frame: ArrayFrame, isBulk: boolean, isProven: boolean): RowFailure | undefined {
    const { body } = frame
    if (body.refusalOf(this.judge.shape) !== undefined) return 'malformed'
    const isSnapshot = body.isList && !(isBulk && this.phase === 'live')
    if (!isSnapshot && this.phase !== 'live') return 'malformed'
    if (isSnapshot) this.rows.clear()
    for (let index = 0; index < body.rowCount; index++) {
      body.load(index, this.cells)
      const failure = this.judge.admit(this.cells, isSnapshot)
      if (failure !== undefined) return failure
      this.apply()
    }
    if (this.rows.size > MOST_ROWS) return 'contradiction'
    this.exchangeTime = frame.exchangeTime
    this.sequence = frame.sequence
    if (isSnapshot) {
      this.phase = 'live'
      this.isVerified = isProven
      this.burstTime = undefined
    } else this.burstTime = frame.burstTime
    return undefined
  }

  private apply(): void {
    const { first, second, third } = this.cells
    const key = this.isByLevel
      ? `${third.isPositive ? 'bid' : 'ask'}${String(first.number)}`
      : String(first.number)
    if (this.isByLevel ? second.number === 0 : second.isZero) this.rows.delete(key)
    else this.rows.set(key, [first.text, second.text, third.text])
  }

  /** The venue's checksum of the book after all frames before it. False when it is another's. */
  check(expected: number): boolean {
    this.burstTime = undefined
    this.isVerified = checksumOf(this.entriesOf(true), this.entriesOf(false)) === expected
    return this.isVerified
  }

  private entriesOf(isBid: boolean): readonly string[] {
    const place = this.isByLevel ? 0 : 1
    const rows = [...this.rows.values()].filter(([, , amount]) => amount.startsWith('-') !== isBid)
    const direction = isBid ? -1 : 1
    rows.sort((a, b) => direction * (Number(a[place]) - Number(b[place])) || Number(a[0]) - Number(b[0]))
    return rows.slice(0, CHECKSUM_DEPTH).map(([first, , amount]) => `${first}:${amount}`)
  }

  save(writer: StateWriter): void {
    writer.uint(this.chanId)
    const { symbol, prec, freq, len } = this.request
    for (const text of [symbol, prec, freq, len]) writer.text(text)
    writer.uint(PHASES.indexOf(this.phase))
    writer.bool(this.isVerified)
    writer.optionalNumber(this.exchangeTime)
    writer.optionalNumber(this.sequence)
    writer.optionalNumber(this.burstTime)
    writer.uint(this.rows.size)
    for (const [key, row] of this.rows) for (const text of [key, ...row]) writer.text(text)
  }

  static restore(reader: StateReader): StandbyBook {
    const chanId = reader.uint()
    const request = { symbol: reader.text(), prec: reader.text(), freq: reader.text(), len: reader.text() }
    const standby = new StandbyBook(chanId, request, PHASES[reader.uint()] ?? 'halted')
    standby.isVerified = reader.bool()
    const exchangeTime = reader.optionalNumber()
    standby.exchangeTime = exchangeTime === undefined ? undefined : microsOf(exchangeTime)
    standby.sequence = reader.optionalNumber()
    const burstTime = reader.optionalNumber()
    standby.burstTime = burstTime === undefined ? undefined : microsOf(burstTime)
    for (let left = reader.uint(); left > 0; left--)
      standby.rows.set(reader.text(), [reader.text(), reader.text(), reader.text()])
    return standby
  }
}
