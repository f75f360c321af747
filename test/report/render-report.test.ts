/** The page as a whole: one file that needs nothing, runs nothing that it is told, and is bounded. */
import { createHash } from 'node:crypto'

import { beforeAll, describe, expect, it } from 'vitest'

import { DAY, microsOf } from '../../src/market/time.ts'
import type { StreamState } from '../../src/replay/stream-state.ts'
import { ReportCollector } from '../../src/report/collecting/report-collector.ts'
import { TimeColumns } from '../../src/report/collecting/time-columns.ts'
import { renderReport } from '../../src/report/render-report.ts'
import type { Report } from '../../src/report/report.ts'
import { derivedRecords, derivedStore, receiveTimes, visitStore } from '../support/derived-feeds.ts'

const EVIL = `"'><img src=x onerror=alert(1)></script><script>alert(2)</script>`

const reportOf = (collected: ReportCollector, words = 'plain'): Report => ({
  stream: words,
  venue: words,
  base: words,
  quote: words,
  software: words,
  figures: {
    ...{ entries: 9, firstSeq: 1, lastSeq: 9, frames: 7, events: 5, trades: 3, gaps: 2, disconnects: 1 },
    ...{ checksums: { right: 4, wrong: 1 }, undecodedFrames: 6, missingEntries: 8, decoderVersions: [3] },
    book: { valid: true, reason: null, verified: true, digest: words, digestSeq: 9, bestBid: words, bestAsk: words },
    head: words,
  },
  gaps: [{ seq: 4, time: undefined, cause: words, expected: words, found: words }],
  disconnects: [{ seq: 5, time: microsOf(1e15), cause: 'disconnect', expected: '', found: '' }],
  collected,
}) // prettier-ignore

let collected: ReportCollector

/** Without scripts and pictures, and short enough to be shown where a test fails. */
const wordsOf = (page: string): string => {
  const rest = page.replace(/<script.*?<\/script>/gs, '').replace(/data:image[^"]*/g, '')
  return /.{80}(NaN|undefined|Infinity).{80}/s.exec(rest)?.[0] ?? ''
}

beforeAll(async () => {
  const records = derivedRecords('full', 61, true)
  const times = receiveTimes(records)
  collected = new ReportCollector(new TimeColumns(times[0] ?? microsOf(0), times.at(-1) ?? microsOf(0)))
  await visitStore(await derivedStore([{ feed: 'full', records }]), collected.visitor())
})

/** A year of wild prices in deep books, with trades and breaks everywhere. */
const wildYear = (): ReportCollector => {
  const start = 1_700_000_000_000_000
  const wild = new ReportCollector(new TimeColumns(microsOf(start), microsOf(start + 365 * DAY)))
  const { columns, prices, depth, quality, trades } = wild
  let state = 7
  const random = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
  const side = (mid: number, sign: number): { from: Float64Array; to: Float64Array; sizes: Float64Array } => {
    const from = Float64Array.from({ length: 1000 }, (_, level) => mid + sign * (level + random()))
    return { from, to: from, sizes: from.map(() => random() * 1000) }
  }
  for (let column = 0; column < columns.count; column++) {
    const mid = 30_000 + random() * 40_000
    prices.lowBid[column] = prices.lastBid[column] = mid - random() * 1234.56789
    prices.highAsk[column] = prices.lastAsk[column] = mid + random() * 1234.56789
    prices.leastSpread[column] = random()
    prices.mostSpread[column] = random() * 2469.13578
    depth.columns.push({ bids: side(mid, -1), asks: side(mid, 1) })
    for (const aggressor of ['buy', 'sell', 'unknown'] as const)
      trades.add({
        ...{ receiveTime: columns.startOf(column), aggressor, priceScale: 8, sizeScale: 8 },
        ...{ price: Math.round(mid * 1e8), size: Math.round(random() * 1e10) },
      } as never)
    quality.valid[column] = random() * columns.width
    quality.verified[column] = random() * columns.width
    quality.break(column, 'checksum')
    for (let part = 0; part < 40; part++)
      quality.look(
        { isValid: part % 2 === 0, isVerified: false, invalidReason: part % 2 === 0 ? undefined : 'checksum', seq: part } as StreamState,
        microsOf(columns.startOf(column) + Math.floor((part * columns.width) / 40)),
      ) // prettier-ignore
  }
  for (let micros = 1; micros < 60_000_000; micros = Math.ceil(micros * 1.02)) wild.latency.add(micros)
  return wild
}

describe('a report', () => {
  it('needs no other file, and lets its browser see to that', () => {
    const page = renderReport(reportOf(collected))
    expect(page).toMatch(/^<!doctype html>/)
    expect(page).not.toMatch(/https?:|\/\/[a-z]|<link|@import|url\((?!#)/)
    for (const [, address = ''] of page.matchAll(/ (?:src|href)="([^"]*)"/g))
      expect(address).toMatch(/^(#[a-z]+\d?$|data:image\/png;base64,)/)
    const scripts = [...page.matchAll(/<script>(.*?)<\/script>/gs)].map(([, text = '']) => text)
    expect(scripts).toHaveLength(1)
    const digest = createHash('sha256').update(scripts[0] ?? '').digest('base64') // prettier-ignore
    expect(page).toContain(`script-src &#39;sha256-${digest}&#39;`)
  })

  it('is the same for the same data', () => {
    expect(renderReport(reportOf(collected))).toBe(renderReport(reportOf(collected)))
  })

  it('shows words as words, whatever they are', () => {
    const page = renderReport(reportOf(collected, EVIL))
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;')
    expect(page).not.toMatch(/<img|onerror=alert\(1\)>/)
    expect([...page.matchAll(/<script/g)]).toHaveLength(2)
    expect([...page.matchAll(/<\/script/g)]).toHaveLength(2)
  })

  it('tells of its drawings in words', () => {
    const page = renderReport(reportOf(collected))
    const told = [...page.matchAll(/<svg [^>]*role="img" aria-label="([^"]+)"/g)].map(([, text = '']) => text)
    expect(told.length).toBeGreaterThanOrEqual(6)
    for (const text of told) expect(text.length).toBeGreaterThan(40)
    expect(wordsOf(page)).not.toMatch(/NaN|undefined|Infinity/)
  })

  it('stays below 2 MB, however long the range and whatever was in it', () => {
    const page = renderReport(reportOf(wildYear()))
    expect(page.length).toBeGreaterThan(200_000)
    expect(Buffer.byteLength(page)).toBeLessThan(2_000_000)
    expect(wordsOf(page)).not.toMatch(/NaN|undefined|Infinity/)
  })

  it('says so where there is nothing to draw', () => {
    const empty = new ReportCollector(new TimeColumns(microsOf(1e15), microsOf(1e15)))
    const page = renderReport(reportOf(empty))
    expect(page).toContain('No book could be used in this range.')
    expect(page).toContain('No trade was told in this range.')
    expect(page).toContain('The venue told no times in this range.')
    expect(wordsOf(page)).not.toMatch(/NaN|undefined|Infinity/)
  })
})
