/** Bars against a plain model made of the trades alone. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { priceOf, sizeOf } from '../../../src/market/price.ts'
import { microsOf } from '../../../src/market/time.ts'
import { type Bar, BarSum } from '../../../src/replay/derived/bar-sum.ts'
import { type BarRule, barsTo } from '../../../src/replay/derived/bars.ts'
import { tradesTo } from '../../../src/replay/derived/trades.ts'
import { DERIVED_FEEDS, type DerivedFeed, derivedRecords, visitFeed } from '../../support/derived-feeds.ts'

interface PlainTrade {
  readonly time: number
  readonly price: number
  readonly size: number
}

const tradesOf = async (feed: DerivedFeed, records: Uint8Array): Promise<readonly PlainTrade[]> => {
  const trades: PlainTrade[] = []
  const onTrade = tradesTo(({ receiveTime: time, price, size }) => trades.push({ time, price, size }))
  await visitFeed(feed, records, onTrade)
  return trades
}

type PlainBar = Pick<Bar, 'start' | 'end' | 'isWhole' | 'trades' | 'open' | 'high' | 'low' | 'close' | 'volume' | 'turnover'> // prettier-ignore

const barsOf = async (
  feed: DerivedFeed,
  records: Uint8Array,
  rule: BarRule,
): Promise<readonly PlainBar[]> => {
  const bars: PlainBar[] = []
  const onBar = (bar: Bar): void => {
    const { start, end, isWhole, trades, open, high, low, close, volume, turnover } = bar
    bars.push({ start, end, isWhole, trades, open, high, low, close, volume, turnover })
  }
  await visitFeed(feed, records, barsTo(rule, onBar))
  return bars
}

const summed = (trades: readonly PlainTrade[]): Partial<PlainBar> => ({
  trades: trades.length,
  open: trades[0] === undefined ? undefined : priceOf(trades[0].price),
  close: trades.at(-1) === undefined ? undefined : priceOf(trades.at(-1)?.price ?? 0),
  high: trades.length === 0 ? undefined : priceOf(Math.max(...trades.map(({ price }) => price))),
  low: trades.length === 0 ? undefined : priceOf(Math.min(...trades.map(({ price }) => price))),
  volume: trades.reduce((sum, { size }) => sum + BigInt(size), 0n),
  turnover: trades.reduce((sum, { price, size }) => sum + BigInt(price) * BigInt(size), 0n),
})

describe.each(DERIVED_FEEDS)('barsTo over %s', (feed) => {
  it.each([false, true])(
    'by time: holds the trades behind its start up to its end (bad line: %s)',
    async (isFaulty) => {
      const records = derivedRecords(feed, 9, isFaulty)
      const trades = await tradesOf(feed, records)
      const bars = await barsOf(feed, records, { by: 'time', every: 500_000 })
      expect(bars.length).toBeGreaterThan(5)
      for (const [index, { start, end, ...bar }] of bars.entries()) {
        expect(end - start).toBe(500_000)
        expect(start).toBe(bars[index - 1]?.end ?? start)
        expect(bar).toMatchObject(summed(trades.filter(({ time }) => time > start && time <= end)))
      }
      expect(bars.reduce((sum, bar) => sum + bar.trades, 0)).toBe(trades.length)
      // Neither the first nor the last one is known to its ends.
      expect([bars[0]?.isWhole, bars.at(-1)?.isWhole]).toEqual([false, false])
    },
  )

  it.each([
    { by: 'trades', trades: 3 },
    { by: 'volume', volume: 5, sizeScale: 1 },
  ] as const)('by %o: loses no trade, ends when full and at breaks', async (rule) => {
    const records = derivedRecords(feed, 9)
    const trades = await tradesOf(feed, records)
    const bars = await barsOf(feed, records, rule)
    let next = 0
    for (const { isWhole, start, end, ...bar } of bars) {
      const own = trades.slice(next, next + bar.trades)
      next += bar.trades
      expect(bar).toEqual(summed(own))
      expect(start).toBe(own[0]?.time)
      expect(end).toBeGreaterThanOrEqual(own.at(-1)?.time ?? Infinity)
      if (isWhole) expect(end).toBe(own.at(-1)?.time)
      if (rule.by === 'trades' && isWhole) expect(bar.trades).toBe(rule.trades)
    }
    expect(next).toBe(trades.length)
    expect(bars.filter(({ isWhole }) => isWhole).length).toBeGreaterThan(1)
  })
})

describe('barsTo by time', () => {
  it('marks what a break cuts, and no other bar', async () => {
    const records = derivedRecords('full', 9)
    const broken: number[] = []
    await visitFeed('full', records, {
      sinkOf: undefined,
      entryBegins: (state, time) => {
        if (!state.isValid) broken.push(time)
      },
      entryEnded: (state) => {
        if (!state.isValid) broken.push(state.receiveTime)
      },
    })
    const bars = await barsOf('full', records, { by: 'time', every: 200_000 })
    const inner = bars.slice(1, -1)
    // A bar also counts as cut where the book was not usable since its start: told by no entry inside it.
    const isCut = ({ start, end }: PlainBar): boolean => broken.some((time) => time > start && time <= end)
    expect(inner.filter(isCut).length).toBeGreaterThan(0)
    for (const bar of inner) expect(bar.isWhole && isCut(bar)).toBe(false)
    expect(inner.filter(({ isWhole }) => isWhole).length).toBeGreaterThan(inner.length / 2)
  })

  it.each([0, -5, 1.5, NaN])('refuses a rule of %d', (wrong) => {
    const rules: readonly BarRule[] = [
      { by: 'time', every: wrong },
      { by: 'volume', volume: wrong, sizeScale: 0 },
      { by: 'trades', trades: wrong },
    ]
    for (const rule of rules) expect(() => barsTo(rule, () => undefined)).toThrow(RangeError)
  })
})

describe('BarSum', () => {
  const trade = fc.record({
    price: fc.integer({ min: 1, max: 10 ** 9 }),
    size: fc.integer({ min: 1, max: 10 ** 12 }),
    priceScale: fc.integer({ min: 0, max: 4 }),
    sizeScale: fc.integer({ min: 0, max: 8 }),
  })

  it('is exact whatever the scales, and averages by volume', () => {
    fc.assert(
      fc.property(fc.array(trade, { minLength: 1, maxLength: 20 }), (trades) => {
        const sum = new BarSum('toy:A-B')
        for (const { price, size, ...scales } of trades)
          sum.add({ ...scales, price: priceOf(price), size: sizeOf(size), aggressor: 'buy' }, microsOf(1))
        // Everything in the finest scales there are.
        const prices = trades.map(({ price, priceScale }) => BigInt(price) * 10n ** BigInt(4 - priceScale))
        const sizes = trades.map(({ size, sizeScale }) => BigInt(size) * 10n ** BigInt(8 - sizeScale))
        const volume = sizes.reduce((left, right) => left + right)
        const turnover = prices.reduce((total, price, index) => total + price * (sizes[index] ?? 0n), 0n)
        expect(sum.volume * 10n ** BigInt(8 - sum.sizeScale)).toBe(volume)
        expect(sum.buyVolume).toBe(sum.volume)
        expect(sum.turnover * 10n ** BigInt(12 - sum.sizeScale - sum.priceScale)).toBe(turnover)
        const highest = prices.reduce((left, right) => (left > right ? left : right))
        expect(BigInt(sum.high ?? 0) * 10n ** BigInt(4 - sum.priceScale)).toBe(highest)
        const [whole = '', fraction = ''] = (sum.vwap(4) ?? '').split('.')
        const average = BigInt(whole + fraction.padEnd(4, '0'))
        const twice = 2n * (average * volume - turnover)
        expect(twice <= volume && twice >= -volume).toBe(true)
      }),
    )
  })
})
