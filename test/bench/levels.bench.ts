/**
 * Ways to keep the levels of a side in order, on level changes of real feeds and generated ones: what the choice in
 * docs/decisions/0003-books-on-typed-arrays.md rests on.
 */
import { LevelTable, NONE } from '../../src/book/level-table.ts'
import { PriceLevels } from '../../src/book/price-levels.ts'
import { busyOrderEvents, type LevelEvents, levelEventsBehind, levelEventsOf } from './book-events.ts'
import { type CapturedBook, coinbaseBooks, krakenBooks } from './captured-levels.ts'
import { type LevelOrder, MappedTreeOrder, TreeOrder } from './level-orders.ts'
import { HotOrder, PagedOrder } from './paged-orders.ts'
import { type Benchmark, median, type Row } from './row.ts'

const ROUNDS = 7
/** Changes in one round. */
const CHANGES = 200_000

const ORDERS: Readonly<Record<string, (table: LevelTable, isBid: boolean) => LevelOrder>> = {
  'ordered map alone': (table, isBid) => new TreeOrder(table, isBid),
  'ordered map, Map for lookups': (table, isBid) => new MappedTreeOrder(table, isBid),
  'ordered map behind a hot array': (table, isBid) => new HotOrder(table, isBid),
  'pages, no ordered map': (table, isBid) => new PagedOrder(table, isBid),
  'pages in the ordered map (ours)': (table, isBid) => new PriceLevels(isBid ? 'bid' : 'ask', table),
}

type Books = readonly Pick<CapturedBook, 'opening' | 'changes'>[]

const NOTHING = levelEventsOf([])

/** Levels that come and go anywhere in the depth of a side, alike often. */
const spreadOut = (depth: number): Books => {
  let state = 42
  const dice = (sides: number): number => {
    state = (state * 48_271) % 2_147_483_647
    return state % sides
  }
  const rows = Array.from({ length: CHANGES * 2 }, () => {
    const isBid = dice(2)
    return [isBid, 1e9 + (isBid === 1 ? -1 - dice(2 * depth) : dice(2 * depth)), dice(2)] as const
  })
  return [{ opening: levelEventsOf(rows.slice(0, CHANGES)), changes: levelEventsOf(rows.slice(CHANGES)) }]
}

const applyAll = (
  table: LevelTable,
  bids: LevelOrder,
  asks: LevelOrder,
  { count, isBid, prices, sizes }: LevelEvents,
): void => {
  for (let index = 0; index < count; index++) {
    const side = isBid[index] === 1 ? bids : asks
    const size = sizes[index] ?? 0
    const price = prices[index] ?? 0
    if (size > 0) {
      const level = side.findOrAdd(price)
      table.sizes[level] = size
    } else {
      const level = side.find(price)
      if (level !== NONE) side.erase(level)
    }
  }
}

/** Nanoseconds of processor time a change. */
const measure = (make: (table: LevelTable, isBid: boolean) => LevelOrder, books: Books): number => {
  const changes = books.reduce((sum, book) => sum + book.changes.count, 0)
  const repeats = Math.max(1, Math.round(CHANGES / changes))
  const sides = books.map((book) => {
    const table = new LevelTable()
    const [bids, asks] = [make(table, true), make(table, false)]
    applyAll(table, bids, asks, book.opening)
    return { ...book, table, bids, asks }
  })
  const before = process.cpuUsage()
  for (const book of sides)
    for (let repeat = 0; repeat < repeats; repeat++) applyAll(book.table, book.bids, book.asks, book.changes)
  const { user, system } = process.cpuUsage(before)
  return ((user + system) * 1000) / (changes * repeats)
}

const run = async (): Promise<readonly Row[]> => {
  const generated = levelEventsBehind(busyOrderEvents(10_000, CHANGES))
  const sets: readonly (readonly [string, Books])[] = [
    ['Coinbase', coinbaseBooks()],
    ['Kraken', krakenBooks()],
    ['busy', [{ opening: NOTHING, changes: generated }]],
    ['200', spreadOut(200)],
    ['2,000', spreadOut(2_000)],
    ['20,000', spreadOut(20_000)],
  ]
  const found = sets.filter(([, books]) => books.length > 0)
  const times = new Map<string, number[]>()
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round++)
    for (const [set, books] of found)
      for (const [order, make] of Object.entries(ORDERS)) {
        const key = `${order} ${set}`
        const time = measure(make, books)
        if (round > 0) times.set(key, [...(times.get(key) ?? []), time])
      }
  const width = Math.max(...found.map(([set]) => set.length))
  const line = (cells: readonly string[]): string => cells.map((cell) => cell.padStart(width)).join('  ')
  const rows = Object.keys(ORDERS).map((name) => ({
    name,
    value: line(found.map(([set]) => median(times.get(`${name} ${set}`) ?? []).toFixed(0))),
  }))
  return await Promise.resolve([{ name: 'ns a change', value: line(found.map(([set]) => set)) }, ...rows])
}

export const levelsBenchmark: Benchmark = {
  name: 'levels',
  about:
    'The order of levels: real captures, a busy flow of 10,000 orders, sides of so many levels changed everywhere alike.',
  run,
}
