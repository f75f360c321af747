/** Sessions of one Coinbase product for tests, message by message, with numbers that follow each other. */
import { FrameScanner } from '../../../src/codec/template/frame-scanner.ts'
import { ScanningCursor } from '../../../src/codec/template/scanning-cursor.ts'
import type { MarketEvent } from '../../../src/market/event.ts'
import { BookKeeper } from '../../../src/replay/keeper/book-keeper.ts'
import { coinbaseVenue } from '../../../src/venues/coinbase/venue.ts'
import type { FeedCommand } from '../../../src/venues/venue.ts'
import { decodeAll, type Decoded, EntryScript, manifestOf, SinkLog } from '../../support/entries.ts'
import { expectTwinKeepers } from '../../support/twin-decoding.ts'
import { BothWays } from './both-ways.ts'

export const PRODUCT = 'BTC-USD'
export const BOOK_URL = `https://rest.test/products/${PRODUCT}/book?level=3`

/** An id of an order by a short name. */
export const id = (name: string): string => `00000000-0000-4000-8000-${name.padStart(12, '0')}`

const timeOf = (sequence: number): string => `2024-05-01T00:00:00.${String(sequence).padStart(6, '0')}Z`

export type Fields = Readonly<Record<string, unknown>>

/** A message of the full channel. */
export const message = (type: string, sequence: number, fields: Fields = {}): Fields => ({
  type,
  product_id: PRODUCT,
  sequence,
  time: timeOf(sequence),
  side: 'buy',
  order_id: id('a'),
  ...fields,
})

export const open = (sequence: number, name: string, fields: Fields = {}): Fields =>
  message('open', sequence, { order_id: id(name), price: '100', remaining_size: '1', ...fields })

export const received = (sequence: number, fields: Fields = {}): Fields =>
  message('received', sequence, { order_type: 'limit', price: '100', size: '1', ...fields })

export const match = (sequence: number, maker: string, fields: Fields = {}): Fields =>
  message('match', sequence, {
    trade_id: sequence,
    maker_order_id: id(maker),
    taker_order_id: id('taker'),
    price: '100',
    size: '0.25',
    ...fields,
  })

export const done = (sequence: number, name: string, fields: Fields = {}): Fields =>
  message('done', sequence, { order_id: id(name), reason: 'canceled', ...fields })

export const book = (
  sequence: number,
  bids: readonly (readonly string[])[] = [['99', '2', id('bid')]],
  asks: readonly (readonly string[])[] = [['101', '3', id('ask')]],
): Fields => ({ sequence, bids, asks })

/** A run with one open connection. */
export const session = (feed: string | undefined = 'full', more: Fields = {}): EntryScript =>
  new EntryScript().runStarted(manifestOf({ venue: 'coinbase', symbol: PRODUCT, feed, ...more })).opened()

/** A run whose book is in step: number 100 queued, the REST body as of 100 loaded. */
export const synchronised = (): EntryScript => session().frame(received(100)).response(BOOK_URL, book(100))

export const decode = (script: EntryScript): Decoded => decodeAll(new BothWays(), script.records())

/** A decoder that goes on: what each further part of a script makes it say. */
export class Session {
  private readonly decoder = new BothWays()
  private readonly sink = new SinkLog()
  readonly script: EntryScript

  constructor(script: EntryScript = synchronised()) {
    this.script = script
    this.say()
  }

  /** What is said of the entries added since the last call. */
  say(): Decoded {
    return decodeAll(this.decoder, this.script.records())
  }

  reject(detail: string): Decoded {
    this.decoder.reject('crossed', detail, this.sink)
    return { events: this.sink.take(), notices: this.sink.takeNotices() }
  }
}

/** What messages make a synchronised decoder say; numbers from 101 on are theirs. */
export const say = (...messages: readonly (Fields | string)[]): Decoded => {
  const run = new Session()
  for (const one of messages) run.script.frame(one)
  return run.say()
}

/** A `change` of the order that rests at the bid, numbered 101. */
export const change = (fields: Fields): Fields => message('change', 101, { order_id: id('bid'), ...fields })

/** Kinds of events in order; validity with its reason. */
export const kinds = (events: readonly MarketEvent[]): readonly string[] =>
  events.map((event) => {
    if (event.kind === 'book-invalid') return `invalid ${event.reason}`
    if (event.kind === 'book-valid') return event.verified ? 'verified' : 'valid'
    return event.kind
  })

export const commandsOf = (decoded: Decoded): readonly FeedCommand[] =>
  decoded.notices.flatMap((notice) => (notice.kind === 'command' ? [notice.command] : []))

/** The delays of the requests for a book, in milliseconds. */
export const requestsOf = (decoded: Decoded): readonly number[] =>
  commandsOf(decoded).flatMap((command) => (command.kind === 'request' ? [command.delay] : []))

/** A whole stream through its book, the end included: a keeper that goes on from rows. */
export const keep = (script: EntryScript): BookKeeper => {
  const records = script.records()
  expectTwinKeepers(coinbaseVenue, records, (batch) => new ScanningCursor(batch, new FrameScanner()), 7)
  const keeper = new BookKeeper(coinbaseVenue)
  keeper.applyRecords(records)
  return keeper
}
