/** Bytes that grow: little-endian values and varints, as Parquet writes them. */
import { Buffer } from 'node:buffer'

export class ByteWriter {
  private buffer: Buffer
  length = 0

  constructor(capacity = 1024) {
    this.buffer = Buffer.allocUnsafe(capacity)
  }

  /** Makes room; values beyond `length` may then be written through `room`. */
  reserve(bytes: number): void {
    const needed = this.length + bytes
    if (needed <= this.buffer.length) return
    const wider = Buffer.allocUnsafe(Math.max(needed, 2 * this.buffer.length))
    this.buffer.copy(wider, 0, 0, this.length)
    this.buffer = wider
  }

  byte(value: number): void {
    this.reserve(1)
    this.buffer[this.length++] = value
  }

  bytes(values: Uint8Array): void {
    this.reserve(values.length)
    this.buffer.set(values, this.length)
    this.length += values.length
  }

  uint32(value: number): void {
    this.reserve(4)
    this.length = this.buffer.writeUInt32LE(value, this.length)
  }

  /** A whole number from 0 to 2^53, seven bits a byte. */
  varint(value: number): void {
    let left = value
    while (left >= 128) {
      this.byte((left % 128) | 128)
      left = Math.floor(left / 128)
    }
    this.byte(left)
  }

  /** A whole number below 2^52 either way. */
  zigzag(value: number): void {
    this.varint(value < 0 ? -2 * value - 1 : 2 * value)
  }

  /** The `size` low bytes of each value from `from` on: whole numbers of at least 0. */
  lowBytes(values: ArrayLike<number>, from: number, count: number, size: number): void {
    this.reserve(count * size)
    const { buffer } = this
    let at = this.length
    for (let index = from; index < from + count; index++) {
      const value = values[index] ?? 0
      buffer[at] = value
      if (size > 1) buffer[at + 1] = value >>> 8
      if (size > 2) buffer[at + 2] = value >>> 16
      if (size > 3) buffer[at + 3] = value >>> 24
      if (size > 4) {
        let high = Math.floor(value / 4_294_967_296)
        for (let byte = 4; byte < size; byte++) {
          buffer[at + byte] = high
          high >>>= 8
        }
      }
      at += size
    }
    this.length = at
  }

  /** What was written; valid until more is. */
  view(): Uint8Array {
    return this.buffer.subarray(0, this.length)
  }
}
