/** A report in a real browser: drawn, silent, alone, readable in the dark and on a phone, and true. */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { isLeft } from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { openStore } from '../../src/app/production.ts'
import { microsOf } from '../../src/market/time.ts'
import type { StreamInfo } from '../../src/replay/proof/stream-info.ts'
import { ReportCollector } from '../../src/report/collecting/report-collector.ts'
import { TimeColumns } from '../../src/report/collecting/time-columns.ts'
import { renderReport } from '../../src/report/render-report.ts'
import { runCommand } from '../support/recorder-process.ts'
import { feedOf, storeOfFeeds } from '../support/replayed-feeds.ts'

/** What test/browser/look.mjs prints of each way to look. */
interface Look {
  readonly name: string
  readonly told: readonly string[]
  readonly requests: readonly string[]
  readonly isTooWide: boolean
  readonly background: string
  readonly title: string
  readonly heading: string
  readonly figures: Readonly<Record<string, string>>
  readonly unnamed: number
  readonly strangers: number
  readonly drawings: Readonly<Record<string, { readonly colours: number; readonly mostOfOne: number }>>
  readonly readings?: Readonly<Record<'before' | 'pointed' | 'first' | 'second' | 'after', string>> & { readonly lines: number } // prettier-ignore
}

const STREAM = 'coinbase:BTC-USD'
const folder = mkdtempSync(join(tmpdir(), 'bookreel-browser-'))
const url = `file:${join(folder, 'store')}`

const lookAt = async (page: string): Promise<readonly Look[]> => {
  const script = join(import.meta.dirname, 'look.mjs')
  const { stdout } = await promisify(execFile)(process.execPath, [script, page], { maxBuffer: 1e8 })
  return JSON.parse(stdout) as readonly Look[]
}

const checkIsQuiet = ({ told, requests, strangers, unnamed }: Look): void => {
  expect({ told, requests, strangers, unnamed }).toEqual({
    told: [],
    requests: [],
    strangers: 0,
    unnamed: 0,
  })
}

/** More than a ground of one colour. */
const checkIsDrawn = ({ drawings }: Look): void => {
  for (const [name, { colours, mostOfOne }] of Object.entries(drawings)) {
    expect(colours, name).toBeGreaterThan(20)
    expect(mostOfOne, name).toBeLessThan(0.985)
  }
}

describe('a report in a browser', () => {
  if (!existsSync(join(import.meta.dirname, 'node_modules/playwright-core'))) {
    it.skip('is not looked at, there is none: npm ci --ignore-scripts --prefix test/browser', () => undefined)
    return
  }

  beforeAll(async () => {
    const store = await openStore(url, 'write')()
    if (isLeft(store)) throw new Error(store.left.kind)
    await storeOfFeeds([feedOf(STREAM, 'full', 91, 600, true)], { store: store.right })
    await store.right.close()
  })

  afterAll(() => {
    rmSync(folder, { recursive: true, force: true })
  })

  it('is drawn, asks for nothing, and tells what info tells', async () => {
    const page = join(folder, 'report.html')
    const { code, stdout } = await runCommand('report', STREAM, '--store', url, '--out', page)
    expect([code, stdout]).toEqual([0, ''])
    const info = await runCommand('info', STREAM, '--store', url, '--json')
    const [stream] = (JSON.parse(info.stdout) as { readonly streams: readonly StreamInfo[] }).streams
    const book = await runCommand('book', STREAM, '--store', url, '--json')
    const { digest } = JSON.parse(book.stdout) as { readonly digest: string }
    const looks = await lookAt(page)
    expect(looks.map(({ name }) => name)).toEqual(['light', 'dark', 'phone', 'no-script'])
    for (const look of looks) {
      checkIsQuiet(look)
      expect(look.isTooWide).toBe(false)
      expect(Object.keys(look.drawings)).toEqual(['quality', 'price', 'spread', 'depth', 'trades', 'volume']) // prettier-ignore
      checkIsDrawn(look)
      expect(look.figures).toMatchObject({
        stream: STREAM,
        digest,
        entries: String(stream?.entries),
        frames: String(stream?.kinds.frame),
        trades: String(stream?.trades),
        gaps: String(stream?.gaps.length),
        'valid-share': String(stream?.validShare),
        'verified-share': String(stream?.verifiedShare),
        head: stream?.head,
      })
    }
    expect(stream?.gaps.length).toBeGreaterThan(0)
    const [light, dark] = looks
    expect(light?.background).not.toBe(dark?.background)
    for (const { readings } of looks.slice(0, 3)) {
      expect(readings?.before).toBe('')
      expect(readings?.pointed).toMatch(/^\d{4}-\d\d-\d\d .* UTC .*from [\d.]+ USD: /)
      expect(readings?.lines).toBeGreaterThanOrEqual(5)
      expect(readings?.first).toContain('UTC')
      expect(readings?.second).not.toBe(readings?.first)
      expect(readings?.after).toBe('')
    }
  })

  it('runs nothing that a name or a venue says', async () => {
    const evil = `"'><img src=x onerror="document.title='run'"></script><script>alert(1)</script>`
    const collected = new ReportCollector(new TimeColumns(microsOf(1e15), microsOf(1e15 + 5e6)))
    for (let micros = 100; micros < 1e6; micros *= 2) collected.latency.add(micros)
    const page = join(folder, 'evil.html')
    const report = {
      ...{ stream: evil, venue: evil, base: evil, quote: evil, software: evil, collected, disconnects: [] },
      figures: {
        ...{ entries: 1, firstSeq: 1, lastSeq: 1, frames: 1, events: 1, trades: 0, gaps: 1, disconnects: 0 },
        ...{ checksums: { right: 0, wrong: 0 }, undecodedFrames: 0, missingEntries: 0, decoderVersions: [1] },
        book: { valid: true, reason: null, verified: false, digest: evil, digestSeq: 1, bestBid: evil, bestAsk: evil },
        head: evil,
      },
      gaps: [{ seq: 1, time: undefined, cause: evil, expected: evil, found: evil }],
    } // prettier-ignore
    writeFileSync(page, renderReport(report))
    const looks = await lookAt(page)
    expect(looks).toHaveLength(4)
    for (const look of looks) {
      checkIsQuiet(look)
      checkIsDrawn({
        ...look,
        drawings: { latency: look.drawings['latency'] ?? { colours: 0, mostOfOne: 1 } },
      })
      expect([look.heading, look.title.startsWith(`${evil}: `)]).toEqual([evil, true])
    }
  })
})
