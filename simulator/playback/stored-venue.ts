/** What a server of one venue plays from a store: its streams, their books, and the entries that tell what they hold. */
import { EntryCursor, type EntryView, type Seq } from '../../src/index.ts'
import type { ServedVenue } from './captured-venue.ts'
import type { PlayOrigin } from './play-stage.ts'
import { StoredBook } from './stored-book.ts'
import type { StoredSource } from './stored-source.ts'

/** Entries looked at, at the start of a stream and of the connection that a range begins in. */
const LOOKED_AT = 5000

export class StoredVenue implements PlayOrigin {
  readonly venue: ServedVenue
  readonly sources: readonly StoredSource[]
  readonly stored: readonly StoredSource[]
  /** By the place of the stream. */
  readonly books: readonly StoredBook[]
  private readonly places = new Map<string, number>()

  /** All streams are of one venue. */
  constructor(venue: ServedVenue, stored: readonly StoredSource[]) {
    this.venue = venue
    this.sources = stored
    this.stored = stored
    this.books = stored.map(({ part, last }) => new StoredBook(part, last))
    stored.forEach(({ part }, index) => {
      const pair = part.stream.slice(part.stream.indexOf(':') + 1)
      this.places.set(part.venue.symbolOf(pair), index)
    })
  }

  /** The venue's own names of the instruments. */
  symbols(): readonly string[] {
    return [...this.places.keys()]
  }

  /** The place of the stream of an instrument, by the venue's own name. */
  indexOf(symbol: string): number | undefined {
    return this.places.get(symbol)
  }

  /** Shows every entry that may tell what a stream holds where its play begins: its first ones, then its connection's. */
  async survey(show: (entry: EntryView, source: number) => void): Promise<void> {
    for (const [index, source] of this.stored.entries()) {
      const shown = await showEntries(source, 0, (entry) => show(entry, index))
      const start = await source.connectionAt(source.before + 1)
      if (start > shown) await showEntries(source, start - 1, (entry) => show(entry, index))
    }
  }

  async close(): Promise<void> {
    for (const book of this.books) await book.close()
  }
}

/** The last entry shown. */
const showEntries = async (
  source: StoredSource,
  after: Seq,
  show: (entry: EntryView) => void,
): Promise<Seq> => {
  let left = LOOKED_AT
  let last = after
  for await (const records of source.batches(after)) {
    const cursor = new EntryCursor(records)
    while (cursor.next()) {
      if (left-- === 0) return last
      last = cursor.seq
      show(cursor)
    }
  }
  return last
}
