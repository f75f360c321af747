/** Plain binary writing and reading for saved state (keyframes). Varints, doubles, UTF-8 text; no schema of its own. */

const encoder = new TextEncoder()
// A byte-order mark is text of the venue as any other; bytes that are no UTF-8 were never written by us.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const LONE_SURROGATE = /\p{Surrogate}/u

// Forms of a column.
const PLAIN = 0
const SIGNED = 1
const STEPS = 2
/** Doubled, a step below this stays exact. */
const MOST_STEP = 2 ** 52
const TWO_32 = 2 ** 32

/** Bits of a whole number of either sign, its sign left out. */
const bitsOf = (value: number): number => {
  const size = Math.abs(value)
  return size < TWO_32 ? 32 - Math.clz32(size) : 64 - Math.clz32(size / TWO_32)
}

/** The shorter form of a column, judged by the bits of its numbers. */
const columnForm = (values: ArrayLike<number>): number => {
  let isSigned = false
  let fitsSteps = true
  let bits = 0
  let stepBits = 0
  let before = 0
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0
    const step = Math.abs(value - before)
    isSigned ||= value < 0
    fitsSteps &&= step < MOST_STEP
    bits += bitsOf(value)
    // One more for the sign.
    stepBits += bitsOf(step) + 1
    before = value
  }
  if (fitsSteps && stepBits < bits) return STEPS
  return isSigned ? SIGNED : PLAIN
}

export class StateWriter {
  private bytes = new Uint8Array(1024)
  private view = new DataView(this.bytes.buffer)
  private length = 0

  private reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
    this.view = new DataView(grown.buffer)
  }

  /** A whole number from 0 to 2^53 - 1. */
  uint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0)
      throw new Error(`not an unsigned integer: ${String(value)}`)
    this.reserve(8)
    while (value >= 128) {
      this.bytes[this.length++] = (value % 128) | 128
      value = Math.floor(value / 128)
    }
    this.bytes[this.length++] = value
  }

  /** A whole number between -(2^53 - 1) and 2^53 - 1. */
  int(value: number): void {
    this.bool(value < 0)
    this.uint(Math.abs(value))
  }

  double(value: number): void {
    this.reserve(8)
    this.view.setFloat64(this.length, value, true)
    this.length += 8
  }

  bool(value: boolean): void {
    this.reserve(1)
    this.bytes[this.length++] = value ? 1 : 0
  }

  /** Any text; half surrogate pairs, which UTF-8 cannot hold, come back as they were. */
  text(value: string): void {
    // The length's lowest bit tells UTF-16 units from UTF-8 bytes.
    if (LONE_SURROGATE.test(value)) {
      this.uint(value.length * 2 + 1)
      for (let index = 0; index < value.length; index++) this.uint(value.charCodeAt(index))
      return
    }
    const bytes = encoder.encode(value)
    this.uint(bytes.length * 2)
    this.append(bytes)
  }

  /** A text that may be absent. */
  optionalText(value: string | undefined): void {
    this.bool(value !== undefined)
    if (value !== undefined) this.text(value)
  }

  /** A number that may be absent; any double. */
  optionalNumber(value: number | undefined): void {
    this.bool(value !== undefined)
    if (value !== undefined) this.double(value)
  }

  block(value: Uint8Array): void {
    this.uint(value.length)
    this.append(value)
  }

  /**
   * A column of whole numbers of either sign below 2^53: their count, a form, and one behind the other, as `uint` (form 0),
   * as `int` (1), or as steps from one to the next (2): twice the step, or for a step back twice its size less one.
   */
  numbers(values: ArrayLike<number>): void {
    const form = columnForm(values)
    this.uint(values.length)
    this.uint(form)
    let before = 0
    for (let index = 0; index < values.length; index++) {
      const value = values[index] ?? 0
      if (form === PLAIN) this.uint(value)
      else if (form === SIGNED) this.int(value)
      else this.uint(value < before ? (before - value) * 2 - 1 : (value - before) * 2)
      before = value
    }
  }

  /** Bytes without their length, which the reader must know. */
  append(value: Uint8Array): void {
    this.reserve(value.length)
    this.bytes.set(value, this.length)
    this.length += value.length
  }

  /** A copy of the bytes written so far. */
  finish(): Uint8Array {
    return this.bytes.slice(0, this.length)
  }
}

/** Reads what StateWriter wrote, in the same order. Throws RangeError past the end, and where no such value can stand. */
export class StateReader {
  private offset = 0
  private readonly bytes: Uint8Array
  private readonly view: DataView

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** Nothing follows. */
  get isAtEnd(): boolean {
    return this.offset === this.bytes.length
  }

  private byte(): number {
    const value = this.bytes[this.offset]
    if (value === undefined) throw new RangeError('saved state ends too early')
    this.offset++
    return value
  }

  uint(): number {
    const { bytes, offset } = this
    const first = bytes[offset] ?? 128
    // Most numbers of a column take one byte or two.
    if (first < 128) {
      this.offset = offset + 1
      return first
    }
    const second = bytes[offset + 1] ?? 128
    if (second < 128) {
      this.offset = offset + 2
      return (first & 127) + second * 128
    }
    return this.longUint()
  }

  private longUint(): number {
    let value = 0
    let factor = 1
    for (;;) {
      const byte = this.byte()
      value += (byte & 127) * factor
      if (value > Number.MAX_SAFE_INTEGER) throw new RangeError('saved number passes 2^53')
      if (byte < 128) return value
      factor *= 128
    }
  }

  int(): number {
    const isNegative = this.bool()
    const value = this.uint()
    return isNegative && value !== 0 ? -value : value
  }

  double(): number {
    if (this.offset + 8 > this.bytes.length) throw new RangeError('saved state ends too early')
    const value = this.view.getFloat64(this.offset, true)
    this.offset += 8
    return value
  }

  bool(): boolean {
    const byte = this.byte()
    if (byte > 1) throw new RangeError(`neither true nor false: ${String(byte)}`)
    return byte === 1
  }

  text(): string {
    const header = this.uint()
    if (header % 2 === 0) return this.utf8(this.take(header / 2))
    const units: string[] = []
    for (let left = (header - 1) / 2; left > 0; left--) units.push(String.fromCharCode(this.uint()))
    return units.join('')
  }

  private utf8(bytes: Uint8Array): string {
    try {
      return decoder.decode(bytes)
    } catch {
      throw new RangeError('saved text is no UTF-8')
    }
  }

  optionalText(): string | undefined {
    return this.bool() ? this.text() : undefined
  }

  optionalNumber(): number | undefined {
    return this.bool() ? this.double() : undefined
  }

  /** A column of whole numbers. */
  numbers(): Float64Array {
    const count = this.uint()
    const form = this.uint()
    if (form > STEPS) throw new RangeError(`no form of a column: ${String(form)}`)
    // Each takes a byte at least, so that no count makes more room than there are bytes.
    if (count > this.bytes.length - this.offset) throw new RangeError('saved state ends too early')
    const values = new Float64Array(count)
    let before = 0
    for (let index = 0; index < count; index++) {
      if (form === STEPS) {
        const told = this.uint()
        before += told % 2 === 0 ? told / 2 : -(told + 1) / 2
        if (!Number.isSafeInteger(before)) throw new RangeError('saved number passes 2^53')
      } else {
        before = form === PLAIN ? this.uint() : this.int()
      }
      values[index] = before
    }
    return values
  }

  /** A view of the reader's bytes, no copy. */
  block(): Uint8Array {
    return this.take(this.uint())
  }

  /** A view of so many bytes, no copy. */
  take(length: number): Uint8Array {
    if (this.offset + length > this.bytes.length) throw new RangeError('saved state ends too early')
    const value = this.bytes.subarray(this.offset, this.offset + length)
    this.offset += length
    return value
  }
}
