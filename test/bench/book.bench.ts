/**
 * How fast books take events, what reading the best levels after each of them costs, what an order costs in memory, and how
 * fast a book is digested. Measures books alone: no decoding, no log. Slower here means slower replay and export.
 */
import { bookDigest } from '../../src/book/digest.ts'
import { LevelBook } from '../../src/book/level-book.ts'
import { OrderBook } from '../../src/book/order-book.ts'
import { type LevelColumns, newLevelColumns } from '../../src/market/book-view.ts'
import { priceOf, sizeOf } from '../../src/market/price.ts'
import {
  busyOrderEvents,
  CHANGE,
  type LevelEvents,
  levelEventsBehind,
  OPEN,
  type OrderEvents,
  REDUCE,
} from './book-events.ts'
import { coinbaseBooks, krakenBooks } from './captured-levels.ts'
import { NaiveBook } from './naive-book.ts'
import { type Benchmark, median, type Row } from './row.ts'

const EVENTS = 600_000
const ROUNDS = 9
const MANY = 1_000_000

/** `columns`: the best levels of the side are read after every event. */
const applyOrders = (book: OrderBook, events: OrderEvents, columns?: LevelColumns): void => {
  const { count, kinds, orders, isBid, prices, sizes } = events
  for (let index = 0; index < count; index++) {
    const order = orders[index] ?? -1
    const kind = kinds[index]
    const side = isBid[index] === 1 ? 'bid' : 'ask'
    const size = sizeOf(sizes[index] ?? 0)
    if (kind === OPEN) book.open(order, side, priceOf(prices[index] ?? 0), size, 0)
    else if (kind === CHANGE) book.change(order, priceOf(prices[index] ?? 0), size, undefined, undefined)
    else if (kind === REDUCE) book.reduce(order, size)
    else book.remove(order)
    if (columns !== undefined) book.readTop(side, columns)
  }
}

const applyNaively = (book: NaiveBook, events: OrderEvents): void => {
  const { count, kinds, orders, isBid, prices, sizes } = events
  for (let index = 0; index < count; index++) {
    const order = orders[index] ?? -1
    const kind = kinds[index]
    const size = sizes[index] ?? 0
    if (kind === OPEN) book.open(order, isBid[index] === 1, prices[index] ?? 0, size)
    else if (kind === CHANGE) book.change(order, prices[index] ?? 0, size)
    else if (kind === REDUCE) book.reduce(order, size)
    else book.remove(order)
  }
}

const applyLevels = (book: LevelBook, { count, isBid, prices, sizes }: LevelEvents): void => {
  for (let index = 0; index < count; index++) {
    const side = isBid[index] === 1 ? 'bid' : 'ask'
    book.set(side, priceOf(prices[index] ?? 0), sizeOf(sizes[index] ?? 0), undefined)
  }
}

/** Milliseconds of processor time: other work on the machine counts for little so. */
const processorTime = (action: () => void): number => {
  const before = process.cpuUsage()
  action()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const rate = (count: number, milliseconds: number): string =>
  `${Math.round((count / milliseconds) * 1000).toLocaleString('en-US')}/s`

const orderBookWith = (events: OrderEvents): OrderBook => {
  const book = new OrderBook()
  book.clear(true)
  book.rescale(2, 8)
  applyOrders(book, events)
  return book
}

const busyRows = (orders: number): readonly Row[] => {
  const { opening, events } = busyOrderEvents(orders, EVENTS)
  const columns = newLevelColumns(10)
  const [own, naive, read]: [number[], number[], number[]] = [[], [], []]
  let [checked, expected]: [number | undefined, number | undefined] = [undefined, undefined]
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    const book = orderBookWith(opening)
    own.push(processorTime(() => { applyOrders(book, events) })) // prettier-ignore
    const other = new NaiveBook()
    applyNaively(other, opening)
    naive.push(processorTime(() => { applyNaively(other, events) })) // prettier-ignore
    const watched = orderBookWith(opening)
    read.push(processorTime(() => { applyOrders(watched, events, columns) })) // prettier-ignore
    checked = book.best('bid')
    expected = other.best(true)
  }
  if (checked !== expected) throw new Error('the books differ')
  const [ownTime = NaN, naiveTime = NaN, readTime = NaN] = [own, naive, read].map((times) =>
    median(times.slice(1)),
  )
  const name = `by order, busy flow, ${orders.toLocaleString('en-US')} orders`
  const note = `events; a naive book ${rate(events.count, naiveTime)}, ours is ${(naiveTime / ownTime).toFixed(1)} × as fast, target 3`
  const cost = `${(((readTime - ownTime) * 1e6) / events.count).toFixed(0)} ns a read, ${((1 - ownTime / readTime) * 100).toFixed(0)} % of the time of the book alone`
  return [
    { name, value: rate(events.count, ownTime), note },
    { name: '… reading the best 10 after each', value: rate(events.count, readTime), note: cost },
  ]
}

const levelRow = (name: string, books: readonly { opening: LevelEvents; changes: LevelEvents }[]): Row => {
  const total = books.reduce((sum, { changes }) => sum + changes.count, 0)
  if (total === 0)
    return { name, value: 'skipped', note: 'no captures: BOOKREEL_CAPTURES names their folder' }
  const repeats = Math.max(1, Math.round(EVENTS / total))
  const times: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const made = books.map(({ opening, changes }) => {
      const book = new LevelBook()
      applyLevels(book, opening)
      return { book, changes }
    })
    times.push(
      processorTime(() => {
        for (const { book, changes } of made)
          for (let repeat = 0; repeat < repeats; repeat++) applyLevels(book, changes)
      }),
    )
  }
  return {
    name,
    value: rate(total * repeats, median(times.slice(1))),
    note: `changes, ${String(total)} × ${String(repeats)}`,
  }
}

const usedBytes = (): number => {
  globalThis.gc?.()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

/** A million orders at a tenth as many prices. */
const memoryRow = (): Row => {
  const before = usedBytes()
  const book = new OrderBook()
  for (let order = 0; order < MANY; order++) {
    const distance = 1 + ((order * 7919) % (MANY / 20))
    const isBid = order % 2 === 0
    book.open(
      order,
      isBid ? 'bid' : 'ask',
      priceOf(6e6 + (isBid ? -distance : distance)),
      sizeOf(1 + order),
      0,
    )
  }
  const bytes = (usedBytes() - before) / MANY
  const levels = book.levelCount('bid') + book.levelCount('ask')
  return {
    name: 'an order in memory',
    value: `${bytes.toFixed(1)} bytes`,
    note: `of ${MANY.toLocaleString('en-US')} at ${levels.toLocaleString('en-US')} prices, target 150`,
  }
}

const digestRow = (): Row => {
  const book = orderBookWith(busyOrderEvents(110_000, 0).opening)
  const milliseconds = processorTime(() => {
    bookDigest(book, (order) => `7c4f0c1e-0000-4000-8000-${String(order).padStart(12, '0')}`)
  })
  const orders = book.orderCount('bid') + book.orderCount('ask')
  return { name: 'digest', value: `${milliseconds.toFixed(0)} ms`, note: `${String(orders)} orders` }
}

const run = async (): Promise<readonly Row[]> => {
  const memory = memoryRow()
  const generated = levelEventsBehind(busyOrderEvents(10_000, EVENTS))
  const nothing = { count: 0, isBid: new Uint8Array(), prices: new Float64Array(), sizes: new Float64Array() }
  return await Promise.resolve([
    ...busyRows(2_000),
    ...busyRows(10_000),
    ...busyRows(100_000),
    levelRow('by level, Coinbase level2 capture', coinbaseBooks()),
    levelRow('by level, Kraken capture', krakenBooks()),
    levelRow('by level, busy flow, 10,000 orders', [{ opening: nothing, changes: generated }]),
    memory,
    digestRow(),
  ])
}

export const bookBenchmark: Benchmark = {
  name: 'book',
  about:
    'Books alone: no decoding, no log; per second of processor time. A slowdown costs replay and export.',
  run,
}
