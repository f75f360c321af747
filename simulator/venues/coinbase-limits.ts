/** The rates that Coinbase allows, in one place. `false` of any of them means: refused. */
import { TokenBuckets } from './rate-limits.ts'

export interface CoinbaseLimits {
  /** New WebSocket connections of an address: 8 a second, 20 at once. */
  readonly connects: TokenBuckets
  /** Frames from clients of an address, pings among them: 100 a second. */
  readonly messages: TokenBuckets
  /** REST requests of an address: 10 a second, 15 at once. */
  readonly publicRequests: TokenBuckets
  /** Signed REST requests: 15 a second, 30 at once. */
  readonly privateRequests: TokenBuckets
}

export const newCoinbaseLimits = (): CoinbaseLimits => ({
  connects: new TokenBuckets(8, 20),
  messages: new TokenBuckets(100, 100),
  publicRequests: new TokenBuckets(10, 15),
  privateRequests: new TokenBuckets(15, 30),
})

/** Subscriptions of one account to one product and channel. */
export const SUBSCRIPTIONS_PER_ACCOUNT = 10
