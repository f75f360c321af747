/** Bits one behind the other, the lowest of a number first, into bytes, the lowest bit of a byte first. */

const TWO_24 = 2 ** 24

export class BitSink {
  private buffer = new Uint8Array(1024)
  private used = 0
  private held = 0
  private heldBits = 0

  /** The lowest `width` bits (0 … 53) of a whole number that has no more. */
  write(value: number, width: number): void {
    while (width > 24) {
      const rest = Math.floor(value / TWO_24)
      this.put(value - rest * TWO_24, 24)
      value = rest
      width -= 24
    }
    this.put(value, width)
  }

  private put(value: number, width: number): void {
    let held = this.held | (value << this.heldBits)
    let heldBits = this.heldBits + width
    if (this.used + 4 > this.buffer.length) this.grow()
    while (heldBits >= 8) {
      this.buffer[this.used++] = held
      held >>>= 8
      heldBits -= 8
    }
    this.held = held
    this.heldBits = heldBits
  }

  private grow(): void {
    const grown = new Uint8Array(this.buffer.length * 2)
    grown.set(this.buffer)
    this.buffer = grown
  }

  /** Everything written, the last byte filled with zeros. */
  take(): Uint8Array {
    if (this.heldBits > 0) this.put(0, 8 - this.heldBits)
    return this.buffer.subarray(0, this.used)
  }
}
