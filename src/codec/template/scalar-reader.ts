/**
 * Reads scalars from the bytes of frames into flat arrays. Owns what is a number, a time, an id or a text; where
 * scalars stand is the scanner's. A scalar is taken for a number, a time or an id only where these are written in one way
 * alone, so that rendering gives back the bytes.
 */
import { Buffer } from 'node:buffer'

import { UUID_LENGTH } from './id-table.ts'
import { MAX_NUMBER_DIGITS, POWERS_OF_TEN } from './number-text.ts'
import { ID, NUMBER, TEXT, TIME } from './slot-codes.ts'
import type { TemplateScope } from './template-scope.ts'
import { TimeText } from './time-text.ts'

/** A token without anything that varies: part of the template. */
export const STATIC = -1
/** Nothing that can be scanned: the frame stays verbatim. */
export const BROKEN = -2

const QUOTE = 34
const MINUS = 45
/** Of a point, as digits are told from others. */
const POINT = 46 - 48
const BACKSLASH = 92

/** By byte: 1 for what ends a token outside quotes. */
export const ENDS_TOKEN = new Uint8Array(256)
for (const byte of Buffer.from(' \t\r\n,:[]{}"')) ENDS_TOKEN[byte] = 1

const NOTHING = new ArrayBuffer(0)

/** Both of one length; what they hold does not matter. */
export interface ScalarArrays {
  readonly values: Float64Array
  readonly scales: Uint8Array
}

export const newScalarArrays = (length = 1024): ScalarArrays => ({
  values: new Float64Array(length),
  scales: new Uint8Array(length),
})

export class ScalarReader {
  scope: TemplateScope
  bytes: Uint8Array = new Uint8Array(0)
  view: DataView = new DataView(this.bytes.buffer)
  values: Float64Array
  scales: Uint8Array
  /** How many of both are filled. */
  count = 0
  /** Where the last token read ends. */
  position = 0
  private readonly time = new TimeText()

  /** Fills these arrays, or larger ones once they are full. */
  constructor(scope: TemplateScope, { values, scales }: ScalarArrays) {
    this.scope = scope
    this.values = values
    this.scales = scales
  }

  /** Takes the memory that frames stand in. */
  lookAt(memory: ArrayBufferLike): void {
    if (this.bytes.buffer === memory) return
    this.bytes = new Uint8Array(memory)
    this.view = new DataView(memory)
  }

  /** Lets go of the memory: whoever still has a row of it must not keep a whole chunk. */
  lookAway(): void {
    this.lookAt(NOTHING)
  }

  /** Appends a number that is no scalar of the text: a count, a template. Returns its place. */
  push(value: number): number {
    if (this.count === this.values.length) this.grow()
    this.values[this.count] = value
    this.scales[this.count] = 0
    return this.count++
  }

  /**
   * Reads the string whose first byte behind the opening quote is at `at`, trying one kind first. Its code, appended,
   * with `position` at the closing quote; or STATIC, BROKEN, nothing appended.
   */
  quoted(at: number, end: number, likely: number): number {
    if (this.count === this.values.length) this.grow()
    const { bytes } = this
    if (likely === NUMBER) {
      const stop = this.number(at, end)
      if (stop > 0 && stop < end && bytes[stop] === QUOTE) return this.take(NUMBER, stop)
    } else if (likely === ID) {
      if (at + UUID_LENGTH < end && bytes[at + UUID_LENGTH] === QUOTE && this.id(at))
        return this.take(ID, at + UUID_LENGTH)
    } else if (likely === TIME) {
      const stop = this.instant(at, end)
      if (stop > 0 && bytes[stop] === QUOTE) return this.take(TIME, stop)
    }
    return this.anyQuoted(at, end)
  }

  private anyQuoted(at: number, end: number): number {
    const { bytes } = this
    let close = at
    let hasDigit = false
    for (; close < end; close++) {
      const byte = bytes[close] ?? 0
      if (byte === QUOTE) break
      if (byte === 0) return BROKEN
      if (byte === BACKSLASH && ++close < end && bytes[close] === 0) return BROKEN
      if (((bytes[close] ?? 0) - 48) >>> 0 < 10) hasDigit = true
    }
    if (close >= end) return BROKEN
    if (close - at === UUID_LENGTH && this.id(at)) return this.take(ID, close)
    if (!hasDigit) {
      this.position = close
      return STATIC
    }
    if (this.number(at, close) === close) return this.take(NUMBER, close)
    if (this.instant(at, end) === close) return this.take(TIME, close)
    return this.takeText(at, close)
  }

  /** The same of what stands outside quotes: it begins with a digit or a minus, else it is STATIC. */
  bare(at: number, end: number): number {
    const { bytes } = this
    const first = bytes[at] ?? 0
    if (first !== MINUS && (first - 48) >>> 0 > 9) return STATIC
    if (this.count === this.values.length) this.grow()
    let stop = this.number(at, end)
    if (stop === end || (stop > 0 && ENDS_TOKEN[bytes[stop] ?? 0] === 1)) return this.take(NUMBER, stop)
    stop = at
    for (; stop < end; stop++) {
      const byte = bytes[stop] ?? 0
      if (byte === 0) return BROKEN
      if (ENDS_TOKEN[byte] === 1) break
    }
    return this.takeText(at, stop)
  }

  private take(code: number, stop: number): number {
    this.count++
    this.position = stop
    return code
  }

  private takeText(at: number, stop: number): number {
    this.values[this.count] = this.scope.texts.find(this.bytes, at, stop)
    this.scales[this.count] = 0
    return this.take(TEXT, stop)
  }

  /** Puts the decimal that begins at `at` behind the last scalar, not counted yet. Where it ends; -1: it is none. */
  private number(at: number, end: number): number {
    const { bytes, view } = this
    const isNegative = bytes[at] === MINUS
    const first = isNegative ? at + 1 : at
    let stop = first
    let point = 0
    let digits = 0
    // The first nine digits and those behind them: both stay below 2^31.
    let head = 0
    let tail = 0
    while (digits < 8 && stop + 4 <= end) {
      const word = view.getInt32(stop, true)
      // Four digits: the upper half of each is 3, and stays so with 6 added.
      if (((word + 0x06060606) & word & 0xf0f0f0f0) !== 0x30303030) break
      const pairs = (word & 0x000f000f) * 10 + ((word >>> 8) & 0x000f000f)
      head = head * 10_000 + (pairs & 0xff) * 100 + (pairs >>> 16)
      digits += 4
      stop += 4
    }
    for (; stop < end; stop++) {
      const digit = (bytes[stop] ?? 0) - 48
      if (digit >>> 0 < 10) {
        if (digits < 9) head = (head * 10 + digit) | 0
        else tail = (tail * 10 + digit) | 0
        digits++
      } else if (digit === POINT && point === 0) point = stop + 1
      else break
    }
    const scale = point === 0 ? 0 : stop - point
    if (digits === scale || digits > MAX_NUMBER_DIGITS || stop === point) return -1
    if (bytes[first] === 48 && digits > scale + 1) return -1
    const size = digits < 10 ? head : head * (POWERS_OF_TEN[digits - 9] ?? 0) + tail
    // Below 2^53 product and sum are exact, and with no zeros to spare there is one way to write them: this one.
    if (size > Number.MAX_SAFE_INTEGER || (isNegative && size === 0)) return -1
    const { count, values, scales } = this
    values[count] = isNegative ? -size : size
    scales[count] = scale
    return stop
  }

  /** The same of an instant. */
  private instant(at: number, end: number): number {
    return this.time.read(this.bytes, this.view, at, end, this.values, this.scales, this.count)
  }

  /** The same of the id at `at`, where there are UUID_LENGTH bytes. */
  private id(at: number): boolean {
    const { ids } = this.scope
    const reference = ids.find(this.view, at)
    if (reference < 0) return false
    this.values[this.count] = reference
    this.scales[this.count] = 0
    return true
  }

  private grow(): void {
    const values = new Float64Array(this.values.length * 2)
    values.set(this.values)
    this.values = values
    const scales = new Uint8Array(values.length)
    scales.set(this.scales)
    this.scales = scales
  }
}
