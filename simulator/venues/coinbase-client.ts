/** One Coinbase client's socket: sends frames many to a write, knows when its reader falls behind, cuts it when it stays so. */
import type { CoinbaseSubscriptions } from './coinbase-channels.ts'
import type { ClientConnection } from './listener.ts'

/** Above this many bytes to be read a client is behind, until fewer than the second are left. */
const BEHIND_BYTES = 4_000_000
const CAUGHT_UP_BYTES = 1_000_000
/** A client that stays behind for so many milliseconds is cut. */
const PATIENCE = 60_000

export class CoinbaseClient {
  readonly subscriptions: CoinbaseSubscriptions
  private readonly connection: ClientConnection
  private isCorked = false
  private behindSince: number | undefined

  constructor(connection: ClientConnection, subscriptions: CoinbaseSubscriptions) {
    this.connection = connection
    this.subscriptions = subscriptions
  }

  get isOpen(): boolean {
    return this.connection.socket.readyState === this.connection.socket.OPEN
  }

  send(text: string): void {
    const { socket, wire } = this.connection
    if (!this.isOpen) return
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

  /** `now`: milliseconds of a clock that only goes forward. */
  isBehind(now: number): boolean {
    const waiting = this.isOpen ? this.connection.socket.bufferedAmount : 0
    if (waiting < (this.behindSince === undefined ? BEHIND_BYTES : CAUGHT_UP_BYTES)) {
      this.behindSince = undefined
      return false
    }
    this.behindSince ??= now
    if (now - this.behindSince > PATIENCE) {
      this.send('{"type":"error","message":"ErrSlowConsume"}')
      this.connection.socket.terminate()
    }
    return true
  }

  close(): void {
    this.connection.socket.close()
  }
}
