/** Event arrays for hftbacktest rebuild every book, order by order or level by level, and their times are in order. */
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { decimalNumber } from '../../../src/market/decimal.ts'
import { tradesTo } from '../../../src/replay/derived/trades.ts'
import { visitAll } from '../../../src/replay/derived/visit-all.ts'
import type { StreamState } from '../../../src/replay/stream-state.ts'
import {
  DERIVED_FEEDS,
  type DerivedFeed,
  derivedRecords,
  derivedStore,
  visitFeed,
} from '../../support/derived-feeds.ts'
import { exportTo, withFolder } from '../../support/exported-tables.ts'
import { type BacktestRow, readNpz } from '../../support/npz.ts'

const BUY = 2
const SELL = 1
const BOTH_SIDES = 12

/** Levels, or orders: `side price size`, and of orders their place in the queue. */
class Rebuilt {
  private readonly levels = new Map<string, number>()
  private readonly orders = new Map<bigint, { side: string; price: number; size: number }>()

  apply({ event, flags, price, size, order }: BacktestRow): void {
    const side = flags - BOTH_SIDES === BUY ? 'bid' : 'ask'
    const known = this.orders.get(order)
    switch (event) {
      case 1:
      case 4:
        if (size === 0) this.levels.delete(`${side} ${String(price)}`)
        else this.levels.set(`${side} ${String(price)}`, size)
        return
      case 3:
        expect(flags).toBe(BOTH_SIDES)
        this.levels.clear()
        this.orders.clear()
        return
      case 10:
        expect(known).toBeUndefined()
        this.orders.set(order, { side, price, size })
        return
      case 11:
        expect(known).toEqual({ side, price, size })
        this.orders.delete(order)
        return
      case 12:
        expect(known?.side).toBe(side)
        if (known === undefined) return
        if (known.price !== price || size > known.size) this.orders.delete(order)
        this.orders.set(order, { side, price, size })
        return
      case 13:
        expect(known?.side).toBe(side)
        expect(known?.price).toBe(price)
        return
      case 2:
        return
      default:
        throw new Error(`event ${String(event)} is none`)
    }
  }

  text(): string {
    const lines = Array.from(this.levels, ([level, size]) => `${level} ${String(size)}`)
    for (const { side, price, size } of this.orders.values()) lines.push(`${side} ${String(price)} ${String(size)}`)
    return sorted(lines)
  } // prettier-ignore
}

/** By side and price; the lines of one price stay in their order. */
const sorted = (lines: readonly string[]): string => {
  const levelOf = (line: string): string => line.slice(0, line.lastIndexOf(' '))
  return [...lines].sort((one, other) => (levelOf(one) < levelOf(other) ? -1 : levelOf(one) > levelOf(other) ? 1 : 0)).join('\n') // prettier-ignore
}

const textOf = ({ book, isValid }: StreamState, byOrder: boolean): string => {
  if (!isValid) return ''
  const { priceScale, sizeScale } = book
  return sorted(
    (['bid', 'ask'] as const).flatMap((side) =>
      (byOrder ? book.orders(side) : book.top(side)).map(
        ({ price, size }) => `${side} ${String(decimalNumber(price, priceScale))} ${String(decimalNumber(size, sizeScale))}`,
      ),
    ),
  )
} // prettier-ignore

/** The book after all entries received up to each time, nanoseconds. */
const booksOf = async (feed: DerivedFeed, records: Uint8Array, isL3: boolean) => {
  const books = new Map<bigint, string | undefined>()
  let trades = 0
  await visitFeed(
    feed,
    records,
    visitAll([
      {
        entryEnded: (state) => {
          // Levels that cross are not told while they do.
          const isCrossed = state.isValid && state.book.isCrossed()
          const text = isCrossed ? undefined : textOf(state, isL3 && state.book.kind === 'orders')
          books.set(BigInt(state.receiveTime) * 1000n, text)
        },
      },
      tradesTo(() => trades++),
    ]),
  ) // prettier-ignore
  return { books, trades }
}

const arrayOf = async (feed: DerivedFeed, records: Uint8Array, kind: string): Promise<readonly BacktestRow[]> => {
  let rows: readonly BacktestRow[] = []
  await withFolder(async (folder) => {
    const file = path.join(folder, 'data.npz')
    await exportTo(await derivedStore([{ feed, records }]), kind, file)
    rows = readNpz(file)
  })
  return rows
} // prettier-ignore

describe.each(DERIVED_FEEDS)('arrays of %s', (feed) => {
  it.each([
    ['events', false, 5],
    ['events', true, 6],
    ['levels', false, 5],
    ['levels', true, 7],
  ])('of %s rebuild the book at every time (bad line: %s, seed %i)', async (kind, isFaulty, seed) => {
    const records = derivedRecords(feed, seed, isFaulty)
    const rows = await arrayOf(feed, records, kind)
    const { books, trades } = await booksOf(feed, records, kind === 'events')
    const rebuilt = new Rebuilt()
    let at = 0
    let compared = 0
    for (const [time, expected] of books) {
      for (let row = rows[at]; row !== undefined && row.localTime <= time; row = rows[++at])
        rebuilt.apply(row)
      if (expected !== undefined && ++compared % 5 === 0) expect(rebuilt.text()).toBe(expected)
    }
    expect(at).toBe(rows.length)
    expect(compared).toBeGreaterThan(30)
    expect(rows.filter(({ event }) => event === 2).length).toBe(trades)
  })

  it('have times that never fall, on both sides', async () => {
    const rows = await arrayOf(feed, derivedRecords(feed, 8, true), 'events')
    rows.forEach(({ exchangeTime, localTime, flags }, index) => {
      const before = rows[index - 1]
      expect(exchangeTime <= localTime).toBe(true)
      if (before !== undefined) expect(exchangeTime >= before.exchangeTime && localTime >= before.localTime).toBe(true)
      expect([BOTH_SIDES, BOTH_SIDES + BUY, BOTH_SIDES + SELL]).toContain(flags)
    })
    expect(rows.length).toBeGreaterThan(100)
  }) // prettier-ignore
})

describe('files of arrays', () => {
  it('are the same bytes each time, and whole where no row is wanted', async () => {
    await withFolder(async (folder) => {
      const store = await derivedStore([{ feed: 'full', records: derivedRecords('full', 1) }])
      const one = await exportTo(store, 'events', path.join(folder, 'one.npz'))
      const other = await exportTo(store, 'events', path.join(folder, 'other.npz'))
      expect(other).toEqual(one)
      expect(readNpz(path.join(folder, 'other.npz'))).toEqual(readNpz(path.join(folder, 'one.npz')))
      const range = { to: { kind: 'seq', seq: 1 } } as const
      await exportTo(store, 'events', path.join(folder, 'none.npz'), { range })
      expect(readNpz(path.join(folder, 'none.npz'))).toEqual([])
    })
  })

  it('of a folder are known again by their digest', async () => {
    await withFolder(async (folder) => {
      const store = await derivedStore([{ feed: 'full', records: derivedRecords('full', 1) }])
      const root = path.join(folder, 'data')
      const { files } = await exportTo(store, 'levels', root, { format: 'npz' })
      expect(files).toBeGreaterThan(0)
      expect((await exportTo(store, 'levels', root, { format: 'npz' })).skipped).toBe(files)
    })
  })

  it('are refused for kinds, columns and targets that do not fit', async () => {
    await withFolder(async (folder) => {
      const store = await derivedStore([{ feed: 'full', records: derivedRecords('full', 1) }])
      const file = path.join(folder, 'data.npz')
      await expect(exportTo(store, 'bars', file)).rejects.toThrow('npz has no place for bars: it takes events, levels.')
      await expect(exportTo(store, 'events', file, { columns: ['ev'] })).rejects.toThrow('columns of its own')
      await expect(exportTo(store, 'events', file, { target: { kind: 'stdout' } })).rejects.toThrow('name a file')
    })
  }) // prettier-ignore
})
