/** A socket whose bytes leave slowly, in pieces. Owns the queue; ends by itself. */
import type { Socket } from 'node:net'

const TURN = 20

export class SlowWire {
  private readonly wire: Socket
  private readonly bytesPerTurn: number
  private readonly write: Socket['write']
  private readonly end: Socket['end']
  private readonly turns: NodeJS.Timeout
  private queue: { bytes: Buffer; done: (() => void) | undefined }[] = []
  private waiting = 0
  private isOver = false

  constructor(wire: Socket, bytesPerSecond: number) {
    this.wire = wire
    this.bytesPerTurn = Math.max(1, Math.round((bytesPerSecond * TURN) / 1000))
    // eslint-disable-next-line @typescript-eslint/unbound-method -- bound by the calls below
    this.write = wire.write
    // eslint-disable-next-line @typescript-eslint/unbound-method -- bound by the calls below
    this.end = wire.end
    // The driver's own calls on this very socket come through the queue.
    wire.write = (chunk: Uint8Array | string, encoding?: unknown, done?: unknown): boolean => {
      const call = typeof encoding === 'function' ? encoding : done
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : Buffer.from(chunk)
      this.queue.push({ bytes, done: typeof call === 'function' ? (call as () => void) : undefined })
      this.waiting += bytes.length
      return true
    }
    wire.end = (...given: unknown[]): Socket => {
      this.stop()
      return Reflect.apply(this.end, wire, given) as Socket
    }
    this.turns = setInterval(() => {
      this.turn(this.bytesPerTurn)
    }, TURN)
  }

  /** Bytes that have not left. */
  get waitingBytes(): number {
    return this.waiting
  }

  /** What waits leaves at once; from then on the socket is as it was. */
  stop(): void {
    if (this.isOver) return
    this.isOver = true
    clearInterval(this.turns)
    this.turn(Infinity)
    this.wire.write = this.write
    this.wire.end = this.end
  }

  private turn(limit: number): void {
    let left = limit
    while (left > 0) {
      const first = this.queue[0]
      if (first === undefined) return
      const part = first.bytes.subarray(0, left)
      first.bytes = first.bytes.subarray(part.length)
      left -= part.length
      this.waiting -= part.length
      const isLast = first.bytes.length === 0
      if (isLast) this.queue.shift()
      Reflect.apply(this.write, this.wire, [part, isLast ? () => first.done?.() : undefined])
      if (!isLast) return
    }
  }
}
