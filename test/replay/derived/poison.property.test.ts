/** Nothing that is told up to an instant depends on what was received behind it. */
import { describe, expect, it } from 'vitest'

import { barsTo } from '../../../src/replay/derived/bars.ts'
import { booksTo } from '../../../src/replay/derived/books.ts'
import { levelChangesTo } from '../../../src/replay/derived/level-changes.ts'
import { orderFlowTo } from '../../../src/replay/derived/order-flow.ts'
import { tradesTo } from '../../../src/replay/derived/trades.ts'
import { visitAll } from '../../../src/replay/derived/visit-all.ts'
import {
  alteredAfter,
  DERIVED_FEEDS,
  type DerivedFeed,
  derivedRecords,
  receiveTimes,
  visitFeed,
} from '../../support/derived-feeds.ts'

interface ToldRow {
  readonly time: number
  readonly row: string
}

const textOf = (row: object): string =>
  JSON.stringify(row, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value instanceof Float64Array ? value.join() : value,
  )

/** Every row of every derived stream with the instant it speaks of. */
const rowsOf = async (feed: DerivedFeed, records: Uint8Array): Promise<readonly ToldRow[]> => {
  const rows: ToldRow[] = []
  const tell = (kind: string, time: number, row: object): void => {
    rows.push({ time, row: `${kind} ${textOf(row)}` })
  }
  const every = 150_000
  await visitFeed(
    feed,
    records,
    visitAll([
      tradesTo((trade) => {
        tell('trade', trade.receiveTime, { ...trade, state: 0, maker: trade.makerId() })
      }),
      levelChangesTo({
        changed: (row) => {
          tell('level', row.receiveTime, row)
        },
      }),
      ...[every, undefined].map((interval) =>
        booksTo({ levels: 3, every: interval }, (row) => {
          tell('book', row.time, { ...row, state: 0 })
        }),
      ),
      ...(
        [
          { by: 'time', every },
          { by: 'trades', trades: 4 },
        ] as const
      ).map((rule) =>
        barsTo(rule, (bar) => {
          tell('bar', bar.end, bar)
        }),
      ),
      orderFlowTo({ every }, (span) => {
        const { start, end, hasBook, isWhole, endedBy } = span
        const levels: object[] = []
        span.forEachLevel((row) => levels.push({ ...row }))
        tell('flow', end, { start, end, hasBook, isWhole, endedBy, levels })
      }),
    ]),
  )
  return rows
}

describe.each(DERIVED_FEEDS)('what is derived from %s', (feed) => {
  it.each([
    [false, 0.2],
    [false, 0.45],
    [true, 0.7],
  ])(
    'is the same up to an instant whatever comes behind it (bad line: %s, at %d)',
    async (isFaulty, share) => {
      const records = derivedRecords(feed, 21, isFaulty)
      const times = receiveTimes(records)
      const instant = times[Math.floor(times.length * share)] ?? 0
      const told = await rowsOf(feed, records)
      const poisoned = await rowsOf(feed, alteredAfter(records, instant, derivedRecords(feed, 22, true)))
      const upTo = (rows: readonly ToldRow[]): readonly string[] =>
        rows.filter(({ time }) => time <= instant).map(({ row }) => row)
      expect(upTo(told).length).toBeGreaterThan(20)
      expect(upTo(poisoned)).toEqual(upTo(told))
      expect(poisoned).not.toEqual(told)
    },
  )
})
