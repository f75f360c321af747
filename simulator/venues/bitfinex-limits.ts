/** The rates that Bitfinex allows, in one place. `false` of any of them means: refused. */
import { MinuteLimit, TokenBuckets } from './rate-limits.ts'

export interface BitfinexLimits {
  /** New WebSocket connections of an address: 20 a minute, then none for a minute. */
  readonly connects: MinuteLimit
  /** REST requests of an address to one endpoint: 90 a minute, then none for a minute. */
  readonly requests: MinuteLimit
  /** Frames from clients of an address, pings among them: 100 a second. The venue documents no such limit. */
  readonly messages: TokenBuckets
}

export const newBitfinexLimits = (): BitfinexLimits => ({
  connects: new MinuteLimit(20),
  requests: new MinuteLimit(90),
  messages: new TokenBuckets(100, 100),
})
