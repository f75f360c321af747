/** A log of samples against the log of the frames it was taken from: the same books at the same instants. */
import { describe, expect, it } from 'vitest'

import { EntryCursor, EntryWriter } from '../../../src/log/entry.ts'
import type { RunManifest } from '../../../src/log/payloads.ts'
import { microsOf } from '../../../src/market/time.ts'
import { BookSampler } from '../../../src/recorder/sampling/book-sampler.ts'
import { type BookRow, booksTo } from '../../../src/replay/derived/books.ts'
import { BookKeeper } from '../../../src/replay/keeper/book-keeper.ts'
import { bitfinexVenue } from '../../../src/venues/bitfinex/venue.ts'
import { coinbaseVenue } from '../../../src/venues/coinbase/venue.ts'
import type { Venue } from '../../../src/venues/venue.ts'
import { DERIVED_FEEDS, type DerivedFeed, derivedRecords, visitFeed } from '../../support/derived-feeds.ts'
import { splitRecords } from '../../support/entries.ts'

const DEPTH = 5
const INTERVAL = 250_000

const venueOf = (feed: DerivedFeed): Venue => (feed === 'R0' || feed === 'P0' ? bitfinexVenue : coinbaseVenue)

const manifestFor = (feed: DerivedFeed): RunManifest => ({
  software: 'test',
  stream: `${venueOf(feed).id}:BTC-USD`,
  venue: venueOf(feed).id,
  pair: 'BTC-USD',
  symbol: 'BTC-USD',
  feed,
  mode: 'snapshot',
  depth: DEPTH,
  interval: INTERVAL,
  assumeEmptyBook: false,
})

/** The log of samples of these batches; `isTold`: instants are told ahead of the entries behind them. */
const sampled = (feed: DerivedFeed, batches: readonly Uint8Array[], isTold = false): Uint8Array => {
  const writer = new EntryWriter()
  let seq = 0
  let lastTime = 0
  const sampler = new BookSampler({
    venue: venueOf(feed),
    interval: INTERVAL,
    depth: DEPTH,
    manifest: manifestFor(feed),
    onEntry: (kind, time, connection, payload) => {
      expect(time).toBeGreaterThanOrEqual(lastTime)
      lastTime = time
      writer.append(kind, ++seq, time, connection, payload)
    },
    onCommand: () => undefined,
    onStarted: () => undefined,
  })
  for (const batch of batches) {
    const first = new EntryCursor(batch)
    if (isTold && first.next()) sampler.reach(microsOf(first.receiveTime - 1))
    sampler.apply(batch)
  }
  return writer.take() ?? new Uint8Array(0)
}

const plain = ({
  time,
  isValid,
  invalidReason,
  isVerified,
  priceScale,
  sizeScale,
  ...row
}: BookRow): unknown => ({
  time,
  isValid,
  invalidReason,
  isVerified,
  levels: isValid
    ? [priceScale, sizeScale, ...[row.bids, row.asks].map((side) => [...side.prices, ...side.sizes, ...side.orderCounts])] // prettier-ignore
    : [],
})

const rowsOf = async (feed: DerivedFeed, records: Uint8Array): Promise<readonly unknown[]> => {
  const rows: unknown[] = []
  await visitFeed(
    feed,
    records,
    booksTo({ levels: DEPTH, every: INTERVAL }, (row) => rows.push(plain(row))),
  )
  return rows
}

describe.each(DERIVED_FEEDS)('samples of %s', (feed) => {
  it.each([
    [1, false],
    [2, true],
    [3, true],
  ])('give the books that the frames gave (seed %i, bad line: %s)', async (seed, isFaulty) => {
    const records = derivedRecords(feed, seed, isFaulty)
    const rows = await rowsOf(feed, records)
    const ownRows = await rowsOf(feed, sampled(feed, [records]))
    expect(rows.length).toBeGreaterThan(3)
    expect(ownRows).toEqual(rows)
  })

  it('are the same however the entries come in batches, and whether or not instants are told', () => {
    const records = derivedRecords(feed, 2, true)
    const whole = sampled(feed, [records])
    const pieces = splitRecords(records)
    expect(Buffer.from(sampled(feed, pieces)).equals(whole)).toBe(true)
    expect(Buffer.from(sampled(feed, pieces, true)).equals(whole)).toBe(true)
  })

  it('carry every loss and interruption', () => {
    const records = derivedRecords(feed, 3, true)
    const live = new BookKeeper(venueOf(feed))
    live.applyRecords(records)
    const replayed = new BookKeeper(venueOf(feed))
    replayed.applyRecords(sampled(feed, [records]))
    const counts = (keeper: BookKeeper): unknown => {
      const { gaps, disconnects } = keeper.takeVerdict()
      return [gaps.map(({ cause, expected, found }) => [cause, expected, found]), disconnects.map(({ cause }) => cause)] // prettier-ignore
    }
    expect(counts(replayed)).toEqual(counts(live))
    expect(replayed.summary().undecodedFrames).toBe(0)
  })

  it('go on from the state at any entry', () => {
    const records = splitRecords(sampled(feed, [derivedRecords(feed, 2, true)]))
    const whole = new BookKeeper(venueOf(feed))
    const cut = new BookKeeper(venueOf(feed))
    for (const record of records) {
      whole.applyRecords(record)
      cut.restore(cut.save())
      cut.applyRecords(record)
      expect(cut.digest()).toEqual(whole.digest())
      expect(Buffer.from(cut.save()).equals(whole.save())).toBe(true)
    }
    expect(records.length).toBeGreaterThan(3)
  })
})
