/** What a report collects, beside plain ways to the same figures over generated recordings of every feed. */
import { describe, expect, it } from 'vitest'

import { microsOf } from '../../src/market/time.ts'
import { booksTo } from '../../src/replay/derived/books.ts'
import { tradesTo } from '../../src/replay/derived/trades.ts'
import { visitAll } from '../../src/replay/derived/visit-all.ts'
import { streamInfo } from '../../src/replay/proof/stream-info.ts'
import { ReportCollector } from '../../src/report/collecting/report-collector.ts'
import { TimeColumns } from '../../src/report/collecting/time-columns.ts'
import {
  alteredAfter,
  type DerivedFeed,
  derivedRecords,
  derivedStore,
  receiveTimes,
  visitFeed,
  visitStore,
} from '../support/derived-feeds.ts'

const FEEDS = [
  ['full', true],
  ['level2_batch', false],
  ['R0', true],
  ['P0', false],
] as const
const CASES = FEEDS.map(([feed, isFaulty]) => ({
  feed,
  isFaulty,
  records: derivedRecords(feed, 51, isFaulty),
}))

const collectorOf = (records: Uint8Array): ReportCollector => {
  const times = receiveTimes(records)
  return new ReportCollector(new TimeColumns(times[0] ?? microsOf(0), times.at(-1) ?? microsOf(0)))
}

const collected = async (feed: DerivedFeed, records: Uint8Array): Promise<ReportCollector> => {
  const collector = collectorOf(records)
  await visitFeed(feed, records, collector.visitor())
  return collector
}

const sum = (values: Iterable<number>): number => {
  let total = 0
  for (const value of values) total += value
  return total
}

describe.each(CASES)('a report of $feed (faulty: $isFaulty)', ({ feed, records }) => {
  it('accounts for all of the time, as info does', async () => {
    const store = await derivedStore([{ feed, records }])
    const collector = collectorOf(records)
    await visitStore(store, collector.visitor())
    const { quality, columns } = collector
    const span = columns.end - columns.start
    expect(span).toBeGreaterThan(0)
    expect(sum(quality.valid) + sum(quality.verified) + sum(quality.invalid)).toBe(span)
    for (let column = 0; column < columns.count - 1; column++)
      expect((quality.valid[column] ?? 0) + (quality.verified[column] ?? 0) + (quality.invalid[column] ?? 0)).toBe(columns.width) // prettier-ignore
    expect(sum(quality.invalidTimes.values())).toBe(sum(quality.invalid))
    const [stream = ''] = await store.streams()
    const info = await streamInfo(store, stream as `${string}:${string}`)
    expect(quality.validTime / span).toBe(info.validShare)
    expect(quality.verifiedTime / span).toBe(info.verifiedShare)
  })

  it('lists times of one quality without holes between them', async () => {
    const { quality, columns } = await collected(feed, records)
    expect(quality.further).toBe(0)
    expect(quality.spans.length).toBeGreaterThan(1)
    expect(quality.spans[0]?.start).toBe(columns.start)
    expect(quality.spans.at(-1)?.end).toBe(columns.end)
    quality.spans.slice(1).forEach(({ start }, index) => {
      expect(start).toBe(quality.spans[index]?.end)
    })
    const invalid = quality.spans.filter(({ state }) => state === 'invalid')
    for (const { start, end } of invalid)
      expect(quality.holes.some(([from, to]) => from <= start && end <= to)).toBe(true)
  })

  it('has the best prices of every column, none of an unusable book', async () => {
    const collector = collectorOf(records)
    const { columns, prices } = collector
    const highs = new Float64Array(columns.count).fill(NaN)
    const lows = new Float64Array(columns.count).fill(NaN)
    let before = { time: 0, bid: NaN, ask: NaN }
    const put = (column: number, bid: number, ask: number): void => {
      if (!(Number(lows[column]) <= bid) && !Number.isNaN(bid)) lows[column] = bid
      if (!(Number(highs[column]) >= ask) && !Number.isNaN(ask)) highs[column] = ask
    }
    // Each state lasts until the next one.
    const until = (time: number): void => {
      if (time > before.time && before.time > 0)
        for (let column = columns.at(before.time); column <= columns.at(time - 1); column++)
          put(column, before.bid, before.ask)
    }
    const watched = visitAll([
      collector.visitor(),
      booksTo({ levels: 1 }, ({ time, isValid, bids, asks, priceScale }) => {
        until(time)
        const scale = 10 ** priceScale
        before = { time, bid: isValid ? Number(bids.prices[0]) / scale : NaN, ask: isValid ? Number(asks.prices[0]) / scale : NaN } // prettier-ignore
        put(columns.at(time), before.bid, before.ask)
      }),
    ])
    await visitFeed(feed, records, watched)
    until(columns.end)
    expect(lows.some((low) => !Number.isNaN(low))).toBe(true)
    // Inside one entry a book may pass through prices that nobody ever saw.
    expect([...prices.lowBid]).toEqual([...lows])
    expect([...prices.highAsk]).toEqual([...highs])
  })

  it('has every trade once', async () => {
    const collector = collectorOf(records)
    let trades = 0
    const watched = visitAll([collector.visitor(), tradesTo(() => trades++)])
    await visitFeed(feed, records, watched)
    expect(sum(collector.trades.all().map((mark) => mark.trades))).toBe(trades)
    expect(collector.trades.trades).toBe(trades)
    const volume = sum(collector.trades.all().map((mark) => mark.volume))
    expect(volume).toBeCloseTo(Number(collector.trades.volumeText()), 6)
  })

  it('knows nothing of what comes later', async () => {
    const times = receiveTimes(records)
    const cut = times[Math.floor(times.length / 2)] ?? 0
    const other = alteredAfter(records, cut, derivedRecords(feed, 52, true))
    const [one, changed] = [collectorOf(records), collectorOf(records)]
    const range = { to: { kind: 'time', time: one.columns.end } } as const
    for (const [collector, bytes] of [
      [one, records],
      [changed, other],
    ] as const)
      await visitStore(await derivedStore([{ feed, records: bytes }]), collector.visitor(), range)
    const known = one.columns.at(cut)
    expect(known).toBeGreaterThan(10)
    for (const name of ['lowBid', 'lastAsk', 'mostSpread', 'spreadTime'] as const)
      expect([...changed.prices[name].subarray(0, known)]).toEqual([...one.prices[name].subarray(0, known)])
    expect(changed.depth.columns.slice(0, known)).toEqual(one.depth.columns.slice(0, known))
    expect([...changed.quality.verified.subarray(0, known)]).toEqual([
      ...one.quality.verified.subarray(0, known),
    ])
  })
})
