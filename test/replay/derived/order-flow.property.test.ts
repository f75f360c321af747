/** What came, left and traded adds up to the books before and after, whatever the feed and the line. */
import { describe, expect, it } from 'vitest'

import { scaleDecimal } from '../../../src/market/decimal.ts'
import { EventCollector } from '../../../src/market/event.ts'
import type { LevelFlowRow } from '../../../src/replay/derived/flow-table.ts'
import { type FlowSpan, orderFlowTo } from '../../../src/replay/derived/order-flow.ts'
import { visitAll } from '../../../src/replay/derived/visit-all.ts'
import type { StreamState } from '../../../src/replay/stream-state.ts'
import { DERIVED_FEEDS, derivedRecords, visitFeed } from '../../support/derived-feeds.ts'
import { generateFullFeed, recordsOf } from '../../support/full-feed.ts'

interface PlainSpan extends Pick<FlowSpan, 'start' | 'end' | 'hasBook' | 'isWhole' | 'endedBy'> {
  readonly rows: readonly LevelFlowRow[]
}

const plain = (span: FlowSpan): PlainSpan => {
  const { start, end, hasBook, isWhole, endedBy } = span
  const rows: LevelFlowRow[] = []
  span.forEachLevel((row) => rows.push({ ...row }))
  return { start, end, hasBook, isWhole, endedBy, rows }
}

const total = (row: LevelFlowRow): number =>
  row.before + row.added - row.cancelled - row.traded + row.changed + row.grown - row.shrunk

describe.each(DERIVED_FEEDS)('orderFlowTo over %s', (feed) => {
  it.each([
    [false, 300_000],
    [true, 300_000],
    [true, undefined],
  ])('adds up (bad line: %s, every %s)', async (isFaulty, every) => {
    const spans: PlainSpan[] = []
    let state: StreamState | undefined
    const onSpan = (span: FlowSpan): void => {
      const told = plain(span)
      spans.push(told)
      for (const row of told.rows) {
        expect(total(row)).toBe(row.after)
        // A span is told before the book it describes goes on.
        if (span.endedBy === undefined) expect(state?.book.sizeAt(row.side, row.price)).toBe(row.after)
      }
      const sides = { bid: span.bids, ask: span.asks }
      for (const side of ['bid', 'ask'] as const)
        for (const sum of ['added', 'cancelled', 'traded', 'changed', 'grown', 'shrunk'] as const) {
          const own = told.rows.filter((row) => row.side === side)
          expect(own.reduce((all, row) => all + row[sum], 0)).toBe(sides[side][sum])
        }
    }
    const flow = orderFlowTo({ every }, onSpan)
    await visitFeed(
      feed,
      derivedRecords(feed, 11, isFaulty),
      visitAll([{ sinkOf: (begun) => void (state = begun) }, flow]),
    )
    expect(spans.filter(({ rows }) => rows.length > 0).length).toBeGreaterThan(1)
    for (const [index, span] of spans.entries()) {
      expect(span.start).toBe(spans[index - 1]?.end ?? span.start)
      expect(span.end).toBeGreaterThanOrEqual(span.start)
      if (!span.hasBook) expect(span.rows).toEqual([])
      if (span.isWhole) expect([span.hasBook, span.end - span.start]).toEqual([true, every])
    }
  })

  it('carries the size of a level from one span to the next', async () => {
    const sizes = new Map<string, number>()
    let carried = 0
    const onSpan = (span: FlowSpan): void => {
      span.forEachLevel(({ side, price, before, after }) => {
        const level = `${side} ${String(price * 10 ** (8 - span.priceScale))}`
        const finest = 10 ** (12 - span.sizeScale)
        const known = sizes.get(level)
        if (known !== undefined) {
          expect(before * finest).toBe(known)
          carried++
        }
        sizes.set(level, after * finest)
      })
      if (span.endedBy !== undefined) sizes.clear()
    }
    await visitFeed(feed, derivedRecords(feed, 12), orderFlowTo({ every: 200_000 }, onSpan))
    expect(carried).toBeGreaterThan(10)
  })
})

describe('orderFlowTo', () => {
  it('counts as traded what the venue says was traded against resting orders', async () => {
    let traded = 0
    const collector = new EventCollector()
    const onSpan = ({ bids, asks }: FlowSpan): void => {
      traded += bids.traded + asks.traded
    }
    await visitFeed(
      'full',
      derivedRecords('full', 11),
      visitAll([orderFlowTo({}, onSpan), { sinkOf: () => collector }]),
    )
    let isValid = false
    let expected = 0
    for (const event of collector.take()) {
      if (event.kind === 'book-valid') isValid = true
      else if (event.kind === 'book-invalid') isValid = false
      else if (event.kind === 'traded' && isValid) expected += event.size
    }
    expect(expected).toBeGreaterThan(0)
    expect(traded).toBe(expected)
  })
})

interface FullMessage {
  readonly type: string
  readonly order_id?: string
  readonly maker_order_id?: string
  readonly reason?: string
  readonly size?: string
  readonly remaining_size?: string
  readonly old_size?: string
  readonly new_size?: string
}

const units = (text: string | undefined): number => scaleDecimal(text ?? '0', 8) ?? NaN

/** The venue's own messages added up by order, without levels: what came to rest, left, traded, was amended. */
const plainSums = (body: string, frames: readonly string[]): Record<string, number> => {
  const { bids, asks } = JSON.parse(body) as Record<'bids' | 'asks', readonly (readonly string[])[]>
  const resting = new Map([...bids, ...asks].map(([, size, id = '']) => [id, units(size)]))
  const sums = { added: 0, cancelled: 0, traded: 0, changed: 0 }
  const grow = (id: string, by: number): void => void resting.set(id, (resting.get(id) ?? 0) + by)
  for (const text of frames) {
    const message = JSON.parse(text) as FullMessage
    const { type, order_id: id = '', maker_order_id: maker = '' } = message
    if (type === 'match') {
      sums.traded += units(message.size)
      grow(maker, -units(message.size))
    } else if (type === 'open') {
      sums.added += units(message.remaining_size)
      grow(id, units(message.remaining_size))
    } else if (type === 'change' && resting.has(id)) {
      const by = units(message.new_size) - units(message.old_size)
      sums.changed += by
      grow(id, by)
    } else if (type === 'done') {
      // An amended order that was filled as the taker leaves its level with all that rested of it.
      const left = resting.get(id) ?? 0
      if (message.reason === 'canceled') sums.cancelled += left
      else sums.traded += left
      resting.delete(id)
    }
  }
  return sums
}

it('orderFlowTo over a generated full feed: has the sums of its messages, and ends with its book', async () => {
  const feed = generateFullFeed(4000, 400)
  const levels = new Map<string, number>()
  for (const side of ['bids', 'asks'] as const)
    for (const { price, size } of feed.truth[side]) {
      const level = `${side} ${String(scaleDecimal(price, 2))}`
      levels.set(level, (levels.get(level) ?? 0) + units(size))
    }
  const spans: Record<string, number>[] = []
  let rows = 0
  const onSpan = (span: FlowSpan): void => {
    const { bids, asks, hasBook } = span
    if (!hasBook) return
    const sum = (of: 'added' | 'cancelled' | 'traded' | 'changed'): number => bids[of] + asks[of]
    spans.push({ added: sum('added'), cancelled: sum('cancelled'), traded: sum('traded'), changed: sum('changed') }) // prettier-ignore
    span.forEachLevel(({ side, price, after }) => {
      rows++
      const scaled = String(price / 10 ** (span.priceScale - 2))
      expect(after).toBe((levels.get(`${side}s ${scaled}`) ?? 0) * 10 ** (span.sizeScale - 8))
    })
  }
  await visitFeed('full', recordsOf(feed), orderFlowTo({}, onSpan))
  expect(rows).toBeGreaterThan(100)
  expect(spans).toEqual([plainSums(feed.body, feed.frames)])
})
