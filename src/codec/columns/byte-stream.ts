/** Varints and bytes of the columnar chunk: a sink that grows and a source that trusts nothing. */

/** Stored bytes are not what their format says; the message is a part of a sentence. */
export class MalformedColumns extends Error {}

export class ByteSink {
  private buffer = new Uint8Array(256)
  private used = 0

  get length(): number {
    return this.used
  }

  private reserve(more: number): void {
    if (this.used + more <= this.buffer.length) return
    const grown = new Uint8Array(Math.max(this.buffer.length * 2, this.used + more))
    grown.set(this.buffer.subarray(0, this.used))
    this.buffer = grown
  }

  byte(value: number): void {
    this.reserve(1)
    this.buffer[this.used++] = value
  }

  /** A whole number from 0 to 2^53 - 1: seven bits a byte, the lowest first, the top bit set where more follow. */
  uint(value: number): void {
    this.reserve(8)
    while (value >= 128) {
      this.buffer[this.used++] = (value % 128) | 128
      value = Math.floor(value / 128)
    }
    this.buffer[this.used++] = value
  }

  /** A whole number below 2^53 on either side: the sign is bit 6 of the first byte, which holds six bits of the number. */
  int(value: number): void {
    const magnitude = Math.abs(value)
    const head = (magnitude % 64) | (value < 0 ? 64 : 0)
    const rest = Math.floor(magnitude / 64)
    this.byte(rest > 0 ? head | 128 : head)
    if (rest > 0) this.uint(rest)
  }

  bytes(value: Uint8Array): void {
    this.reserve(value.length)
    this.buffer.set(value, this.used)
    this.used += value.length
  }

  /** What was written so far; valid until the next write. */
  take(): Uint8Array {
    return this.buffer.subarray(0, this.used)
  }
}

/** Every method throws MalformedColumns at the end of the bytes or when a number is larger than it may be. */
export class ByteSource {
  private readonly buffer: Uint8Array
  private at = 0

  constructor(buffer: Uint8Array) {
    this.buffer = buffer
  }

  get remaining(): number {
    return this.buffer.length - this.at
  }

  byte(): number {
    const value = this.buffer[this.at++]
    if (value === undefined) throw new MalformedColumns('a table ends early')
    return value
  }

  /** A whole number from 0 to `most`. */
  uint(most = Number.MAX_SAFE_INTEGER): number {
    let value = 0
    let weight = 1
    for (let index = 0; index < 8; index++) {
      const byte = this.byte()
      value += (byte & 127) * weight
      weight *= 128
      if (byte < 128) {
        if (value > most) break
        return value
      }
    }
    throw new MalformedColumns('a table holds a number larger than it may be')
  }

  int(): number {
    const head = this.byte()
    const low = head & 63
    const rest = head & 128 ? this.uint(2 ** 47 - 1) : 0
    const magnitude = rest * 64 + low
    return head & 64 ? 0 - magnitude : magnitude
  }

  /** The next bytes, not copied. */
  bytes(length: number): Uint8Array {
    if (length > this.remaining) throw new MalformedColumns('a table ends early')
    const taken = this.buffer.subarray(this.at, this.at + length)
    this.at += length
    return taken
  }

  end(): void {
    if (this.remaining > 0) throw new MalformedColumns('a table is longer than what it says')
  }
}
