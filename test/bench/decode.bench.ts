/** Capture and replay: bytes of a frame to the book, as text and as rows, beside `JSON.parse` of the same bytes. */
import { FrameScanner } from '../../src/codec/template/frame-scanner.ts'
import { ScanningCursor } from '../../src/codec/template/scanning-cursor.ts'
import { EntryCursor } from '../../src/log/entry.ts'
import { BookKeeper } from '../../src/replay/keeper/book-keeper.ts'
import { bitfinexVenue } from '../../src/venues/bitfinex/venue.ts'
import { coinbaseVenue } from '../../src/venues/coinbase/venue.ts'
import type { Venue } from '../../src/venues/venue.ts'
import { generateFullFeed, recordsOf } from '../support/full-feed.ts'
import { generatedFeed } from '../support/generated-feeds.ts'
import { deafSink } from './deaf-sink.ts'
import { type Benchmark, interleaved, median, perSecond, type Row } from './row.ts'
import { ScannedCursor, scanRecords } from './scanned-cursor.ts'

const FRAMES = 300_000
const ORDERS = 10_000
const ROUNDS = 9
/** Of the engine: about four for each frame of a Bitfinex book, its trades and ticker. */
const RAW_EVENTS = 400_000

const parseAlone = (records: Uint8Array): number => {
  const cursor = new EntryCursor(records)
  let parsed = 0
  while (cursor.next()) if (cursor.kind === 'frame' && JSON.parse(cursor.text()) !== undefined) parsed++
  return parsed
}

const keep = (venue: Venue, cursor: EntryCursor): BookKeeper => {
  const keeper = new BookKeeper(venue)
  while (cursor.next()) keeper.apply(cursor)
  return keeper
}

const decodeAlone = (venue: Venue, cursor: EntryCursor): void => {
  const decoder = venue.newDecoder()
  while (cursor.next()) decoder.decode(cursor, deafSink)
}

const bookRow = (keeper: BookKeeper): Row => {
  const { valid, verified, gaps } = keeper.summary()
  return {
    name: 'book at the end',
    value: `${valid ? 'valid' : 'NOT VALID'}, ${verified ? 'verified' : 'NOT VERIFIED'}`,
    note: `${String(gaps)} gaps`,
  }
}

/** The same frames by every way, round after round. */
const ways = (venue: Venue, records: Uint8Array, frames: number): readonly Row[] => {
  const scanned = scanRecords(records)
  let keeper = new BookKeeper(venue)
  const [parse = [], text = [], scan = [], live = [], alone = [], rows = []] = interleaved(ROUNDS, [
    () => parseAlone(records),
    () => {
      keep(venue, new EntryCursor(records))
    },
    () => {
      const cursor = new ScanningCursor(records, new FrameScanner())
      while (cursor.next());
    },
    () => {
      keeper = keep(venue, new ScanningCursor(records, new FrameScanner()))
    },
    () => {
      decodeAlone(venue, new ScannedCursor(scanned))
    },
    () => {
      keep(venue, new ScannedCursor(scanned))
    },
  ])
  const line = (name: string, times: readonly number[], note: string): Row => {
    const ratios = parse.map((time, round) => time / (times[round] ?? NaN))
    const spread = `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`
    const share = `${median(ratios).toFixed(2)} × JSON.parse (${spread})`
    return { name, value: perSecond(frames, median(times)), note: `${share}; ${note}` }
  }
  return [
    bookRow(keeper),
    line('JSON.parse alone', parse, 'text from bytes, then parsed'),
    line('text to the book', text, 'JSON.parse and io-ts for every frame: floor 0.35'),
    line('scan alone', scan, 'bytes to rows'),
    line('bytes to the book', live, 'scanned, read by position: capture'),
    line('rows decoded', alone, 'what the venue means, told to nobody'),
    line('rows to the book', rows, 'rows as an opened chunk gives them: replay'),
  ]
}

const framesIn = (records: Uint8Array): number => {
  const cursor = new EntryCursor(records)
  let frames = 0
  while (cursor.next()) if (cursor.kind === 'frame') frames++
  return frames
}

/** A Bitfinex R0 book with its trades. */
const rawBookRows = (): readonly Row[] => {
  const records = generatedFeed({ feed: 'R0', seed: 7, events: RAW_EVENTS, isOpenEnded: true })
  const frames = framesIn(records)
  const note = `generated Bitfinex R0 book, trades and ticker, ${String(Math.round(records.length / frames))} bytes an entry`
  return [{ name: 'R0 frames', value: String(frames), note }, ...ways(bitfinexVenue, records, frames)]
}

const run = async (): Promise<readonly Row[]> => {
  const records = recordsOf(generateFullFeed(FRAMES, ORDERS))
  return await Promise.resolve([
    {
      name: 'frames',
      value: String(FRAMES),
      note: `generated full feed, ${String(Math.round(records.length / FRAMES))} bytes an entry, book of about ${String(ORDERS)} orders`,
    },
    ...ways(coinbaseVenue, records, FRAMES),
    ...rawBookRows(),
  ])
}

export const decodeBenchmark: Benchmark = {
  name: 'decode',
  about:
    'Coinbase full and Bitfinex R0, from the bytes of a frame to the book. A slowdown costs every recording and every replay.',
  run,
}
