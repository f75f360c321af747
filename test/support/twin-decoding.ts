/** Two decoders over the same entries, one of which reads them from text: they must say and hold the same, entry by entry. */
import { Buffer } from 'node:buffer'

import { expect } from 'vitest'

import { EntryCursor, type EntryView } from '../../src/log/entry.ts'
import { BookKeeper } from '../../src/replay/keeper/book-keeper.ts'
import type { Decoder, Venue } from '../../src/venues/venue.ts'
import { CallLog } from './call-log.ts'

/** Walks over entries; like EntryCursor it is the view of the entry it stands on. */
export interface ViewCursor extends EntryView {
  next(): boolean
}

/** Gives the entries of packed records, some of them with rows. */
export type ViewSource = (records: Uint8Array) => ViewCursor

/** How an entry is named when twins differ. */
const named = (entry: EntryView): string =>
  `entry ${String(entry.seq)}, ${entry.kind}: ${entry.text().slice(0, 300)}`

const expectSameBytes = (one: Uint8Array, other: Uint8Array, entry: EntryView): void => {
  if (Buffer.compare(one, other) !== 0) expect(named(entry)).toBe('an entry with the same state behind it')
}

const successor = (venue: Venue, decoder: Decoder): Decoder => {
  const next = venue.newDecoder()
  next.restore(decoder.save())
  return next
}

export interface TwinFigures {
  readonly entries: number
  /** Entries that had a row. */
  readonly rows: number
  /** Rows whose text was never asked for. */
  readonly unread: number
  readonly calls: number
}

/** Counts how often the text is asked for. */
const watched = (cursor: ViewCursor): { readonly view: EntryView; texts: number } => {
  const watch = { view: cursor as EntryView, texts: 0 }
  watch.view = new Proxy(cursor, {
    get: (target, name): unknown => {
      const value: unknown = Reflect.get(target, name, target)
      if (typeof value !== 'function') return value
      if (name === 'text' || name === 'bytes') watch.texts++
      return (value as () => unknown).bind(target)
    },
  })
  return watch
}

/**
 * Compares what two decoders call after every entry, and their saved states after every `sample`th. After each of those
 * the states change places: what was saved on one way goes on on the other.
 */
export const expectTwins = (
  venue: Venue,
  records: Uint8Array,
  source: ViewSource,
  sample: number,
): TwinFigures => {
  const texts = new EntryCursor(records)
  const rows = source(records)
  const watch = watched(rows)
  const [textLog, rowLog] = [new CallLog(), new CallLog()]
  let [textDecoder, rowDecoder] = [venue.newDecoder(), venue.newDecoder()]
  const figures = { entries: 0, rows: 0, unread: 0, calls: 0 }
  while (texts.next()) {
    if (!rows.next()) expect(named(texts)).toBe('the last entry')
    const before = watch.texts
    textDecoder.decode(texts, textLog)
    rowDecoder.decode(watch.view, rowLog)
    figures.entries++
    if (rows.row !== undefined) figures.rows++
    if (rows.row !== undefined && watch.texts === before) figures.unread++
    const [said, wanted] = [rowLog.take(), textLog.take()]
    figures.calls += wanted.length
    if (said.length !== wanted.length || said.some((value, index) => !Object.is(value, wanted[index])))
      expect({ entry: named(texts), said }).toEqual({ entry: named(texts), said: wanted })
    if (figures.entries % sample !== 0) continue
    expectSameBytes(rowDecoder.save(), textDecoder.save(), texts)
    ;[textDecoder, rowDecoder] = [successor(venue, rowDecoder), successor(venue, textDecoder)]
  }
  expect(rows.next()).toBe(false)
  expectSameBytes(rowDecoder.save(), textDecoder.save(), texts)
  return figures
}

/** The same with a book behind each decoder, which may refuse what it is told. */
export const expectTwinKeepers = (
  venue: Venue,
  records: Uint8Array,
  source: ViewSource,
  sample: number,
): void => {
  const texts = new EntryCursor(records)
  const rows = source(records)
  const [textKeeper, rowKeeper] = [new BookKeeper(venue), new BookKeeper(venue)]
  let entries = 0
  while (texts.next() && rows.next()) {
    textKeeper.apply(texts)
    rowKeeper.apply(rows)
    if (++entries % sample === 0) expectSameBytes(rowKeeper.save(), textKeeper.save(), texts)
  }
  expectSameBytes(rowKeeper.save(), textKeeper.save(), texts)
  expect(rowKeeper.summary()).toEqual(textKeeper.summary())
  expect(rowKeeper.takeVerdict()).toEqual(textKeeper.takeVerdict())
}
