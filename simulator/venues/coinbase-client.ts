/** One Coinbase client's socket: sends frames many to a write, holds them back for a moment when told, ends with a reason. */
import type { CoinbaseSubscriptions } from './coinbase-channels.ts'
import { endClient } from './end-client.ts'
import { FrameBatch } from './frame-batch.ts'
import type { ClientConnection } from './listener.ts'
import type { WatchedClient } from './slow-readers.ts'

/** Code of a close because the client broke a rule. */
const POLICY_VIOLATION = 1008

export class CoinbaseClient implements WatchedClient {
  readonly subscriptions: CoinbaseSubscriptions
  private readonly connection: ClientConnection
  private isCorked = false
  /** The fast way of small frames, where nothing stands between. */
  private readonly batch: FrameBatch | undefined
  /** Frames held back, in order; undefined while none are to be. */
  private held: string[] | undefined
  private heldBytes = 0
  /** Acknowledgements that wait, in order. */
  private readonly lateAnswers: string[] = []

  constructor(connection: ClientConnection, subscriptions: CoinbaseSubscriptions) {
    this.connection = connection
    this.subscriptions = subscriptions
    this.batch = connection.isPlain ? new FrameBatch(connection.wire) : undefined
  }

  get address(): string {
    return this.connection.address
  }

  get isOpen(): boolean {
    return this.connection.socket.readyState === this.connection.socket.OPEN
  }

  send(text: string): void {
    if (this.held === undefined) this.write(text)
    else if (this.isOpen) {
      this.held.push(text)
      this.heldBytes += text.length
    }
  }

  /** Acknowledges a request, after so many milliseconds: never before an earlier one is acknowledged. */
  answer(text: string, milliseconds?: number): void {
    if (milliseconds === undefined && this.lateAnswers.length === 0) {
      this.send(text)
      return
    }
    this.lateAnswers.push(text)
    if (milliseconds === undefined) return
    setTimeout(() => {
      for (const answer of this.lateAnswers.splice(0)) this.send(answer)
    }, milliseconds)
  }

  /** Sends nothing for so many milliseconds, then all of it. */
  hold(milliseconds: number): void {
    if (this.held !== undefined) return
    this.held = []
    setTimeout(() => {
      const texts = this.held ?? []
      this.held = undefined
      this.heldBytes = 0
      for (const text of texts) this.write(text)
    }, milliseconds)
  }

  waiting(): number {
    return (
      this.heldBytes + (this.batch?.waiting ?? 0) + (this.isOpen ? this.connection.socket.bufferedAmount : 0)
    )
  }

  isReader(): boolean {
    return this.isOpen && !this.subscriptions.isEmpty
  }

  /** It reads too slowly. */
  cut(): void {
    this.end('ErrSlowConsume', POLICY_VIOLATION)
  }

  /** An error frame with this text, then the end. */
  end(message: string, code: number): void {
    this.batch?.flush()
    endClient(this.connection, code, message, JSON.stringify({ type: 'error', message }))
  }

  close(): void {
    this.batch?.flush()
    this.connection.socket.close()
  }

  private write(text: string): void {
    const { socket, wire } = this.connection
    if (!this.isOpen) return
    if (this.batch?.add(text) === true) return
    this.batch?.flush()
    if (!this.isCorked) {
      this.isCorked = true
      wire.cork()
      process.nextTick(() => {
        this.isCorked = false
        wire.uncork()
      })
    }
    socket.send(text)
  }
}
