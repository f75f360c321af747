/** Totals of exported trades, bars and flow are what was traded: by the matching engine's own account, and in captures. */
import path from 'node:path'

import { describe, expect, it } from 'vitest'

import type { MatchEvent, OrderSide } from '../../../simulator/engine/engine-event.ts'
import { importCapture } from '../../../src/app/archive/import-capture.ts'
import { venueById } from '../../../src/app/production.ts'
import { streamIdOf } from '../../../src/market/instrument.ts'
import { newMemoryStore } from '../../../src/storage/memory/memory-store.ts'
import { captureNames, capturesFolder, readCapture } from '../../support/captures.ts'
import { DERIVED_FEEDS, type DerivedFeed, derivedStore } from '../../support/derived-feeds.ts'
import { exportTo, readCsv, readJsonLines, type ReadRow, withFolder } from '../../support/exported-tables.ts'
import { generatedFeed } from '../../support/generated-feeds.ts'

/** Decimal text as a whole number of 10^-16. */
const units = (text: unknown): bigint => {
  const [whole = '', fraction = ''] = String(text).split('.')
  return BigInt(whole + fraction.padEnd(16, '0'))
}

const sumOf = (rows: readonly ReadRow[], column: string): bigint =>
  rows.reduce((sum, row) => sum + units(row[column]), 0n)

const TO_UNITS = 10n ** 8n

interface Truth {
  readonly records: Uint8Array
  readonly matches: readonly MatchEvent[]
  /** What a resting order took that was amended through the other side, by its side and price. */
  readonly takenByAmended: readonly { readonly level: string; readonly size: number }[]
}

const levelOf = (side: OrderSide, price: number): string =>
  `${side === 'buy' ? 'bid' : 'ask'} ${String(BigInt(price) * 10n ** 14n)}`

const truthOf = (feed: DerivedFeed): Truth => {
  const matches: MatchEvent[] = []
  const takenByAmended: { level: string; size: number }[] = []
  const records = generatedFeed({
    ...{ feed, seed: 11, events: 4000 },
    onEngineEvent: (event) => {
      if (event.kind === 'match') matches.push(event)
      if (event.kind !== 'done' || event.reason !== 'filled' || !event.wasOpen) return
      const taken = matches.filter(({ taker, time }) => taker === event.order && time === event.time)
      for (const { size } of taken)
        takenByAmended.push({ level: levelOf(event.side, event.price ?? 0), size })
    },
  })
  return { records, matches, takenByAmended }
}

const exported = async (feed: DerivedFeed, records: Uint8Array, kind: string): Promise<readonly ReadRow[]> => {
  let rows: readonly ReadRow[] = []
  await withFolder(async (folder) => {
    const file = path.join(folder, `${kind}.jsonl`)
    await exportTo(await derivedStore([{ feed, records }]), kind, file)
    rows = await readJsonLines(file)
  })
  return rows
} // prettier-ignore

/** Sizes of the engine have 8 digits behind the point. */
const traded = (matches: Iterable<MatchEvent>): bigint => {
  let sum = 0n
  for (const { size } of matches) sum += BigInt(size) * TO_UNITS
  return sum
}

/** Trades in front of the first ones told were made before the subscription took hold. */
const toldOf = (matches: readonly MatchEvent[], trades: readonly ReadRow[]): readonly MatchEvent[] =>
  matches.slice(matches.length - trades.length)

describe.each(DERIVED_FEEDS)('totals of %s', (feed) => {
  it('are those of the matching engine', async () => {
    const { records, matches } = truthOf(feed)
    const trades = await exported(feed, records, 'trades')
    const told = toldOf(matches, trades)
    expect(trades.length).toBeGreaterThan(100)
    expect(matches.length - trades.length).toBeLessThan(10)
    expect(trades.map((row) => [units(row['price']), units(row['size'])])).toEqual(
      told.map(({ price, size }) => [BigInt(price) * 10n ** 14n, BigInt(size) * TO_UNITS]),
    )
    const bars = await exported(feed, records, 'bars')
    expect(bars.reduce((sum, bar) => sum + Number(bar['trades']), 0)).toBe(told.length)
    expect(sumOf(bars, 'volume')).toBe(traded(told))
    const turnover = told.reduce((sum, { price, size }) => sum + BigInt(price) * BigInt(size) * 10n ** 6n, 0n)
    expect(sumOf(bars, 'turnover')).toBe(turnover)
    for (const [side, column] of [['sell', 'buy_volume'], ['buy', 'sell_volume']] as const)
      expect(sumOf(bars, column)).toBe(traded(told.filter((match) => match.side === side)))
  }) // prettier-ignore
})

describe.each(['full', 'level3'] as const)('flow of %s', (feed) => {
  it('has traded at each price what the matching engine matched there', async () => {
    const { records, matches, takenByAmended } = truthOf(feed)
    const trades = await exported(feed, records, 'trades')
    const expected = new Map<string, bigint>()
    const add = (level: string, size: number): void => {
      expected.set(level, (expected.get(level) ?? 0n) + BigInt(size) * TO_UNITS)
    }
    toldOf(matches, trades).forEach(({ side, price, size }, index) => {
      if (trades[index]?.['valid'] === true) add(levelOf(side, price), size)
    })
    // Level 3 does not say why an order left.
    if (feed === 'full') for (const { level, size } of takenByAmended) add(level, size)
    const found = new Map<string, bigint>()
    for (const row of await exported(feed, records, 'flow')) {
      if (units(row['traded']) === 0n) continue
      const level = `${String(row['side'])} ${String(units(row['price']))}`
      found.set(level, (found.get(level) ?? 0n) + units(row['traded']))
    }
    expect(expected.size).toBeGreaterThan(50)
    expect([...found].sort()).toEqual([...expected].sort())
  })
})

const folder = capturesFolder()
/** Most traded first. */
const tradedSymbols = (name: string) =>
  Object.entries(readCapture(folder ?? '', name).meta.expected.symbols)
    .filter(([, { trades }]) => trades.count > 0)
    .sort(([, one], [, other]) => other.trades.count - one.trades.count)
    .slice(0, 4)

const names =
  folder === undefined
    ? []
    : ['bitfinex', 'coinbase']
        .flatMap((venue) => captureNames(folder, venue))
        .filter((name) => tradedSymbols(name).length > 0)

describe('trades of captures', () => {
  if (folder === undefined) {
    it.skip('no captures are here', () => undefined)
    return
  }
  it.each(names)('%s are as many and as large as was measured', async (name) => {
    const { meta } = readCapture(folder, name)
    const venue = venueById(meta.venue)
    if (venue === undefined) throw new Error(`no venue ${meta.venue}`)
    for (const [symbol, { trades }] of tradedSymbols(name)) {
      const pair = venue.pairOf(symbol)
      if (pair === undefined) throw new Error(`no pair ${symbol}`)
      const store = newMemoryStore()
      await importCapture({
        ...{ store, stream: streamIdOf(venue.id, pair), venue, pair, symbol },
        location: path.join(folder, name),
        assumeEmptyBook: name === 'coinbase-full-2017-06-25',
        onLines: () => undefined,
      })
      await withFolder(async (out) => {
        const file = path.join(out, 'trades.csv')
        await exportTo(store, 'trades', file)
        const rows = await readCsv(file)
        expect(rows.length).toBe(trades.count)
        expect(sumOf(rows, 'size')).toBe(units(trades.size))
        const flat = path.join(out, 'flat.csv')
        await exportTo(store, 'trades', flat, { format: 'tardis' })
        expect(sumOf(await readCsv(flat), 'amount')).toBe(units(trades.size))
      })
    }
  })
})
