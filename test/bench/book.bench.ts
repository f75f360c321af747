/**
 * How fast a book by orders takes events, and how fast it is digested. Measures the book alone: no decoding, no log.
 * Slower here means slower replay and export of everything by order.
 */
import { bookDigest } from '../../src/book/digest.ts'
import { OrderBook } from '../../src/book/order-book.ts'
import { priceOf, sizeOf } from '../../src/market/price.ts'
import type { Benchmark, Row } from './row.ts'

const MID = 6_000_000
const EVENTS = 1_000_000

/** A Lehmer generator: the same run every time. */
const newDice = (): ((sides: number) => number) => {
  let state = 42
  return (sides) => {
    state = (state * 48_271) % 2_147_483_647
    return state % sides
  }
}

const fill = (orders: number, dice: (sides: number) => number): OrderBook => {
  const book = new OrderBook()
  book.clear(true)
  book.rescale(2, 8)
  for (let order = 0; order < orders; order++) openNear(book, order, dice)
  return book
}

/** Most orders open near the best price, some far from it: some 3,200 levels for 10,000 orders. */
const openNear = (book: OrderBook, order: number, dice: (sides: number) => number): void => {
  const distance = 1 + dice(50) * dice(50) + dice(10)
  const isBid = order % 2 === 0
  book.open(
    order,
    isBid ? 'bid' : 'ask',
    priceOf(isBid ? MID - distance : MID + distance),
    sizeOf(1 + dice(1e9)),
    0,
  )
}

/** One event of the usual mix: half opens, most of the rest removals, some trades and changes. */
const turn = (book: OrderBook, order: number, dice: (sides: number) => number): number => {
  const what = dice(100)
  const resting = book.orderAt(order)
  if (resting === undefined) return 0
  if (what < 10 && resting.size > 1) {
    book.reduce(order, sizeOf(1))
    return 1
  }
  if (what < 15) {
    book.change(order, resting.price, sizeOf(resting.size + 1), undefined, resting.size)
    return 1
  }
  book.remove(order)
  openNear(book, order, dice)
  return 2
}

const run = async (): Promise<readonly Row[]> => {
  const dice = newDice()
  const book = fill(10_000, dice)
  const picks = new Uint32Array(EVENTS).map(() => dice(10_000))
  for (let index = 0; index < EVENTS / 4; index++) turn(book, picks[index] ?? 0, dice)
  const started = performance.now()
  let events = 0
  for (const order of picks) events += turn(book, order, dice)
  const seconds = (performance.now() - started) / 1000

  const large = fill(110_000, dice)
  const digestStarted = performance.now()
  bookDigest(large, (order) => `7c4f0c1e-0000-4000-8000-${String(order).padStart(12, '0')}`)
  const digestMilliseconds = performance.now() - digestStarted

  const topStarted = performance.now()
  let levels = 0
  for (let index = 0; index < 100_000; index++) levels += book.top('bid', 10).length
  const topNanoseconds = ((performance.now() - topStarted) * 1e6) / 100_000
  return await Promise.resolve([
    {
      name: 'order book',
      value: `${Math.round(events / seconds).toLocaleString('en-US')}/s`,
      note: 'events, 10,000 orders',
    },
    { name: 'digest', value: `${digestMilliseconds.toFixed(0)} ms`, note: '110,000 orders' },
    {
      name: `best ${String(levels / 100_000)} levels`,
      value: `${topNanoseconds.toFixed(0)} ns`,
      note: 'one read',
    },
  ])
}

export const bookBenchmark: Benchmark = {
  name: 'book',
  about:
    'The book by orders alone: no decoding, no log. A slowdown costs replay and export of everything by order.',
  run,
}
