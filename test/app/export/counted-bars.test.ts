/** Bars by volume and by number of trades hold the trades that are exported beside them, in order. */
import path from 'node:path'

import { expect, it } from 'vitest'

import { derivedRecords, derivedStore } from '../../support/derived-feeds.ts'
import { exportTo, readJsonLines, withFolder } from '../../support/exported-tables.ts'

const SCALE = 8
const units = (text: unknown): bigint => BigInt(String(text).replace('.', ''))

it.each([
  { by: 'trades', trades: 7 },
  { by: 'volume', volume: 50_000_000, sizeScale: SCALE },
] as const)('bars by $by sum the trades they cover', async (barRule) => {
  await withFolder(async (folder) => {
    const store = await derivedStore([{ feed: 'full', records: derivedRecords('full', 3) }])
    const [bars, trades] = [path.join(folder, 'bars.jsonl'), path.join(folder, 'trades.jsonl')]
    await exportTo(store, 'bars', bars, { barRule })
    await exportTo(store, 'trades', trades)
    const told = [...(await readJsonLines(trades))]
    const rows = await readJsonLines(bars)
    for (const bar of rows) {
      const own = told.splice(0, Number(bar['trades']))
      const sum = own.reduce((all, { size }) => all + units(size), 0n)
      expect(units(bar['volume'])).toBe(sum)
      expect([bar['open'], bar['close']]).toEqual([own.at(0)?.['price'], own.at(-1)?.['price']])
      expect(Number(bar['start_time'])).toBe(own.at(0)?.['receive_time'])
      if (bar['valid'] !== true) continue
      if (barRule.by === 'trades') expect(own.length).toBe(barRule.trades)
      else expect(sum >= BigInt(barRule.volume) && sum - units(own.at(-1)?.['size']) < BigInt(barRule.volume)).toBe(true)
    }
    expect(told).toEqual([])
    expect(rows.filter((bar) => bar['valid'] === true).length).toBeGreaterThan(2)
  })
}) // prettier-ignore
