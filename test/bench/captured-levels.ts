/** The level changes of real captures in columns, a book after the other: whole units of 10^-8 for prices and sizes. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { readCapture } from '../support/captures.ts'
import { type LevelEvents, levelEventsOf } from './book-events.ts'
import { FOLDER } from './captured-flow.ts'

type Change = readonly [isBid: number, price: number, size: number]

/** One product's snapshot and the changes behind it. */
export interface CapturedBook {
  readonly name: string
  readonly opening: LevelEvents
  readonly changes: LevelEvents
}

interface Rows {
  readonly opening: Change[]
  readonly changes: Change[]
}

const units = (text: string): number => Math.round(Number(text) * 1e8)

const framesOf = (capture: string): readonly unknown[] =>
  existsSync(join(FOLDER, capture))
    ? readCapture(FOLDER, capture)
        .lines.filter(({ dir }) => dir === 'in')
        .map(({ text }): unknown => JSON.parse(text))
    : []

const rowsOf = (books: Map<string, Rows>, name: string): Rows => {
  const known = books.get(name) ?? { opening: [], changes: [] }
  books.set(name, known)
  return known
}

const columnsOf = (books: ReadonlyMap<string, Rows>): readonly CapturedBook[] =>
  [...books].map(([name, { opening, changes }]) => ({
    name,
    opening: levelEventsOf(opening),
    changes: levelEventsOf(changes),
  }))

interface CoinbaseFrame {
  readonly type?: string
  readonly product_id?: string
  readonly bids?: readonly (readonly [string, string])[]
  readonly asks?: readonly (readonly [string, string])[]
  readonly changes?: readonly (readonly [string, string, string])[]
}

/** Ten products of Coinbase `level2`; empty without the capture. */
export const coinbaseBooks = (): readonly CapturedBook[] => {
  const books = new Map<string, Rows>()
  for (const frame of framesOf('coinbase-level2-2021-04-17') as readonly CoinbaseFrame[]) {
    const { type, product_id: product = '', bids = [], asks = [], changes = [] } = frame
    if (type !== 'snapshot' && type !== 'l2update') continue
    const rows = rowsOf(books, product)
    for (const [price, size] of bids) rows.opening.push([1, units(price), units(size)])
    for (const [price, size] of asks) rows.opening.push([0, units(price), units(size)])
    for (const [side, price, size] of changes)
      rows.changes.push([side === 'buy' ? 1 : 0, units(price), units(size)])
  }
  return columnsOf(books)
}

type KrakenRows = readonly (readonly [price: string, size: string, ...unknown[]])[]
type KrakenSides = Readonly<Record<string, KrakenRows | string>>

/** Ten pairs of Kraken, depth 1,000; what falls out of the depth stays, as a level set. Empty without the capture. */
export const krakenBooks = (): readonly CapturedBook[] => {
  const books = new Map<string, Rows>()
  for (const frame of framesOf('kraken-v1-book1000-2021-04-17')) {
    if (!Array.isArray(frame) || !String(frame.at(-2)).startsWith('book')) continue
    const rows = rowsOf(books, String(frame.at(-1)))
    for (const sides of frame.slice(1, -2) as readonly KrakenSides[])
      for (const [name, levels] of Object.entries(sides)) {
        if (typeof levels === 'string') continue
        const into = name.endsWith('s') ? rows.opening : rows.changes
        for (const [price, size] of levels)
          into.push([name.startsWith('b') ? 1 : 0, units(price), units(size)])
      }
  }
  return columnsOf(books)
}
