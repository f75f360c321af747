/**
 * Many small text frames in one write: encodes them side by side into one piece of memory and hands that to the TCP
 * socket when the turn ends. For uncompressed connections only; what is sent otherwise must be preceded by a flush.
 */
import { Buffer } from 'node:buffer'
import type { Socket } from 'node:net'

const BYTES = 131_072
const HEAD = 4
const FINAL_TEXT = 0x81
const TWO_BYTE_LENGTH = 126
const MOST_BYTES_A_UNIT = 3
/** Of UTF-16 units: the frame's length then always takes two bytes, and the frame fits. */
const SHORTEST = 126
const LONGEST = 20_000
const LEAST_BYTES = HEAD + LONGEST * MOST_BYTES_A_UNIT

export class FrameBatch {
  private readonly wire: Socket
  private bytes = Buffer.allocUnsafeSlow(BYTES)
  private used = 0
  private isScheduled = false

  constructor(wire: Socket) {
    this.wire = wire
  }

  /** Bytes not yet written. */
  get waiting(): number {
    return this.used
  }

  /** False when the text is too short or too long for this way. */
  add(text: string): boolean {
    const { length } = text
    if (length < SHORTEST || length > LONGEST) return false
    if (this.used + HEAD + length * MOST_BYTES_A_UNIT > this.bytes.length) this.flush()
    const start = this.used
    const size = this.bytes.write(text, start + HEAD)
    this.bytes[start] = FINAL_TEXT
    this.bytes[start + 1] = TWO_BYTE_LENGTH
    this.bytes[start + 2] = size >>> 8
    this.bytes[start + 3] = size & 255
    this.used = start + HEAD + size
    if (!this.isScheduled) {
      this.isScheduled = true
      process.nextTick(() => {
        this.isScheduled = false
        this.flush()
      })
    }
    return true
  }

  flush(): void {
    if (this.used === 0) return
    const full = this.bytes.subarray(0, this.used)
    // Memory that was written belongs to the socket: what is left of it is used on.
    const rest = this.bytes.subarray(this.used)
    this.bytes = rest.length > LEAST_BYTES ? rest : Buffer.allocUnsafeSlow(BYTES)
    this.used = 0
    if (!this.wire.destroyed) this.wire.write(full)
  }
}
