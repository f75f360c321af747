/** Frames we send to Bitfinex, and the flags of `conf`. Owns their text. */
import type { OutgoingFrame } from '../venue.ts'

/** Bits of `conf`. */
export const FLAGS = {
  /** Server milliseconds at the end of every array frame. */
  timestamp: 32_768,
  /** A number for every array frame of the socket. */
  sequence: 65_536,
  /** `cs` frames for books. */
  checksum: 131_072,
  /** Book updates come in groups. */
  bulk: 536_870_912,
} as const

/** What we ask for: time, sequence and checksums; no groups, since a burst is told by its times. */
export const RECORDING_FLAGS = FLAGS.timestamp + FLAGS.sequence + FLAGS.checksum

/** Books that can be asked for: raw orders, then levels from finest to coarsest. */
export const FEEDS = ['R0', 'P0', 'P1', 'P2', 'P3', 'P4'] as const
export const DEFAULT_FEED = 'R0'

/** How a book is asked for; the venue sends `len` as text. */
export interface BookRequest {
  readonly symbol: string
  readonly prec: string
  readonly freq: string
  readonly len: string
}

/** The book that `--feed` means: raw orders or a precision, at full speed, 250 a side. */
export const bookRequestOf = (symbol: string, feed: string): BookRequest => ({
  symbol,
  prec: feed,
  freq: 'F0',
  len: '250',
})

// No secrets in any of them: what is stored is what is sent.
const frame = (value: object): OutgoingFrame => {
  const text = JSON.stringify(value)
  return { text, stored: text }
}

export const confFrame = (flags: number): OutgoingFrame => frame({ event: 'conf', flags })

export const subscribeBookFrame = (request: BookRequest): OutgoingFrame =>
  frame({
    event: 'subscribe',
    channel: 'book',
    symbol: request.symbol,
    prec: request.prec,
    freq: request.freq,
    len: request.len,
  })

export const subscribeTradesFrame = (symbol: string): OutgoingFrame =>
  frame({ event: 'subscribe', channel: 'trades', symbol })

export const unsubscribeFrame = (chanId: number): OutgoingFrame => frame({ event: 'unsubscribe', chanId })
