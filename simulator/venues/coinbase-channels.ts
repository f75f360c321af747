/** What a Coinbase client is subscribed to: reads its requests, refuses as the venue does, words the answers. */
import { type CoinbaseCredentials, signatureFault } from './coinbase-auth.ts'

export const REFUSAL =
  'level2, level3, and full channels now require authentication. https://docs.cloud.coinbase.com/exchange/docs/websocket-auth'

const CHANNELS = new Set([
  ...['heartbeat', 'status', 'ticker', 'ticker_batch', 'matches', 'level2', 'level2_batch', 'full', 'level3'],
  ...['user', 'auctionfeed'],
])
const SIGNED = new Set(['level2', 'level3', 'full', 'user'])
/** Channels were renamed; both names are taken and the old one is answered. */
const CURRENT_NAME: Readonly<Record<string, string>> = {
  level2_50: 'level2_batch',
  ticker_1000: 'ticker_batch',
}
const OLD_NAME: Readonly<Record<string, string>> = { level2_batch: 'level2_50', ticker_batch: 'ticker_1000' }

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
}

interface Wish {
  readonly channel: string
  readonly products: readonly string[]
}

const failure = (verb: string, reason: string): Answer => ({
  text: JSON.stringify({ type: 'error', message: `Failed to ${verb}`, reason }),
  added: [],
})

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}

const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []

const wishesOf = (request: Readonly<Record<string, unknown>>): Wish[] => {
  const shared = textsOf(request['product_ids'])
  const channels: unknown[] = Array.isArray(request['channels']) ? request['channels'] : []
  return channels.map((item) => {
    const name = typeof item === 'string' ? item : String(fieldsOf(item)['name'])
    const own = typeof item === 'string' ? [] : textsOf(fieldsOf(item)['product_ids'])
    return { channel: CURRENT_NAME[name] ?? name, products: [...new Set([...own, ...shared])] }
  })
}

export class CoinbaseSubscriptions {
  private readonly held = new Map<string, Set<string>>()
  private readonly products: ReadonlySet<string>
  private readonly credentials: CoinbaseCredentials
  private isSigned = false
  private answers = 0

  constructor(products: ReadonlySet<string>, credentials: CoinbaseCredentials) {
    this.products = products
    this.credentials = credentials
  }

  get isEmpty(): boolean {
    return this.held.size === 0
  }

  has(channel: string, product: string): boolean {
    return this.held.get(channel)?.has(product) === true
  }

  /** Takes one frame of the client. `unixSeconds`: the wall clock, for signatures. */
  take(text: string, unixSeconds: number): Answer {
    let request: Readonly<Record<string, unknown>>
    try {
      request = fieldsOf(JSON.parse(text))
    } catch {
      return { text: JSON.stringify({ type: 'error', message: 'Malformed JSON' }), added: [] }
    }
    if (request['type'] === 'subscribe') return this.subscribe(request, unixSeconds)
    if (request['type'] === 'unsubscribe') return this.unsubscribe(request)
    return {
      text: JSON.stringify({ type: 'error', message: 'Type has to be either subscribe or unsubscribe' }),
      added: [],
    }
  }

  private subscribe(request: Readonly<Record<string, unknown>>, unixSeconds: number): Answer {
    const wishes = wishesOf(request)
    if (wishes.length === 0) return failure('subscribe', 'No channels provided')
    for (const { channel, products } of wishes) {
      if (!CHANNELS.has(channel)) return failure('subscribe', `${channel} is not a valid channel`)
      const unknown = products.find((product) => !this.products.has(product))
      if (unknown !== undefined) return failure('subscribe', `${unknown} is not a valid product`)
      if (products.length === 0 && channel !== 'status') return failure('subscribe', 'No products provided')
    }
    const { key, passphrase, timestamp, signature } = request
    const given = { key, passphrase, timestamp, signature }
    if (signature !== undefined && !this.isSigned)
      this.isSigned =
        signatureFault(given, this.credentials, 'GET/users/self/verify', unixSeconds) === undefined
    if (!this.isSigned && wishes.some(({ channel }) => SIGNED.has(channel)))
      return failure('subscribe', REFUSAL)
    return { added: wishes.flatMap((wish) => this.add(wish)), text: this.current() }
  }

  private add(wish: Wish): Subscription[] {
    const { channel } = wish
    const held = this.held.get(channel) ?? new Set()
    this.held.set(channel, held)
    const added: Subscription[] = []
    for (const product of channel === 'status' ? [''] : wish.products) {
      if (held.has(product)) continue
      held.add(product)
      added.push({ channel, product })
    }
    return added
  }

  /** A channel named without products is dropped whole. */
  private unsubscribe(request: Readonly<Record<string, unknown>>): Answer {
    const wishes = wishesOf(request)
    if (wishes.length === 0) return failure('unsubscribe', 'No channels provided')
    for (const { channel, products } of wishes) {
      const held = this.held.get(channel)
      for (const product of products) held?.delete(product)
      if (products.length === 0 || held?.size === 0) this.held.delete(channel)
    }
    return { text: this.current(), added: [] }
  }

  /** The whole current set, in an order that is nobody's to rely on. */
  private current(): string {
    this.answers++
    const channels = [...this.held].map(([channel, products]) => {
      const names = [...products].filter((product) => product !== '')
      if (this.answers % 2 === 0) names.reverse()
      return { name: OLD_NAME[channel] ?? channel, product_ids: names, account_ids: null }
    })
    return JSON.stringify({
      type: 'subscriptions',
      channels: this.answers % 2 === 0 ? channels.reverse() : channels,
    })
  }
}
