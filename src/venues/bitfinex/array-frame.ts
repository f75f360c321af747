/**
 * An array frame taken apart: channel, body, and the tail that the connection's flags add. Owns where the tail is, in the
 * frame's items and in its row; the body is read by `TextBody` or `RowBody`.
 */
import type { EntryView } from '../../log/entry.ts'
import type { FrameRow } from '../../log/frame-row.ts'
import { type Micros, microsOf } from '../../market/time.ts'
import { RowBindings } from '../row-bindings.ts'
import { numberOfDigits } from './digits.ts'
import type { FrameBody } from './frame-body.ts'
import { bindElement, bindFrame, type BoundElement, type BoundFrame, type Unbound } from './frame-template.ts'
import { FLAGS } from './requests.ts'
import { RowBody } from './row-body.ts'
import { TextBody } from './text-body.ts'

/** Past this a time in microseconds is no safe integer any more. */
const LAST_MILLISECOND = Math.floor(Number.MAX_SAFE_INTEGER / 1000)

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0

/** Milliseconds of the venue in our unit; undefined when they are no time. */
export const microsFromMilliseconds = (value: unknown): Micros | undefined =>
  isCount(value) && value <= LAST_MILLISECOND ? microsOf(value * 1000) : undefined

/** The scalar at this place of a row as a safe whole number from 0 on; -1 where it is none. */
const countAt = ({ values, scales }: FrameRow, at: number): number => {
  const digits = values[at] ?? -1
  const scale = scales[at] ?? 0
  if (scale === 0) return digits < 0 ? -1 : digits
  const value = numberOfDigits(digits, scale)
  return isCount(value) ? value : -1
}

/** One object for every frame of a decoder: it is valid only while its frame is decoded. */
export class ArrayFrame {
  /** -1 where the frame names none. */
  chanId = -1
  body: FrameBody
  sequence: number | undefined
  exchangeTime: Micros | undefined
  receiveTime = microsOf(0)
  /** The frame's row where its text was not read, and its template. */
  row: FrameRow | undefined
  bound: BoundFrame | undefined
  private entry: EntryView | undefined
  private knownText: string | undefined
  private readonly textBody = new TextBody()
  private readonly frames = new RowBindings<BoundFrame | Unbound>(bindFrame)
  private readonly rowBody = new RowBody(new RowBindings<BoundElement | Unbound>(bindElement))

  constructor() {
    this.body = this.textBody
  }

  /** The frame's own text. */
  text(): string {
    return (this.knownText ??= this.entry?.text() ?? '')
  }

  /** The time bursts are told by. */
  get burstTime(): Micros {
    return this.exchangeTime ?? this.receiveTime
  }

  /** How frames of this template can be read as rows; undefined: they cannot. */
  bindingOf(row: FrameRow): BoundFrame | undefined {
    const bound = this.frames.of(row.scope, row.template)
    return bound.kind === 'frame' ? bound : undefined
  }

  /** Takes a parsed frame apart. False when the tail that these flags promise is not there. */
  readText(text: string, items: readonly unknown[], flags: number, receiveTime: Micros): boolean {
    this.knownText = text
    this.entry = undefined
    this.row = undefined
    this.receiveTime = receiveTime
    this.chanId = isCount(items[0]) ? items[0] : -1
    this.sequence = undefined
    this.exchangeTime = undefined
    let end = items.length
    let isWhole = true
    // Frames may grow: the tail is found from the end, time last, the sequence before it.
    if ((flags & FLAGS.timestamp) !== 0) {
      this.exchangeTime = microsFromMilliseconds(items[--end])
      isWhole = this.exchangeTime !== undefined
    }
    if ((flags & FLAGS.sequence) !== 0) {
      const sequence = items[--end]
      // The first item is the channel, however short the frame is.
      if (end > 0 && isCount(sequence)) this.sequence = sequence
      else isWhole = false
    }
    this.textBody.take(text, items, end)
    this.body = this.textBody
    return isWhole && end > 0
  }

  /** Takes an entry's row apart, whose template is bound. False when the frame must be read from its text. */
  readRow(entry: EntryView, row: FrameRow, bound: BoundFrame, flags: number): boolean {
    let end = bound.items
    let exchangeTime: Micros | undefined
    let sequence: number | undefined
    let distance = bound.last
    if ((flags & FLAGS.timestamp) !== 0) {
      const milliseconds = distance === 0 ? -1 : countAt(row, row.end - distance)
      if (milliseconds < 0 || milliseconds > LAST_MILLISECOND) return false
      exchangeTime = microsOf(milliseconds * 1000)
      distance = bound.lastButOne
      end--
    }
    if ((flags & FLAGS.sequence) !== 0) {
      sequence = distance === 0 ? -1 : countAt(row, row.end - distance)
      if (sequence < 0) return false
      end--
    }
    if (!this.rowBody.take(row, bound, end)) return false
    const chanId = countAt(row, row.start)
    // A small integer is found faster in a Map than the same number as a double.
    this.chanId = (chanId | 0) === chanId ? chanId | 0 : chanId
    this.body = this.rowBody
    this.sequence = sequence
    this.exchangeTime = exchangeTime
    this.receiveTime = entry.receiveTime
    this.entry = entry
    this.knownText = undefined
    this.row = row
    this.bound = bound
    return true
  }
}
