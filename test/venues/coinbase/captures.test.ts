/** The decoder over recorded Coinbase feeds: books, trades and numbers are what an independent rebuilding measured. */
import { Buffer } from 'node:buffer'

import { describe, expect, it } from 'vitest'

import { decimalText } from '../../../src/market/decimal.ts'
import { EventCollector, type MarketEvent } from '../../../src/market/event.ts'
import { BookKeeper } from '../../../src/replay/keeper/book-keeper.ts'
import { CoinbaseDecoder } from '../../../src/venues/coinbase/decoder.ts'
import { coinbaseVenue } from '../../../src/venues/coinbase/venue.ts'
import {
  type Capture,
  captureNames,
  type CaptureRow,
  capturesFolder,
  readCapture,
} from '../../support/captures.ts'
import {
  decodeAll,
  decodeWithCut,
  manifestOf,
  recordsOfCapture,
  splitRecords,
} from '../../support/entries.ts'

const folder = capturesFolder()
const isFragment = (capture: Capture): boolean => capture.name === 'coinbase-full-2017-06-25'

const recordsFor = (capture: Capture, symbol: string): Uint8Array =>
  recordsOfCapture(
    capture.lines,
    manifestOf({ venue: 'coinbase', symbol, assumeEmptyBook: isFragment(capture) }),
  )

/** Decimal text without zeros at the end. */
const plain = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)

const sumOf = (texts: readonly string[]): string => {
  const scale = 12
  const total = texts.reduce((sum, text) => {
    const [whole = '0', fraction = ''] = text.split('.')
    return sum + BigInt(whole + fraction.padEnd(scale, '0'))
  }, 0n)
  const digits = String(total).padStart(scale + 1, '0')
  return plain(`${digits.slice(0, -scale)}.${digits.slice(-scale)}`)
}

if (folder === undefined) {
  describe('recorded Coinbase feeds', () => {
    it.skip('need the folder of captures: set BOOKREEL_CAPTURES', () => undefined)
  })
} else {
  const captures = captureNames(folder, 'coinbase').map((name) => readCapture(folder, name))

  describe.each(captures)('$name', (capture) => {
    describe.each(Object.entries(capture.meta.expected.symbols))('%s', (symbol, figures) => {
      const collector = new EventCollector()
      const keeper = new BookKeeper(coinbaseVenue, { listener: collector })
      // Without the end of the run: the book as the last message left it.
      const split = splitRecords(recordsFor(capture, symbol))
      const ends = 1 + new Set(capture.lines.filter(({ conn }) => conn > 0).map(({ conn }) => conn)).size
      for (const record of split.slice(0, -ends)) keeper.applyRecords(record)
      const events = collector.take()

      it('rebuilds the measured book', () => {
        const book = keeper.book()
        const rowsOf = (side: 'bid' | 'ask'): readonly CaptureRow[] =>
          book.top(side, 10).map((level) => {
            const row = [
              decimalText(level.price, book.priceScale),
              decimalText(level.size, book.sizeScale),
            ] as const
            return level.orderCount === undefined ? row : [...row, level.orderCount]
          })
        const expected = (rows: readonly CaptureRow[]): readonly CaptureRow[] =>
          rows.map(([price, size, ...orders]) => [plain(price), plain(size), ...orders])
        expect(keeper.summary()).toMatchObject({ valid: true, gaps: 0, undecodedFrames: 0 })
        expect({ bids: book.levelCount('bid'), asks: book.levelCount('ask') }).toEqual(figures.levels)
        expect(rowsOf('bid')).toEqual(expected(figures.top.bids))
        expect(rowsOf('ask')).toEqual(expected(figures.top.asks))
        if (figures.orders !== undefined) {
          const orders = { bids: book.orders('bid').length, asks: book.orders('ask').length }
          expect(orders).toEqual(figures.orders)
        }
      })

      it('tells the measured trades', () => {
        const trades = events.filter(({ kind }) => kind === 'traded') as readonly Extract<
          MarketEvent,
          { kind: 'traded' }
        >[]
        expect(trades.length).toBe(figures.trades.count)
        const sizes = trades.map(({ size }) => decimalText(size, keeper.book().sizeScale))
        expect(sumOf(sizes)).toBe(plain(figures.trades.size))
      })
    })

    it('goes on after a cut as if there had been none, and twice the same', () => {
      for (const symbol of capture.meta.symbols.slice(0, 3)) {
        const records = recordsFor(capture, symbol)
        const newDecoder = (): CoinbaseDecoder => new CoinbaseDecoder()
        const whole = decodeAll(newDecoder(), records)
        expect(whole.events.length).toBeGreaterThan(0)
        expect(decodeAll(newDecoder(), records)).toEqual(whole)
        const split = splitRecords(records)
        const step = Math.max(1, Math.floor(split.length / 12))
        for (let cut = 1; cut < split.length; cut += step)
          expect(decodeWithCut(newDecoder, split, cut)).toEqual(whole)
      }
    })
  })

  it('keeps every order of the real level-3 body in its row order', () => {
    const capture = readCapture(folder, 'coinbase-rest-level3-2026-08-07')
    const keeper = new BookKeeper(coinbaseVenue)
    keeper.applyRecords(recordsFor(capture, 'BTC-USD'))
    const body = JSON.parse(capture.lines[0]?.text ?? '') as Record<
      'bids' | 'asks',
      [string, string, string][]
    >
    const book = keeper.book()
    for (const [side, rows] of [['bid', body.bids] as const, ['ask', body.asks] as const]) {
      const kept = book
        .orders(side)
        .map(({ order, price, size }) => [
          decimalText(price, book.priceScale),
          decimalText(size, book.sizeScale),
          keeper.orderId(order),
        ])
      expect(Buffer.from(JSON.stringify(kept)).equals(Buffer.from(JSON.stringify(rows)))).toBe(true)
    }
  })
}
