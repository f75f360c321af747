import { describe, expect, it } from 'vitest'

import { decimalText } from '../../../src/market/decimal.ts'
import { EventCollector } from '../../../src/market/event.ts'
import { SeenTrades } from '../../../src/replay/derived/seen-trades.ts'
import { type TradeRow, tradesTo } from '../../../src/replay/derived/trades.ts'
import type { StreamState } from '../../../src/replay/stream-state.ts'
import { DERIVED_FEEDS, derivedRecords, visitFeed } from '../../support/derived-feeds.ts'

describe('tradesTo', () => {
  it.each(DERIVED_FEEDS)('tells every trade of %s once, as the decoder does', async (feed) => {
    const records = derivedRecords(feed, 5)
    const rows: { id: number | undefined; price: number; size: number; aggressor: string }[] = []
    const collector = new EventCollector()
    await visitFeed(feed, records, { sinkOf: () => collector })
    await visitFeed(
      feed,
      records,
      tradesTo(({ tradeId: id, price, size, aggressor }) => {
        rows.push({ id, price, size, aggressor })
      }),
    )
    const told = collector.take().flatMap((event) => (event.kind === 'traded' ? [event] : []))
    expect(rows.length).toBeGreaterThan(5)
    const ids = rows.flatMap(({ id }) => id ?? [])
    expect(ids).toHaveLength(feed === 'level3' ? 0 : rows.length)
    expect(new Set(ids).size).toBe(ids.length)
    expect(rows).toEqual(
      told.map(({ tradeId: id, price, size, aggressor }) => ({ id, price, size, aggressor })),
    )
    expect(rows.every(({ aggressor }) => aggressor !== 'unknown')).toBe(true)
  })

  it('names the maker where the venue does, on the other side than who took', async () => {
    let rows = 0
    let state: StreamState | undefined
    const visitor = tradesTo((row) => {
      const maker = state?.book.orderAt(row.maker)
      expect(row.makerId()).toBe(state?.orderId(row.maker))
      expect(maker?.price).toBe(row.price)
      expect(maker?.side).toBe(row.aggressor === 'buy' ? 'ask' : 'bid')
      rows++
    })
    await visitFeed('full', derivedRecords('full', 5), {
      sinkOf: (begun) => {
        state = begun
        return visitor.sinkOf?.(begun)
      },
    })
    expect(rows).toBeGreaterThan(5)
  })

  it('marks the first trade after each break, and only that', async () => {
    const marks: boolean[] = []
    await visitFeed(
      'full',
      derivedRecords('full', 5),
      tradesTo((row) => marks.push(row.isAfterBreak)),
    )
    expect(marks.filter(Boolean)).toHaveLength(2)
    expect(marks[0]).toBe(true)
  })

  it('tells what a venue says again on another connection once', async () => {
    const sizes: string[] = []
    const state = {
      stream: 'toy:A-B',
      seq: 1,
      isValid: true,
      priceScale: 2,
      sizeScale: 3,
    } as unknown as StreamState
    const visitor = tradesTo((row: TradeRow) => sizes.push(decimalText(row.size, row.sizeScale)))
    const sink = visitor.sinkOf?.(state)
    for (const size of [5, 6, 5, 6]) sink?.traded(9, 100 as never, size as never, 'buy', -1)
    sink?.traded(undefined, 100 as never, 7 as never, 'buy', -1)
    sink?.traded(undefined, 100 as never, 7 as never, 'buy', -1)
    // The same number with another size is another trade: the venue began to count anew.
    expect(sizes).toEqual(['0.005', '0.006', '0.005', '0.006', '0.007', '0.007'])
  })
})

describe('SeenTrades', () => {
  it('knows a trade again in finer scales', () => {
    const seen = new SeenTrades()
    expect(seen.add(1, 10_050, 2, 5, 0)).toBe(true)
    expect(seen.add(1, 1_005_000, 4, 500, 2)).toBe(false)
    expect(seen.add(1, 1_005_001, 4, 500, 2)).toBe(true)
  })

  it('forgets the oldest of ten thousand', () => {
    const seen = new SeenTrades()
    for (let id = 0; id < 10_000; id++) expect(seen.add(id, 1, 0, 1, 0)).toBe(true)
    expect(seen.add(0, 1, 0, 1, 0)).toBe(false)
    expect(seen.add(10_000, 1, 0, 1, 0)).toBe(true)
    expect(seen.add(0, 1, 0, 1, 0)).toBe(true)
    expect(seen.add(9_999, 1, 0, 1, 0)).toBe(false)
  })
})
