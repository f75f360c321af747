/**
 * Beside software of others, on the same frames in the same process: from the archive to the final book, and the book by
 * level alone. The peers are installed apart from the project (test/bench/peers) and never by its users.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import { OpenThreads } from '../../src/app/replaying/open-threads.ts'
import { LevelBook } from '../../src/book/level-book.ts'
import { priceOf, sizeOf } from '../../src/market/price.ts'
import { play, type Played } from './archive-play.ts'
import { type ArchivedStream, makeArchive, openArchive, rawBatches } from './archive-store.ts'
import { busyOrderEvents, type LevelEvents, levelEventsBehind } from './book-events.ts'
import { coinbaseBooks, krakenBooks } from './captured-levels.ts'
import { type Benchmark, interleaved, median, perSecond, type Row } from './row.ts'
import { type BookChange, drain, loadTardis, normalizedReplay, rawReplay, TardisCache } from './tardis.ts'

type Tardis = NonNullable<ReturnType<typeof loadTardis>>

/** BOOKREEL_BENCH_FRAMES: others than a million. */
const FRAMES = Number(process.env['BOOKREEL_BENCH_FRAMES'] ?? 1_000_000)
const ROUNDS = 3
const BOOK_ROUNDS = 9
/** Level changes in one round: short captures are repeated. */
const CHANGES = 400_000

const spreadOf = (ratios: readonly number[]): string =>
  `${median(ratios).toFixed(1)} × (${Math.min(...ratios).toFixed(1)} to ${Math.max(...ratios).toFixed(1)})`

const archiveRows = async (tardis: Tardis, folder: string, archived: ArchivedStream): Promise<Row[]> => {
  const cache = new TardisCache(path.join(folder, 'tardis'))
  for (const batch of rawBatches(archived)) cache.add(batch)
  const span = cache.finish()
  cache.use(tardis)
  const store = await openArchive(folder)
  const threads = new OpenThreads()
  const ours: Played[] = []
  const normalized: number[] = []
  const raw: number[] = []
  let parsed = 0
  let told = 0
  // The first round warms up.
  for (let round = 0; round <= ROUNDS; round++) {
    globalThis.gc?.()
    ours.push(await play(store, [archived], threads))
    globalThis.gc?.()
    const decoded = await drain(rawReplay(tardis, span))
    globalThis.gc?.()
    const mapped = await drain(normalizedReplay(tardis, span))
    raw.push(decoded.milliseconds)
    normalized.push(mapped.milliseconds)
    parsed = decoded.messages
    told = mapped.messages
  }
  await threads.close()
  await store.close()
  const times = ours.slice(1).map(({ milliseconds }) => milliseconds)
  const line = (name: string, peer: readonly number[], note: string): Row => {
    const ratios = times.map((time, round) => (peer[round + 1] ?? NaN) / time)
    const value = perSecond(archived.frames, median(peer.slice(1)))
    return { name, value, note: `frames; ours is ${spreadOf(ratios)} as fast, ${note}` }
  }
  if (parsed !== archived.frames) throw new Error(`the peer read ${String(parsed)} frames`)
  const [last] = ours
  const state = last?.areValid === true ? 'valid, verified' : 'NOT VALID'
  const note = `frames; archive to the book by order, ${state}, ${String(last?.events ?? 0)} events`
  return [
    { name: 'bookreel', value: perSecond(archived.frames, median(times)), note },
    line(
      'tardis-dev replayNormalized',
      normalized,
      `target 20; ${String(told)} trades, and no book: it has none for this feed`,
    ),
    line('tardis-dev replay, decoded', raw, 'target 8; JSON parsed, nothing more'),
  ]
}

/** Changes one at a time, as both are told them; a book that had them already is told them again. */
interface Changes {
  readonly name: string
  readonly opening: LevelEvents
  readonly changes: LevelEvents
}

const asChanges = ({ count, isBid, prices, sizes }: LevelEvents): readonly BookChange[] =>
  Array.from({ length: count }, (_, index) => {
    const level = { price: prices[index] ?? 0, amount: sizes[index] ?? 0 }
    const isOfBids = isBid[index] === 1
    return { isSnapshot: false, bids: isOfBids ? [level] : [], asks: isOfBids ? [] : [level] }
  })

const setAll = (book: LevelBook, { count, isBid, prices, sizes }: LevelEvents): void => {
  for (let index = 0; index < count; index++) {
    const side = isBid[index] === 1 ? 'bid' : 'ask'
    book.set(side, priceOf(prices[index] ?? 0), sizeOf(sizes[index] ?? 0), undefined)
  }
}

const bookRow = (tardis: Tardis, name: string, books: readonly Changes[]): Row => {
  const total = books.reduce((sum, { changes }) => sum + changes.count, 0)
  const repeats = Math.max(1, Math.round(CHANGES / total))
  const prepared = books.map(({ opening, changes }) => {
    const theirs = new tardis.OrderBook()
    theirs.update({ isSnapshot: true, bids: [], asks: [] })
    for (const change of asChanges(opening)) theirs.update(change)
    const ours = new LevelBook()
    ours.clear()
    ours.rescale(8, 8)
    setAll(ours, opening)
    return { theirs, ours, changes, objects: asChanges(changes) }
  })
  const [own = [], peer = []] = interleaved(BOOK_ROUNDS, [
    () => {
      for (const { ours, changes } of prepared)
        for (let repeat = 0; repeat < repeats; repeat++) setAll(ours, changes)
    },
    () => {
      for (const { theirs, objects } of prepared)
        for (let repeat = 0; repeat < repeats; repeat++) for (const change of objects) theirs.update(change)
    },
  ])
  const isSame = prepared.every(
    ({ theirs, ours }) =>
      theirs.bestBid()?.price === ours.best('bid') && theirs.bestAsk()?.price === ours.best('ask'),
  )
  const ratios = peer.map((time, round) => time / (own[round] ?? NaN))
  const changes = total * repeats
  const theirs = `its OrderBook ${perSecond(changes, median(peer))}, ours is ${spreadOf(ratios)} as fast, target 1.5`
  const agreed = isSame ? '' : '; THE BOOKS DIFFER'
  return {
    name,
    value: perSecond(changes, median(own)),
    note: `${theirs}; ${String(total)} × ${String(repeats)}${agreed}`,
  }
}

const bookRows = (tardis: Tardis): readonly Row[] => {
  const busy = busyOrderEvents(10_000, CHANGES)
  const generated = levelEventsBehind(busy)
  const nothing = { count: 0, isBid: new Uint8Array(), prices: new Float64Array(), sizes: new Float64Array() }
  const sets: readonly (readonly [string, readonly Changes[]])[] = [
    ['level changes, Coinbase level2 capture', coinbaseBooks()],
    ['level changes, Kraken capture', krakenBooks()],
    ['level changes, generated busy flow', [{ name: 'busy', opening: nothing, changes: generated }]],
  ]
  return sets.map(([name, books]) =>
    books.length === 0
      ? { name, value: 'skipped', note: 'no captures here: BOOKREEL_CAPTURES names their folder' }
      : bookRow(tardis, name, books),
  )
}

const run = async (): Promise<readonly Row[]> => {
  const tardis = loadTardis()
  if (tardis === undefined)
    return [
      {
        name: 'tardis-dev',
        value: 'skipped',
        note: 'not installed: npm ci --ignore-scripts --prefix test/bench/peers',
      },
    ]
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bookreel-bench-'))
  try {
    const [coinbase] = await makeArchive(folder, FRAMES)
    if (coinbase === undefined) throw new Error('no archive')
    return [...(await archiveRows(tardis, folder, coinbase)), ...bookRows(tardis)]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

export const peersBenchmark: Benchmark = {
  name: 'peers',
  about: 'Beside tardis-dev on the same frames. Slower here means that others catch up.',
  run,
}
