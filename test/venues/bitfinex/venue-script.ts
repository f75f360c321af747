/** Writes what a Bitfinex socket says: numbered array frames with their tails, events, and the entries around them. */
import { EntryScript, manifestOf } from '../../support/entries.ts'

export interface ScriptOptions {
  readonly symbol?: string
  readonly feed?: string | undefined
  readonly flags?: number
  readonly assumeEmptyBook?: boolean
}

export const BOOK = 17
export const TRADES = 24

/** A conversation with the venue, from the start of a run on. The venue's clock is the receive time. */
export class VenueScript {
  readonly entries = new EntryScript()
  readonly symbol: string
  readonly feed: string
  private readonly flags: number
  private sequence = 0

  constructor(options: ScriptOptions = {}) {
    this.symbol = options.symbol ?? 'tBTCUSD'
    this.feed = options.feed ?? 'R0'
    this.flags = options.flags ?? 229_376
    const feed = 'feed' in options ? options.feed : 'R0'
    const assumeEmptyBook = options.assumeEmptyBook ?? false
    this.entries.runStarted(manifestOf({ venue: 'bitfinex', symbol: this.symbol, feed, assumeEmptyBook }))
  }

  /** Opens the socket and agrees on the flags. */
  connect(connection = 1): this {
    this.sequence = 0
    this.entries.opened(connection)
    this.entries.sent({ event: 'conf', flags: this.flags }, connection)
    this.event({ event: 'info', version: 2, serverId: 'a', platform: { status: 1 } }, connection)
    return this.event({ event: 'conf', status: 'OK', flags: this.flags }, connection)
  }

  bookSubscribed(connection = 1, chanId = BOOK, prec = this.feed, symbol = this.symbol): this {
    const pair = symbol.slice(1)
    const parameters = { symbol, prec, freq: 'F0', len: '250', pair }
    return this.event({ event: 'subscribed', channel: 'book', chanId, ...parameters }, connection)
  }

  tradesSubscribed(connection = 1, chanId = TRADES): this {
    const { symbol } = this
    return this.event({ event: 'subscribed', channel: 'trades', chanId, symbol }, connection)
  }

  event(event: object, connection = 1): this {
    this.entries.frame(event, connection)
    return this
  }

  /** The text of the next array frame: these items as JSON texts, then the tail. */
  text(items: readonly string[]): string {
    const tail: number[] = []
    if ((this.flags & 65_536) !== 0) tail.push(++this.sequence)
    if ((this.flags & 32_768) !== 0) tail.push(Math.floor(this.entries.now() / 1000))
    return `[${[...items, ...tail.map(String)].join(',')}]`
  }

  raw(items: readonly string[], connection = 1): this {
    this.entries.frame(this.text(items), connection)
    return this
  }

  /** An array frame of a channel. */
  data(chanId: number, body: unknown, connection = 1): this {
    return this.raw([String(chanId), JSON.stringify(body)], connection)
  }

  named(chanId: number, name: string, argument: unknown, connection = 1): this {
    return this.raw([String(chanId), JSON.stringify(name), JSON.stringify(argument)], connection)
  }

  /** The venue's numbers go on without these frames: they are lost. */
  lose(frames: number): this {
    this.sequence += frames
    return this
  }

  after(milliseconds: number): this {
    this.entries.after(milliseconds * 1000)
    return this
  }

  records(): Uint8Array {
    return this.entries.records()
  }
}
