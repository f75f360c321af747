/** Plain binary writing and reading for saved state (keyframes). Varints, doubles, UTF-8 text; no schema of its own. */

const encoder = new TextEncoder()
// A byte-order mark is text of the venue as any other; bytes that are no UTF-8 were never written by us.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const LONE_SURROGATE = /\p{Surrogate}/u

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

  private append(value: Uint8Array): void {
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

  /** A view of the reader's bytes, no copy. */
  block(): Uint8Array {
    return this.take(this.uint())
  }

  private take(length: number): Uint8Array {
    if (this.offset + length > this.bytes.length) throw new RangeError('saved state ends too early')
    const value = this.bytes.subarray(this.offset, this.offset + length)
    this.offset += length
    return value
  }
}
