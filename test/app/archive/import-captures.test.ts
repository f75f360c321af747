/** Every capture of a venue we record, for each of its symbols: what is stored is what was captured, and the books are right. */
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import { importCapture } from '../../../src/app/archive/import-capture.ts'
import { venueById } from '../../../src/app/production.ts'
import { exportFrames } from '../../../src/export/frames.ts'
import type { EventStore } from '../../../src/log/event-store.ts'
import { EventCollector, type MarketEvent } from '../../../src/market/event.ts'
import { type StreamId, streamIdOf } from '../../../src/market/instrument.ts'
import { renderBook, type RenderedLevel } from '../../../src/replay/derived/book-row.ts'
import { BookKeeper } from '../../../src/replay/keeper/book-keeper.ts'
import { streamInfo } from '../../../src/replay/proof/stream-info.ts'
import { verifyStream } from '../../../src/replay/proof/verify.ts'
import { readChunks } from '../../../src/replay/reading/chunk-reader.ts'
import { newMemoryStore } from '../../../src/storage/memory/memory-store.ts'
import type { Venue } from '../../../src/venues/venue.ts'
import {
  type Capture,
  type CaptureFigures,
  captureNames,
  type CaptureRow,
  capturesFolder,
  readCapture,
} from '../../support/captures.ts'

const folder = capturesFolder()

interface Imported {
  readonly store: EventStore
  readonly stream: StreamId
  readonly keeper: BookKeeper
  readonly traded: readonly (MarketEvent & { kind: 'traded' })[]
}

const importSymbol = async (capture: Capture, venue: Venue, symbol: string): Promise<Imported> => {
  const pair = venue.pairOf(symbol)
  if (pair === undefined || folder === undefined) throw new Error(`no pair ${symbol}`)
  const store = newMemoryStore()
  const stream = streamIdOf(venue.id, pair)
  const assumeEmptyBook = capture.name === 'coinbase-full-2017-06-25'
  const location = path.join(folder, capture.name)
  await importCapture({
    store,
    stream,
    venue,
    pair,
    symbol: venue.symbolOf(pair),
    location,
    assumeEmptyBook,
    onLines: () => undefined,
  })
  const listener = new EventCollector()
  const keeper = new BookKeeper(venue, { listener })
  for await (const { records } of readChunks(store, stream)) keeper.applyRecords(records)
  const traded = listener.take().filter((event) => event.kind === 'traded')
  return { store, stream, keeper, traded }
}

/** Decimal text as a whole number of 10^-12. */
const units = (text: string): bigint => {
  const [whole = '', fraction = ''] = text.split('.')
  return BigInt(whole + fraction.padEnd(12, '0'))
}

const sameValues = (levels: readonly RenderedLevel[], rows: readonly CaptureRow[]): void => {
  expect(levels.map(({ price, size, orders }) => [shortest(price), shortest(size), orders?.length])).toEqual(
    rows.map(([price, size, orders]) => [shortest(price), shortest(size), orders]),
  )
}

const shortest = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)

const checkBook = (found: Imported, figures: CaptureFigures): void => {
  const book = renderBook(found.stream, found.keeper)
  expect({ bids: book.bids.length, asks: book.asks.length }).toEqual(figures.levels)
  sameValues(book.bids.slice(0, figures.top.bids.length), figures.top.bids)
  sameValues(book.asks.slice(0, figures.top.asks.length), figures.top.asks)
  if (figures.orders === undefined) return
  const orders = (levels: readonly RenderedLevel[]): number =>
    levels.reduce((sum, level) => sum + (level.orders?.length ?? 0), 0)
  expect({ bids: orders(book.bids), asks: orders(book.asks) }).toEqual(figures.orders)
}

const checkTrades = (found: Imported, figures: CaptureFigures): void => {
  const { sizeScale } = found.keeper.book()
  expect(found.traded).toHaveLength(figures.trades.count)
  const total = found.traded.reduce((sum, { size }) => sum + BigInt(size), 0n)
  expect(total * 10n ** BigInt(12 - sizeScale)).toBe(units(figures.trades.size))
}

const checkFrames = async (found: Imported, capture: Capture): Promise<void> => {
  const lines: { kind: string; text: string; receiveTime: number; connection: number }[] = []
  await exportFrames(found.store, found.stream, {}, async (text) => {
    for (const line of text.split('\n'))
      if (line !== '') lines.push(JSON.parse(line) as (typeof lines)[number])
    return await Promise.resolve()
  })
  const kinds: Record<string, string> = { frame: 'in', sent: 'out', response: 'http' }
  const exported = lines.filter(({ kind }) => kind in kinds)
  expect(
    exported.map(({ kind, text, receiveTime, connection }) => [kinds[kind], text, receiveTime, connection]),
  ).toEqual(capture.lines.map(({ dir, text, t, conn }) => [dir, text, t, conn]))
}

describe.skipIf(folder === undefined)('import of captures', () => {
  const captures =
    folder === undefined ? [] : ['coinbase', 'bitfinex'].flatMap((venue) => captureNames(folder, venue))
  it.each(captures)('%s', async (name) => {
    const capture = readCapture(folder ?? '', name)
    const venue = venueById(capture.meta.venue)
    if (venue === undefined) throw new Error('unknown venue')
    const { expected } = capture.meta
    expect(Object.keys(expected.symbols).length).toBeGreaterThan(0)
    for (const [symbol, figures] of Object.entries(expected.symbols)) {
      const found = await importSymbol(capture, venue, symbol)
      checkBook(found, figures)
      checkTrades(found, figures)
      await checkFrames(found, capture)
      const info = await streamInfo(found.store, found.stream)
      expect(info.gaps).toHaveLength(expected.sequence.gaps)
      expect(info.undecoded.frames).toBe(0)
      expect(info.checksums).toEqual(expected.checksums)
      expect(await verifyStream(found.store, found.stream, venue)).toMatchObject({ ok: true, problems: [] })
    }
  })
})
