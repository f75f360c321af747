import { describe, expect, it } from 'vitest'

import { decimalText, neededScale, scaleDecimal } from '../../../src/market/decimal.ts'
import { captureNames, type CaptureRow, capturesFolder, readCapture } from '../../support/captures.ts'
import { manifestOf, recordsOfCapture } from '../../support/entries.ts'
import { expectSameAtEveryCut, runKeeper } from './keeper-run.ts'

const folder = capturesFolder()
const names = folder === undefined ? [] : captureNames(folder, 'bitfinex-')

/** Decimal text without zeros at the end. */
const shortest = (text: string): string => {
  const scale = neededScale(text) ?? 0
  return decimalText(scaleDecimal(text, scale) ?? Number.NaN, scale)
}
const plain = (rows: readonly CaptureRow[]): readonly (readonly string[])[] =>
  rows.map(([price, size]) => [shortest(price), shortest(size)])

if (folder === undefined) it.skip('captures of Bitfinex: no folder of captures here', () => undefined)
else
  describe.each(names)('capture %s', (name) => {
    const capture = readCapture(folder, name)
    const { expected, symbols } = capture.meta

    it.each(symbols)('gives the measured book and trades of %s', (symbol) => {
      const figures = expected.symbols[symbol]
      expect(figures).toBeDefined()
      if (figures === undefined) return
      const manifest = manifestOf({ venue: 'bitfinex', symbol })
      const { keeper, events } = runKeeper(recordsOfCapture(capture.lines, manifest))
      const book = keeper.book()
      const rows = (side: 'bid' | 'ask') =>
        book
          .top(side, 10)
          .map((level) => [
            decimalText(level.price, book.priceScale),
            decimalText(level.size, book.sizeScale),
          ])
      expect({ bids: book.levelCount('bid'), asks: book.levelCount('ask') }).toEqual(figures.levels)
      expect(rows('bid')).toEqual(plain(figures.top.bids))
      expect(rows('ask')).toEqual(plain(figures.top.asks))
      expect(events.filter((event) => event.kind === 'traded')).toHaveLength(figures.trades.count)
      // Numbered frames without checksums are proof from the start; checksums prove it later.
      expect(events).toContainEqual({ kind: 'book-valid', verified: expected.sequence.compared > 0 })
      expect(keeper.summary()).toMatchObject({
        gaps: expected.sequence.gaps,
        checksums: expected.checksums,
        undecodedFrames: 0,
        disconnects: 0,
        reason: 'run-ended',
      })
    })

    const numbers = expected.sequence.ranges['1']
    it.runIf(numbers !== undefined)('counts every array frame of the socket', () => {
      const last = numbers?.[1] ?? 0
      const late = {
        t: capture.meta.lastTime,
        conn: 1,
        dir: 'in',
        text: `[1,"hb",${String(last + 2)}]`,
      } as const
      const manifest = manifestOf({ venue: 'bitfinex', symbol: symbols[0] ?? '' })
      const { keeper } = runKeeper(recordsOfCapture([...capture.lines, late], manifest))
      const { gaps } = keeper.takeVerdict()
      const [expectedNumber, found] = [String(last + 1), String(last + 2)]
      expect(gaps).toMatchObject([{ cause: 'venue-sequence', expected: expectedNumber, found }])
    })

    it.each(symbols)('goes on from any entry as if never stopped: %s', (symbol) => {
      expectSameAtEveryCut(recordsOfCapture(capture.lines, manifestOf({ venue: 'bitfinex', symbol })))
    })
  })
