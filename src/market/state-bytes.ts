/** Plain binary writing and reading for saved state (keyframes). Varints, doubles, UTF-8 text; no schema of its own. */

const encoder = new TextEncoder()
const decoder = new TextDecoder()

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
    if (!Number.isSafeInteger(value) || value < 0) throw new Error(`not an unsigned integer: ${String(value)}`)
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

  text(value: string): void {
    this.block(encoder.encode(value))
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
    this.reserve(value.length)
    this.bytes.set(value, this.length)
    this.length += value.length
  }

  finish(): Uint8Array {
    return this.bytes.slice(0, this.length)
  }
}

/** Reads what StateWriter wrote, in the same order. Throws RangeError past the end. */
export class StateReader {
  private offset = 0
  private readonly bytes: Uint8Array
  private readonly view: DataView

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  private byte(): number {
    const value = this.bytes[this.offset]
    if (value === undefined) throw new RangeError('saved state ends too early')
    this.offset++
    return value
  }

  uint(): number {
    let value = 0
    let factor = 1
    for (;;) {
      const byte = this.byte()
      value += (byte & 127) * factor
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
    return this.byte() === 1
  }

  text(): string {
    return decoder.decode(this.block())
  }

  optionalText(): string | undefined {
    return this.bool() ? this.text() : undefined
  }

  optionalNumber(): number | undefined {
    return this.bool() ? this.double() : undefined
  }

  block(): Uint8Array {
    const length = this.uint()
    if (this.offset + length > this.bytes.length) throw new RangeError('saved state ends too early')
    const value = this.bytes.subarray(this.offset, this.offset + length)
    this.offset += length
    return value
  }
}
