/** One Bitfinex client's socket: its channels, its beat, and its end when it breaks a rule. */
import type { BitfinexSession, Channel } from './bitfinex-session.ts'
import { endClient } from './end-client.ts'
import type { ClientConnection } from './listener.ts'
import type { WatchedClient } from './slow-readers.ts'

/** Code of a close because the client broke a rule. */
const POLICY_VIOLATION = 1008

export class BitfinexClient implements WatchedClient {
  readonly connection: ClientConnection
  readonly session: BitfinexSession
  readonly channels = new Set<Channel>()
  private readonly patience: number
  private waitingForChannel: NodeJS.Timeout | undefined

  /** `patience`: milliseconds that it may be without a channel. */
  constructor(connection: ClientConnection, session: BitfinexSession, patience: number) {
    this.connection = connection
    this.session = session
    this.patience = patience
    this.watchChannels()
  }

  get address(): string {
    return this.connection.address
  }

  get isOpen(): boolean {
    const { socket } = this.connection
    return socket.readyState === socket.OPEN
  }

  waiting(): number {
    return this.isOpen ? this.connection.socket.bufferedAmount : 0
  }

  isReader(): boolean {
    return this.isOpen && this.channels.size > 0
  }

  cut(): void {
    endClient(this.connection, POLICY_VIOLATION, 'too slow')
  }

  subscribed(channel: Channel): void {
    this.channels.add(channel)
    clearTimeout(this.waitingForChannel)
  }

  unsubscribed(channel: Channel): void {
    this.channels.delete(channel)
    if (this.channels.size === 0) this.watchChannels()
  }

  /** It is gone. */
  closed(): void {
    clearTimeout(this.waitingForChannel)
  }

  /** Without a channel for too long it is closed without a word. */
  private watchChannels(): void {
    clearTimeout(this.waitingForChannel)
    this.waitingForChannel = setTimeout(() => this.connection.socket.terminate(), this.patience)
  }
}
