/** The clients of a simulated Coinbase: greets them, takes their requests, ends those who break its rules. */
import { mix32, Rng } from '../engine/random.ts'
import type { CoinbaseCredentials } from './coinbase-auth.ts'
import { type Answer, CoinbaseSubscriptions, type Subscription } from './coinbase-channels.ts'
import { CoinbaseClient } from './coinbase-client.ts'
import type { CoinbaseFeed } from './coinbase-feed.ts'
import { type CoinbaseLimits, SUBSCRIPTIONS_PER_ACCOUNT } from './coinbase-limits.ts'
import { statusMessage } from './coinbase-products.ts'
import type { ClientConnection } from './listener.ts'
import { SlowReaders } from './slow-readers.ts'

export interface CoinbaseHallOptions {
  /** By product id. */
  readonly feeds: ReadonlyMap<string, CoinbaseFeed>
  readonly credentials: CoinbaseCredentials
  readonly limits: CoinbaseLimits | undefined
  /** Milliseconds a client has for its first subscribe. */
  readonly subscribeWithin: number
  /** Seed of what varies; nothing does when undefined. */
  readonly quirks: number | undefined
}

/** A longer request is answered with an error and the end. */
const LARGEST_REQUEST = 65_536
/** Codes of a close: a broken rule, and a message too big. */
const POLICY_VIOLATION = 1008
const TOO_BIG = 1009
/** Of a thousand acknowledgements, how many come after the first data; and by how many milliseconds at most. */
const LATE_ANSWERS = 300
const LATEST_ANSWER = 50

export class CoinbaseHall {
  private readonly options: CoinbaseHallOptions
  private readonly products: ReadonlySet<string>
  private readonly slow = new SlowReaders()
  private readonly clients = new Set<CoinbaseClient>()
  private readonly grantsRest: boolean
  private connections = 0

  constructor(options: CoinbaseHallOptions) {
    this.options = options
    this.products = new Set(options.feeds.keys())
    this.grantsRest = options.quirks !== undefined && new Rng(options.quirks).chance(500)
  }

  welcome(connection: ClientConnection): void {
    const { socket } = connection
    const { credentials, quirks, subscribeWithin } = this.options
    this.connections++
    const random = quirks === undefined ? undefined : new Rng(mix32(quirks) + this.connections)
    const subscriptions = new CoinbaseSubscriptions(this.products, credentials, {
      grantsRest: this.grantsRest,
      isDelisted: (product) => this.options.feeds.get(product)?.market.listing?.status === 'delisted',
      hasRoom: (wanted) => this.hasRoom(wanted),
      ...(random === undefined ? {} : { random }),
    })
    const client = new CoinbaseClient(connection, subscriptions)
    this.clients.add(client)
    this.slow.add(client)
    const patience = setTimeout(() => {
      if (subscriptions.isEmpty) client.close()
    }, subscribeWithin)
    socket.on('ping', () => this.isGranted(client))
    socket.on('message', (data, isBinary) => {
      if (!this.isGranted(client) || isBinary || !Buffer.isBuffer(data)) return
      if (data.length > LARGEST_REQUEST) client.end('Message too big', TOO_BIG)
      else this.take(client, data.toString('utf8'), random)
    })
    socket.on('close', () => {
      clearTimeout(patience)
      this.clients.delete(client)
      this.slow.remove(client)
      if (!subscriptions.isEmpty) this.regroup()
    })
  }

  hasReaders(): boolean {
    for (const client of this.clients) if (client.isReader()) return true
    return false
  }

  /** Cuts who reads too slowly; true when the flow should wait. */
  isBehind(): boolean {
    return this.slow.isBehind(performance.now())
  }

  tellStatus(): void {
    const readers = [...this.clients].filter(({ subscriptions }) => subscriptions.has('status', ''))
    if (readers.length === 0) return
    const text = this.status()
    for (const reader of readers) reader.send(text)
  }

  private take(client: CoinbaseClient, text: string, random: Rng | undefined): void {
    const { subscriptions } = client
    const { version } = subscriptions
    const answer = subscriptions.take(text, Date.now() / 1000)
    if (subscriptions.version !== version) this.regroup()
    for (const refusal of answer.refusals ?? []) client.send(refusal)
    const isLate = answer.added.length > 0 && random?.chance(LATE_ANSWERS) === true
    if (!isLate) client.answer(answer.text)
    this.start(client, answer)
    if (isLate) client.answer(answer.text, random.below(LATEST_ANSWER))
  }

  private start(client: CoinbaseClient, { added }: Answer): void {
    for (const subscription of added) {
      if (subscription.channel === 'status') client.send(this.status())
      else this.options.feeds.get(subscription.product)?.start(client, subscription)
    }
  }

  /** Counts a frame of a client; one too many is the client's last. */
  private isGranted(client: CoinbaseClient): boolean {
    if (!client.isOpen) return false
    if (this.options.limits?.messages.take(client.address, performance.now()) !== false) return true
    client.end('Too many messages', POLICY_VIOLATION)
    return false
  }

  private hasRoom({ channel, product }: Subscription): boolean {
    if (this.options.limits === undefined) return true
    let count = 0
    for (const { subscriptions, isOpen } of this.clients)
      if (isOpen && subscriptions.isSigned && subscriptions.has(channel, product)) count++
    return count < SUBSCRIPTIONS_PER_ACCOUNT
  }

  private regroup(): void {
    const readers = [...this.clients].filter((client) => client.isReader())
    for (const feed of this.options.feeds.values()) feed.regroup(readers)
  }

  private status(): string {
    return statusMessage(Array.from(this.options.feeds.values(), ({ market }) => market))
  }
}
