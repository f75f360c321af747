/** Capture: bytes of a frame to the book, beside `JSON.parse` of the same bytes. */
import { EntryCursor } from '../../src/log/entry.ts'
import { BookKeeper } from '../../src/replay/book-keeper.ts'
import { coinbaseVenue } from '../../src/venues/coinbase/venue.ts'
import { generateFullFeed, recordsOf } from '../support/full-feed.ts'
import { type Benchmark, interleaved, median, perSecond, type Row } from './row.ts'

const FRAMES = 300_000
const ORDERS = 10_000
const ROUNDS = 9

const parseAlone = (records: Uint8Array): number => {
  const cursor = new EntryCursor(records)
  let parsed = 0
  while (cursor.next()) if (cursor.kind === 'frame' && JSON.parse(cursor.text()) !== undefined) parsed++
  return parsed
}

const run = async (): Promise<readonly Row[]> => {
  const records = recordsOf(generateFullFeed(FRAMES, ORDERS))
  let keeper = new BookKeeper(coinbaseVenue)
  const [parse = [], keep = []] = interleaved(ROUNDS, [
    () => parseAlone(records),
    () => {
      keeper = new BookKeeper(coinbaseVenue)
      keeper.applyRecords(records)
    },
  ])
  const { valid, verified, gaps } = keeper.summary()
  const ratios = parse.map((time, round) => time / (keep[round] ?? NaN))
  return await Promise.resolve([
    {
      name: 'frames',
      value: String(FRAMES),
      note: `generated full feed, ${String(Math.round(records.length / FRAMES))} bytes an entry, book of about ${String(ORDERS)} orders`,
    },
    {
      name: 'book at the end',
      value: `${valid ? 'valid' : 'NOT VALID'}, ${verified ? 'verified' : 'NOT VERIFIED'}`,
      note: `${String(gaps)} gaps`,
    },
    {
      name: 'JSON.parse alone',
      value: perSecond(FRAMES, median(parse)),
      note: 'text from bytes, then parsed',
    },
    {
      name: 'decode + book',
      value: perSecond(FRAMES, median(keep)),
      note: 'the same bytes to the book, io-ts checked',
    },
    {
      name: 'share of JSON.parse',
      value: median(ratios).toFixed(2),
      note: `floor 0.35; ${String(ROUNDS)} rounds, ${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}`,
    },
  ])
}

export const decodeBenchmark: Benchmark = {
  name: 'decode',
  about:
    'Coinbase full, from the bytes of a frame to the book. A slowdown costs every recording and every replay.',
  run,
}
