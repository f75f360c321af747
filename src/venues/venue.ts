/**
 * PORT: what bookreel needs to know of a venue. One folder per venue implements it, one line in registry.ts names it.
 * Everything here is pure: time, randomness, sockets and secrets come in as arguments.
 */
import type { Either } from 'fp-ts/lib/Either.js'

import type { ColumnHints } from '../log/column-hints.ts'
import type { EntryView } from '../log/entry.ts'
import type { DisconnectCause, GapCause, InvalidReason, MarketSink } from '../market/event.ts'
import type { VenueId } from '../market/instrument.ts'
import type { OrderHandle } from '../market/order-ids.ts'
import type { ProductState } from '../market/product-state.ts'

/** Secrets of one venue, by the venue's own names. */
export type Credentials = Readonly<Record<string, string>>

/** A frame to send. `stored` is what the log keeps: the same text with its secrets replaced by `***`. */
export interface OutgoingFrame {
  readonly text: string
  readonly stored: string
}

/** What a decoder asks of the live feed. Replay ignores it. */
export type FeedCommand =
  /** Send a frame on this connection (dropped when that connection is gone). */
  | { readonly kind: 'send'; readonly connection: number; readonly frame: OutgoingFrame }
  /** GET this path after `delay` ms, at most one request of a purpose at a time: a newer one replaces a waiting one. */
  | { readonly kind: 'request'; readonly purpose: string; readonly path: string; readonly delay: number }
  /** Give this connection up and open a new one, after `delay` ms at least. */
  | {
      readonly kind: 'reconnect'
      readonly connection: number
      readonly cause: DisconnectCause
      readonly delay: number
      /** What made it necessary, in a few words; stands in the log behind the cause. */
      readonly detail?: string
    }
  /** The venue will end this connection soon: open a new one beside it, which takes its place. */
  | { readonly kind: 'renew'; readonly connection: number }
  /**
   * Write a `timer` entry of this name after `delay` ms; a newer one of the same name replaces it. One that is about a
   * connection has its number in the entry, and dies with it.
   */
  | {
      readonly kind: 'timer'
      readonly timer: string
      readonly delay: number
      readonly connection?: number
    }
  /**
   * The venue refuses what we ask for good (credentials, unknown product): say so, retry slowly. `isGone`: there is no such
   * product any more; retried more slowly still.
   */
  | {
      readonly kind: 'refused'
      readonly connection: number
      readonly text: string
      readonly isGone?: boolean
    }

/** A loss, as it stands in a stream's list of gaps. */
export interface Gap {
  readonly cause: GapCause
  /** The venue's number, checksum or fact that should have come, as text; '' where there is none. */
  readonly expected: string
  /** What came instead, as text. */
  readonly found: string
}

/** A MarketSink that is also told what only recorders and verifiers want to know. */
export interface DecoderSink extends MarketSink {
  /**
   * True once the book refused something of the entry at hand: it takes nothing more of it, so that ids of orders it
   * would have let go must stay readable. `reject` follows.
   */
  readonly hasRefused: boolean
  /** Something was lost. Told once per loss, at the entry that proves it. */
  gap(gap: Gap): void
  /** An interruption without loss: a fresh snapshot will follow. */
  disconnected(cause: DisconnectCause): void
  /** A frame nobody understands; `what` is a short kind for counting: `not-json`, `type:foo`, `binary` … */
  undecoded(what: string): void
  /** The same message came before, over another connection or again over this one: nothing new. */
  duplicate(): void
  /** This connection delivers: its first useful frame was decoded. */
  started(connection: number): void
  /** What the venue says of the stream's product; told whenever it says so, changed or not. */
  product(state: ProductState): void
  command(command: FeedCommand): void
}

/**
 * Gives meaning to the entries of one stream, from its first on. Pure: no clock, no timer; its time advances only
 * through entries. The same entries give the same calls.
 */
export interface Decoder {
  readonly decode: (entry: EntryView, sink: DecoderSink) => void
  /**
   * The book contradicts what the last entry said (told after that entry's `decode` returned). The decoder reports
   * `bookInvalid` (and `gap` where something must have been lost), takes no more events into the book, and asks for a
   * fresh start.
   */
  readonly reject: (reason: InvalidReason, detail: string, sink: DecoderSink) => void
  /** Whole state, order ids included; `restore` on a new decoder of the same version goes on as if never stopped. */
  readonly save: () => Uint8Array
  readonly restore: (state: Uint8Array) => void
  /**
   * The venue's id of an order that rests. Ids of a book's content stay readable until the next `bookStarted` or
   * `run-started`, also while the book is invalid, disconnected or the run has ended.
   */
  readonly orderId: (order: OrderHandle) => string
  /** True between events that the venue meant to be seen together. */
  readonly isMidTransaction: () => boolean
}

/** What a live feed of one stream is to ask for. */
export interface SessionContext {
  readonly symbol: string
  readonly feed: string
  readonly credentials: Credentials | undefined
  /** Unix seconds, for signatures. */
  readonly unixSeconds: number
}

/** A pair as a venue's public list offers it. */
export interface OfferedPair {
  /** Canonical: `BTC-USD`. */
  readonly pair: string
  /** The venue's own name of it. */
  readonly symbol: string
  /** What the venue says of it, in its words; undefined where the list does not say. */
  readonly status: string | undefined
  /** Smallest steps of price and size, as decimal text; undefined where the list does not say. */
  readonly priceIncrement: string | undefined
  readonly sizeIncrement: string | undefined
}

/** Where a venue lists its pairs, and how the list is read. */
export interface PairList {
  /** Below the REST endpoint, asked for without credentials. */
  readonly path: string
  /** Undefined: the body is no such list. Rows that name no pair are left out. */
  readonly read: (body: unknown) => readonly OfferedPair[] | undefined
}

/** At most `most` in any span of so many milliseconds. */
export interface RateLimit {
  readonly most: number
  readonly milliseconds: number
}

/** At most `most` channels on one connection. */
export interface ChannelLimit {
  readonly most: number
  /** How many a stream's connection asks for. */
  readonly channelsOf: (session: Pick<SessionContext, 'symbol' | 'feed'>) => number
}

/** What tells of a product while it is recorded. */
export interface ProductRefresh {
  /** Below the REST endpoint. */
  readonly path: (session: SessionContext) => string
  /** Milliseconds from one request to the next, about. */
  readonly interval: number
}

/** An exchange: what bookreel must know to record it and to understand what it recorded. */
export interface Venue {
  readonly id: VenueId
  /** The venue's name as people write it. */
  readonly name: string
  /** What makes its frames small in chunks, never what they mean; left out: nothing is known. */
  readonly columnHints?: ColumnHints | undefined
  /** Grows with every change of what the decoder makes of the same entries. */
  readonly decoderVersion: number
  readonly endpoints: { readonly ws: string; readonly rest: string }
  /** Feeds that `--feed` may name, the default first. */
  readonly feeds: readonly string[]
  /** Names of the environment variables that hold credentials; empty where the venue needs none. */
  readonly credentialVariables: readonly string[]
  /** A socket with no frame for this many milliseconds is dead. */
  readonly silenceLimit: number
  /** New connections from one address. */
  readonly connectLimit: RateLimit
  /** REST requests from one address. */
  readonly requestLimit: RateLimit
  /** Left out: the venue names none. */
  readonly channelLimit?: ChannelLimit | undefined
  /** Whether to offer permessage-deflate. */
  readonly offersCompression: boolean
  /** The venue's symbol of a canonical pair (`BTC-USD`); a symbol of the venue itself is taken as it is. */
  readonly symbolOf: (pair: string) => string
  /** The canonical pair of a venue symbol, or of a pair already canonical; undefined when it is neither. */
  readonly pairOf: (symbolOrPair: string) => string | undefined
  /** Credentials from the environment; Left: one sentence, when some are set and others are missing. */
  readonly credentialsFrom: (
    environment: Readonly<Record<string, string | undefined>>,
  ) => Either<string, Credentials | undefined>
  /** The feed to use; Left: one sentence why not. `notice`: one sentence a user must see. */
  readonly chooseFeed: (
    wanted: string | undefined,
    credentials: Credentials | undefined,
  ) => Either<string, { readonly feed: string; readonly notice: string | undefined }>
  /** Frames to send as soon as a connection is open. */
  readonly openingFrames: (session: SessionContext) => readonly OutgoingFrame[]
  /** The venue's public list of pairs. */
  readonly pairList: PairList
  /** REST paths (with query) to GET once at the start of a run: the product list. */
  readonly openingRequests: (session: SessionContext) => readonly string[]
  /** Asked for again and again while recording, so that a changed product shows; left out: it is not. */
  readonly productRefresh?: ProductRefresh | undefined
  /** Headers of a GET of this path, signed where there are credentials. */
  readonly requestHeaders: (path: string, session: SessionContext) => Readonly<Record<string, string>>
  /** A new decoder; a stream has one for all its runs. */
  readonly newDecoder: () => Decoder
}
