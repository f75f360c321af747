/** WebSocket text frames of a server, laid out one behind the other, to be written to the wire at once. */

/** The most that a frame's own head takes. */
const HEAD_BYTES = 10
const FINAL_TEXT = 0x81

export class FrameBatch {
  private buffer: Buffer
  private length = 0
  private readonly initialBytes: number

  constructor(initialBytes: number) {
    this.initialBytes = initialBytes
    this.buffer = Buffer.allocUnsafeSlow(initialBytes + 1024)
  }

  get byteLength(): number {
    return this.length
  }

  addBytes(bytes: Uint8Array): void {
    const size = bytes.length
    this.reserve(size + HEAD_BYTES)
    this.head(size)
    this.buffer.set(bytes, this.length)
    this.length += size
  }

  addText(text: string): void {
    const size = Buffer.byteLength(text)
    this.reserve(size + HEAD_BYTES)
    this.head(size)
    this.length += this.buffer.write(text, this.length, 'utf8')
  }

  private reserve(bytes: number): void {
    const needed = this.length + bytes
    if (needed <= this.buffer.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.buffer.length * 2))
    this.buffer.copy(grown, 0, 0, this.length)
    this.buffer = grown
  }

  private head(size: number): void {
    const { buffer } = this
    buffer[this.length++] = FINAL_TEXT
    if (size < 126) {
      buffer[this.length++] = size
    } else if (size < 65_536) {
      buffer[this.length++] = 126
      buffer[this.length++] = size >>> 8
      buffer[this.length++] = size & 0xff
    } else {
      buffer[this.length] = 127
      buffer.writeUIntBE(0, this.length + 1, 2)
      buffer.writeUIntBE(size, this.length + 3, 6)
      this.length += 9
    }
  }

  /** The frames so far, in memory of their own; undefined when there are none. */
  take(): Buffer | undefined {
    if (this.length === 0) return undefined
    const taken = this.buffer.subarray(0, this.length)
    this.buffer = Buffer.allocUnsafeSlow(this.initialBytes + 1024)
    this.length = 0
    return taken
  }
}
