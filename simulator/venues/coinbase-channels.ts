/** What a Coinbase client is subscribed to: refuses as the venue does, words the answers. */
import type { Rng } from '../engine/random.ts'
import { type CoinbaseCredentials, signatureFault } from './coinbase-auth.ts'
import {
  CHANNELS,
  type Fields,
  oldNameOf,
  parsedRequest,
  SIGNED,
  type Wish,
  wishesOf,
  WITHOUT_PRODUCTS,
} from './coinbase-requests.ts'

export const REFUSAL =
  'level2, level3, and full channels now require authentication. https://docs.cloud.coinbase.com/exchange/docs/websocket-auth'

/** A channel and one of its products; '' for a channel without products. */
export interface Subscription {
  readonly channel: string
  readonly product: string
}

export interface Answer {
  /** The frame to send back. */
  readonly text: string
  /** What was not subscribed before. */
  readonly added: readonly Subscription[]
  /** Frames to send before it: what was refused of a request that was granted otherwise. */
  readonly refusals?: readonly string[]
}

/** What varies between servers and connections; nothing does when left out. */
export interface CoinbaseHabits {
  /** For orders and optional fields that nobody may rely on. */
  readonly random?: Rng
  /** Whether the rest of a request is granted when one of its products is refused. */
  readonly grantsRest?: boolean
  /** Whether the venue has ended the trading of a product. */
  readonly isDelisted?: (product: string) => boolean
  /** Whether the account of a signed client may subscribe to this once more. */
  readonly hasRoom?: (subscription: Subscription) => boolean
}

/** Refusals of one request that are told one by one. */
const REFUSALS_TOLD = 10

const failureText = (verb: string, reason: string): string =>
  JSON.stringify({ type: 'error', message: `Failed to ${verb}`, reason })

const failure = (verb: string, reason: string): Answer => ({ text: failureText(verb, reason), added: [] })

const errorAnswer = (message: string): Answer => ({
  text: JSON.stringify({ type: 'error', message }),
  added: [],
})

export class CoinbaseSubscriptions {
  private readonly held = new Map<string, Set<string>>()
  private readonly products: ReadonlySet<string>
  private readonly credentials: CoinbaseCredentials
  private readonly habits: CoinbaseHabits
  private isAuthenticated = false
  private answers = 0
  private changes = 0

  constructor(products: ReadonlySet<string>, credentials: CoinbaseCredentials, habits: CoinbaseHabits = {}) {
    this.products = products
    this.credentials = credentials
    this.habits = habits
  }

  get isEmpty(): boolean {
    return this.held.size === 0
  }

  /** Whether the client has shown good credentials. */
  get isSigned(): boolean {
    return this.isAuthenticated
  }

  /** Grows whenever what is subscribed changes. */
  get version(): number {
    return this.changes
  }

  has(channel: string, product: string): boolean {
    return this.held.get(channel)?.has(product) === true
  }

  /** Takes one frame of the client. `unixSeconds`: the wall clock, for signatures. */
  take(text: string, unixSeconds: number): Answer {
    const request = parsedRequest(text)
    if (request === undefined) return errorAnswer('Malformed JSON')
    if (request['type'] === 'subscribe') return this.subscribe(request, unixSeconds)
    if (request['type'] === 'unsubscribe') return this.unsubscribe(request)
    return errorAnswer('Type has to be either subscribe or unsubscribe')
  }

  private subscribe(request: Fields, unixSeconds: number): Answer {
    const wishes = wishesOf(request)
    if (wishes.length === 0) return failure('subscribe', 'No channels provided')
    for (const { channel, products } of wishes) {
      if (!CHANNELS.has(channel)) return failure('subscribe', `${channel} is not a valid channel`)
      if (products.length === 0 && !WITHOUT_PRODUCTS.has(channel))
        return failure('subscribe', 'No products provided')
    }
    this.authenticate(request, unixSeconds)
    if (!this.isAuthenticated && wishes.some(({ channel }) => SIGNED.has(channel)))
      return failure('subscribe', REFUSAL)
    const refused = new Set(wishes.flatMap((wish) => this.refusalsOf(wish)))
    const [first] = refused
    if (first !== undefined && this.habits.grantsRest !== true) return failure('subscribe', first)
    const added = wishes.flatMap((wish) => this.add(wish))
    if (first !== undefined && added.length === 0) return failure('subscribe', first)
    if (added.length > 0) this.changes++
    const refusals = [...refused].slice(0, REFUSALS_TOLD).map((reason) => failureText('subscribe', reason))
    return { added, text: this.current(), refusals }
  }

  private authenticate(request: Fields, unixSeconds: number): void {
    const { key, passphrase, timestamp, signature } = request
    if (signature === undefined || this.isAuthenticated) return
    const given = { key, passphrase, timestamp, signature }
    this.isAuthenticated =
      signatureFault(given, this.credentials, 'GET/users/self/verify', unixSeconds) === undefined
  }

  /** Why products of a wish cannot be had, if any. */
  private refusalsOf({ channel, products }: Wish): string[] {
    if (channel === 'status') return []
    const reasons: string[] = []
    for (const product of products) {
      if (!this.products.has(product)) reasons.push(`${product} is not a valid product`)
      else if (this.habits.isDelisted?.(product) === true) reasons.push(`${product} is delisted`)
      else if (!this.mayAdd(channel, product))
        reasons.push(`Too many subscriptions of this account to ${channel} of ${product}`)
      if (reasons.length === REFUSALS_TOLD) break
    }
    return reasons
  }

  private isTraded(product: string): boolean {
    return this.products.has(product) && this.habits.isDelisted?.(product) !== true
  }

  private mayAdd(channel: string, product: string): boolean {
    if (!this.isAuthenticated || this.has(channel, product)) return true
    return this.habits.hasRoom?.({ channel, product }) !== false
  }

  private add({ channel, products }: Wish): Subscription[] {
    const wanted = channel === 'status' || products.length === 0 ? [''] : products
    const added: Subscription[] = []
    for (const product of wanted) {
      const isGood = product === '' || (this.isTraded(product) && this.mayAdd(channel, product))
      if (!isGood || this.has(channel, product)) continue
      const held = this.held.get(channel) ?? new Set()
      this.held.set(channel, held.add(product))
      added.push({ channel, product })
    }
    return added
  }

  /** A channel named without products is dropped whole. */
  private unsubscribe(request: Fields): Answer {
    const wishes = wishesOf(request)
    if (wishes.length === 0) return failure('unsubscribe', 'No channels provided')
    this.changes++
    for (const { channel, products } of wishes) {
      const held = this.held.get(channel)
      for (const product of products) held?.delete(product)
      if (products.length === 0 || channel === 'status' || held?.size === 0) this.held.delete(channel)
    }
    return { text: this.current(), added: [] }
  }

  /** The whole current set, in an order that is nobody's to rely on. */
  private current(): string {
    this.answers++
    const { random } = this.habits
    const hasAccounts = random?.chance(500) ?? true
    const channels = [...this.held].map(([channel, products]) => ({
      name: oldNameOf(channel),
      product_ids: this.shuffled([...products].filter((product) => product !== '')),
      ...(hasAccounts ? { account_ids: null } : {}),
    }))
    const more = channels.length === 0 && random?.chance(300) === true ? { product_ids: [] } : {}
    return JSON.stringify({ type: 'subscriptions', channels: this.shuffled(channels), ...more })
  }

  private shuffled<A>(items: A[]): A[] {
    const { random } = this.habits
    if (random === undefined) return this.answers % 2 === 0 ? items.reverse() : items
    for (let place = items.length - 1; place > 0; place--) {
      const other = random.below(place + 1)
      const [item, moved] = [items[place], items[other]] as [A, A]
      items[place] = moved
      items[other] = item
    }
    return items
  }
}
