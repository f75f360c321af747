import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import {
  type BookWindow,
  EMPTY_WINDOW,
  snapshotText,
  updatesBetween,
  windowOf,
} from '../../../simulator/venues/bitfinex-window.ts'
import { NaiveBitfinex } from '../playback/naive-books.ts'
import { generatedMarket } from './generated-market.ts'

const rowsText = (book: NaiveBitfinex): string =>
  JSON.stringify([...book.sorted('bids'), ...book.sorted('asks')])

describe('the window of a Bitfinex book', () => {
  it('is rebuilt by its updates, never longer than asked, with no unknown delete', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 31 }),
        fc.constantFrom('R0', 'P0', 'P1', 'P2', 'P3', 'P4'),
        fc.constantFrom(1, 25, 100, 250),
        fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 3, max: 900 }),
        (seed, precision, length, steps, orders) => {
          const { market, run } = generatedMarket(seed, 'BTC-USD', orders)
          const book = new NaiveBitfinex(precision)
          let window: BookWindow = windowOf(market, precision, length, EMPTY_WINDOW)
          book.take(JSON.parse(snapshotText(window)))
          expect(rowsText(book)).toBe(snapshotText(window))
          for (const step of steps) {
            run(step)
            const next = windowOf(market, precision, length, window)
            const { deletes, upserts } = updatesBetween(window, next)
            for (const update of [...deletes, ...upserts]) book.take(JSON.parse(update))
            window = next
            expect(rowsText(book)).toBe(snapshotText(window))
          }
          expect(book.unknownDeletes).toBe(0)
          expect(book.largestSide).toBeLessThanOrEqual(length)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('shows the best orders by price and id, or the rounded levels of all orders', () => {
    const { market, run } = generatedMarket(5, 'BTC-USD', 1200)
    run(5000)
    const { engine } = market
    for (const side of ['buy', 'sell'] as const) {
      const sign = side === 'buy' ? -1 : 1
      const all = engine
        .orders(side)
        .sort((one, other) => sign * (one.price - other.price) || one.id - other.id)
      const name = side === 'buy' ? 'bids' : 'asks'
      const raw = windowOf(market, 'R0', 250, EMPTY_WINDOW)[name]
      expect(raw.length).toBe(250)
      expect(raw.map(({ price, size }) => [price, size])).toEqual(
        all.slice(0, 250).map(({ price, size }) => [price, size]),
      )
      const levels = new Map<number, { size: number; orders: number }>()
      for (const { price, size } of all) {
        const rounded = (side === 'buy' ? Math.floor(price / 100) : Math.ceil(price / 100)) * 100
        const level = levels.get(rounded) ?? { size: 0, orders: 0 }
        levels.set(rounded, { size: level.size + size, orders: level.orders + 1 })
      }
      const shown = windowOf(market, 'P0', 25, EMPTY_WINDOW)[name]
      expect(shown.map(({ price, size, orders }) => [price, { size, orders }])).toEqual(
        [...levels].slice(0, 25),
      )
    }
  })
})
