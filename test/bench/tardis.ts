/**
 * The peer `tardis-dev`, where it is installed (test/bench/peers), and its cache filled with frames of ours: files of gzip, one
 * a minute, in the folder that its filters name, so that it asks no server for anything. Owns both; nothing here measures.
 */
import { Buffer } from 'node:buffer'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { gzipSync } from 'node:zlib'

import { EntryCursor } from '../../src/log/entry.ts'
import { type Micros, microsOf, microsToIso } from '../../src/market/time.ts'

/** Benchmarks run compiled, from the root of the project. */
export const PEERS = path.resolve('test/bench/peers')

interface Filter {
  readonly channel: string
  readonly symbols: readonly string[]
}

interface BookPriceLevel {
  readonly price: number
  readonly amount: number
}

/** What its `OrderBook` takes. */
export interface BookChange {
  readonly isSnapshot: boolean
  readonly bids: readonly BookPriceLevel[]
  readonly asks: readonly BookPriceLevel[]
}

export interface TardisBook {
  readonly update: (change: BookChange) => void
  readonly bestBid: () => BookPriceLevel | undefined
  readonly bestAsk: () => BookPriceLevel | undefined
}

interface Span {
  readonly exchange: 'coinbase'
  readonly from: string
  readonly to: string
}

/** As far as it is used here. */
interface Tardis {
  readonly init: (options: { readonly cacheDir: string; readonly endpoint: string }) => void
  readonly replay: (span: Span & { readonly filters: readonly Filter[] }) => AsyncIterable<unknown>
  readonly replayNormalized: (
    span: Span & { readonly symbols: readonly string[] },
    ...normalizers: readonly unknown[]
  ) => AsyncIterable<unknown>
  readonly normalizeBookChanges: unknown
  readonly normalizeTrades: unknown
  readonly OrderBook: new () => TardisBook
}

interface TardisParts {
  readonly sha256: (filters: readonly Filter[]) => string
  readonly optimizeFilters: (filters: readonly Filter[]) => readonly Filter[]
}

/** Undefined where it is not installed. */
export const loadTardis = (): Tardis | undefined => {
  const require = createRequire(path.join(PEERS, 'package.json'))
  try {
    return require('tardis-dev') as Tardis
  } catch {
    return undefined
  }
}

const SYMBOLS = ['BTC-USD']
const filtersOf = (...channels: readonly string[]): readonly Filter[] =>
  channels.map((channel) => ({ channel, symbols: SYMBOLS }))

/** What it calls the channels that a `full` feed is made of. */
const RAW_FILTERS = filtersOf('received', 'open', 'match', 'change', 'done')
/** What it asks for when books and trades are to be normalized. */
const NORMALIZED_FILTERS = filtersOf('snapshot', 'l2update', 'match')

const MINUTE = 60_000_000

/** A cache that holds frames of one stream. */
export class TardisCache {
  private readonly folder: string
  private readonly raw: string
  private from: number | undefined
  private minute = 0
  private lines: string[] = []

  constructor(folder: string) {
    this.folder = folder
    const { sha256, optimizeFilters } = createRequire(path.join(PEERS, 'package.json'))(
      'tardis-dev/dist/handy.js',
    ) as TardisParts
    const folderOf = (filters: readonly Filter[]): string =>
      path.join(folder, 'feeds', 'coinbase', sha256(optimizeFilters(structuredClone(filters))))
    this.raw = folderOf(RAW_FILTERS)
    mkdirSync(this.raw, { recursive: true })
    // The same frames, whichever way they are asked for.
    symlinkSync(this.raw, folderOf(NORMALIZED_FILTERS))
  }

  /** The frames among packed records, which follow those given before. */
  add(records: Uint8Array): void {
    const cursor = new EntryCursor(records)
    while (cursor.next()) {
      if (cursor.kind !== 'frame') continue
      const minute = Math.floor(cursor.receiveTime / MINUTE)
      if (this.from === undefined) this.from = this.minute = minute
      while (this.minute < minute) this.endMinute()
      // It reads a time of seven digits behind the point, and one space.
      this.lines.push(`${microsToIso(cursor.receiveTime).slice(0, 26)}0Z ${cursor.text()}\n`)
    }
  }

  private endMinute(): void {
    const time = microsToIso(this.time(this.minute))
    const [year, month, day] = time.slice(0, 10).split('-')
    const target = path.join(this.raw, year ?? '', month ?? '', day ?? '', time.slice(11, 13))
    mkdirSync(target, { recursive: true })
    writeFileSync(
      path.join(target, `${time.slice(14, 16)}.json.gz`),
      gzipSync(Buffer.from(this.lines.join(''))),
    )
    this.lines = []
    this.minute++
  }

  private time(minute: number): Micros {
    return microsOf(minute * MINUTE)
  }

  /** The span of all frames; nothing is added afterwards. */
  finish(): { readonly from: string; readonly to: string } {
    this.endMinute()
    return { from: microsToIso(this.time(this.from ?? 0)), to: microsToIso(this.time(this.minute)) }
  }

  /** Sends it here for whatever is missing: nothing answers, and the benchmark fails. */
  use(tardis: Tardis): void {
    tardis.init({ cacheDir: this.folder, endpoint: 'http://127.0.0.1:9' })
  }
}

/** Milliseconds to the last message, of how many: waiting for its own thread to end does not count. */
export const drain = async (
  messages: AsyncIterable<unknown>,
): Promise<{ readonly milliseconds: number; readonly messages: number }> => {
  const started = performance.now()
  let last = started
  let count = 0
  for await (const message of messages) {
    if (message === undefined) continue
    count++
    last = performance.now()
  }
  return { milliseconds: last - started, messages: count }
}

export const rawReplay = (tardis: Tardis, span: { from: string; to: string }): AsyncIterable<unknown> =>
  tardis.replay({ exchange: 'coinbase', ...span, filters: structuredClone(RAW_FILTERS) })

export const normalizedReplay = (
  tardis: Tardis,
  span: { from: string; to: string },
): AsyncIterable<unknown> =>
  tardis.replayNormalized(
    { exchange: 'coinbase', ...span, symbols: SYMBOLS },
    tardis.normalizeBookChanges,
    tardis.normalizeTrades,
  )
