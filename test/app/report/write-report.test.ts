/** Reports of stored streams: their figures are those of info and of a replay, their ranges those asked for. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { rangeFacts } from '../../../src/app/report/range-facts.ts'
import { writeReport } from '../../../src/app/report/write-report.ts'
import { reportCommand } from '../../../src/cli/commands/report.ts'
import type { EventStore } from '../../../src/log/event-store.ts'
import { microsOf } from '../../../src/market/time.ts'
import type { ReplayRange } from '../../../src/replay/position.ts'
import { streamInfo } from '../../../src/replay/proof/stream-info.ts'
import { visit } from '../../../src/replay/visit.ts'
import { feedOf, storeOfFeeds, venueOf } from '../../support/replayed-feeds.ts'

const STREAM = 'bitfinex:BTC-USD'
const folder = mkdtempSync(join(tmpdir(), 'bookreel-report-'))
const out = join(folder, 'report.html')
let store: EventStore

beforeAll(async () => {
  store = await storeOfFeeds([feedOf(STREAM, 'R0', 71, 400, true)])
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const written = async (range: ReplayRange = {}): Promise<Map<string, string>> => {
  await writeReport(store, { stream: STREAM, range, out, overwrite: true })
  const page = readFileSync(out, 'utf8')
  return new Map([...page.matchAll(/data-figure="([a-z-]+)" data-value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value])) // prettier-ignore
}

describe('the report of a whole stream', () => {
  it('has the figures of info', async () => {
    const figures = await written()
    const info = await streamInfo(store, STREAM)
    expect(info.gaps.length).toBeGreaterThan(0)
    expect(Object.fromEntries(figures)).toMatchObject({
      stream: STREAM,
      from: String(info.firstReceiveTime),
      to: String(info.lastReceiveTime),
      entries: String(info.entries),
      frames: String(info.kinds.frame),
      events: String(info.events),
      trades: String(info.trades),
      gaps: String(info.gaps.length),
      disconnects: String(info.disconnects.length),
      checksums: `${String(info.checksums.right)}/${String(info.checksums.wrong)}`,
      undecoded: String(info.undecoded.frames),
      'valid-share': String(info.validShare),
      'verified-share': String(info.verifiedShare),
      head: info.head,
    })
  })
})

describe('the report of a range', () => {
  it('has the figures of its replay', async () => {
    const { lastSeq, firstReceiveTime, lastReceiveTime } = await streamInfo(store, STREAM)
    const place = fc.oneof(
      fc.integer({ min: 1, max: lastSeq }).map((seq) => ({ kind: 'seq', seq }) as const),
      fc.integer({ min: Number(firstReceiveTime), max: Number(lastReceiveTime) }).map((time) => ({ kind: 'time', time: microsOf(time) }) as const), // prettier-ignore
    )
    const ranges = fc.record({ from: fc.option(place, { nil: undefined }), to: fc.option(place, { nil: undefined }) }) // prettier-ignore
    let full = 0
    await fc.assert(
      fc.asyncProperty(ranges, async (range) => {
        const summary = await visit(store, { venueOf, range, streams: [STREAM], mayBeEmpty: true }, {})
        const facts = await rangeFacts(store, STREAM, range)
        expect(facts?.entries ?? 0).toBe(summary.entries)
        if (facts === undefined) return
        full++
        expect(facts.lastSeq - facts.firstSeq + 1).toBe(summary.entries)
        expect([facts.gaps.length, facts.disconnects.length]).toEqual([summary.gaps, summary.disconnects])
        expect(facts.start).toBeLessThanOrEqual(facts.end)
      }),
      { numRuns: 40 },
    )
    expect(full).toBeGreaterThan(5)
    const range = { from: { kind: 'seq', seq: 40 }, to: { kind: 'seq', seq: lastSeq - 40 } } as const
    const figures = await written(range)
    const summary = await visit(store, { venueOf, range, streams: [STREAM] }, {})
    expect(figures.get('entries')).toBe(String(summary.entries))
    expect(figures.get('trades')).toBe(String(summary.trades))
    expect(figures.get('digest')).toBe(summary.streams[0]?.digest)
  })
})

describe('writing a report', () => {
  const refused = async (path: string, range: ReplayRange = {}): Promise<unknown> =>
    await writeReport(store, { stream: STREAM, range, out: path, overwrite: false }).catch((error: unknown) => error) // prettier-ignore

  it('replaces nothing unasked, and leaves nothing where it fails', async () => {
    writeFileSync(out, 'mine')
    expect(await refused(out)).toMatchObject({ message: `${out} exists already: name another file, or add --overwrite.` }) // prettier-ignore
    expect(readFileSync(out, 'utf8')).toBe('mine')
    expect(await refused(folder)).toMatchObject({ message: `${folder} is a folder: name a file in it.` })
    expect(await refused(join(out, 'below.html'))).toMatchObject({ message: /a part of the path is a file/ })
    const empty = { from: { kind: 'seq', seq: 1e6 } } as const
    const other = join(folder, 'other.html')
    expect(await refused(other, empty)).toMatchObject({ message: /holds no entry of bitfinex:BTC-USD/ })
    expect(existsSync(other)).toBe(false)
    expect(readdirSync(folder)).toEqual(['report.html'])
  })

  it('writes no page to a terminal', async () => {
    const wasTerminal = process.stdout.isTTY
    process.stdout.isTTY = true
    try {
      const args = { _: [], $0: '', store: 'memory:', json: false, stream: STREAM, overwrite: false, from: undefined, to: undefined } // prettier-ignore
      const asked = async (name: string | undefined): Promise<unknown> =>
        await Promise.resolve(reportCommand.handler({ ...args, out: name })).catch((error: unknown) => error)
      for (const name of [undefined, '-'])
        expect(await asked(name)).toMatchObject({ message: /not for a terminal/, exitCode: 2 })
    } finally {
      process.stdout.isTTY = wasTerminal
    }
  })
})
