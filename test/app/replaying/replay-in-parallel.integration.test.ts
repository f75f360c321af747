import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { isLeft } from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { openStore } from '../../../src/app/production.ts'
import type {
  ParallelReplay,
  replayInParallel as Replay,
} from '../../../src/app/replaying/replay-in-parallel.ts'
import { newDerivation } from '../../../src/cli/printing/replay-rows.ts'
import type { EventStore } from '../../../src/log/event-store.ts'
import { microsOf } from '../../../src/market/time.ts'
import type { ReplayRange } from '../../../src/replay/position.ts'
import type { ReplaySummary } from '../../../src/replay/replay-summary.ts'
import { visit } from '../../../src/replay/visit.ts'
import { builtFile } from '../../support/built.ts'
import { feedOf, modelOf, storeOfFeeds, venueOf } from '../../support/replayed-feeds.ts'

const feeds = [
  feedOf('coinbase:BTC-USD', 'full', 11, 1000),
  feedOf('bitfinex:BTC-USD', 'R0', 12, 500, true),
  feedOf('coinbase:ETH-USD', 'level2_batch', 13, 300),
]
const model = modelOf(feeds)
const streams = feeds.map(({ stream }) => stream)
const folder = mkdtempSync(join(tmpdir(), 'bookreel-parallel-'))
const url = `file:${join(folder, 'store')}`
const argument = { every: 50_000, depth: 4 }

const opened = async (mode: 'read' | 'write'): Promise<EventStore> => {
  const store = await openStore(url, mode)()
  if (isLeft(store)) throw new Error(store.left.kind)
  return store.right
}

// Threads run built JavaScript.
const built = async (): Promise<typeof Replay> =>
  ((await import(pathToFileURL(builtFile('src/app/replaying/replay-in-parallel.ts')).href)) as { replayInParallel: typeof Replay })
    .replayInParallel // prettier-ignore
const rows = pathToFileURL(builtFile('src/cli/printing/replay-rows.ts')).href

interface Outcome {
  readonly summary: ReplaySummary
  readonly values: readonly unknown[]
}

const serially = async (range: ReplayRange, asked = streams): Promise<Outcome> => {
  const store = await opened('read')
  const values: unknown[] = []
  const visitor = newDerivation(argument, { after: undefined }, (row) => values.push(row))
  const summary = await visit(store, { streams: asked, venueOf, range, mayBeEmpty: true }, visitor)
  await store.close()
  return { summary, values }
}

const inParallel = async (asked: Partial<ParallelReplay>): Promise<Outcome> => {
  const replayInParallel = await built()
  const values: unknown[] = []
  const derivation = { module: rows, argument }
  const onValue = (value: unknown): void => void values.push(value)
  const options = { url, streams, workers: 3, derivation, onValue, mayBeEmpty: true, ...asked }
  return { summary: await replayInParallel(options), values }
}

/** A module that threads load. */
const moduleOf = (name: string, text: string): string => {
  const path = join(folder, `${name}.mjs`)
  writeFileSync(path, text)
  return pathToFileURL(path).href
}

beforeAll(async () => {
  const store = await opened('write')
  await storeOfFeeds(feeds, { store, chunkEntries: 150, keyframeEntries: 100 })
  await store.close()
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const timeAt = (share: number): ReturnType<typeof microsOf> =>
  microsOf(model[Math.floor(share * (model.length - 1))]?.receiveTime ?? 0)

describe('a replay in parallel', () => {
  it.each([1, 2, 5])('by %i workers gives what one replay of the whole gives', async (workers) => {
    const expected = await serially({})
    expect(expected.values.length).toBeGreaterThan(100)
    expect(await inParallel({ workers })).toEqual(expected)
  })

  it.each([
    ['times', { from: { kind: 'time', time: timeAt(0.2) }, to: { kind: 'time', time: timeAt(0.9) } }],
    ['an end', { to: { kind: 'time', time: timeAt(0.7) } }],
    ['entries, which mean another time in each stream', { from: { kind: 'seq', seq: 200 }, to: { kind: 'seq', seq: 700 } }],
    ['nothing', { from: { kind: 'time', time: microsOf(timeAt(1) + 1) } }],
  ] as const)('gives the same of a range of %s', async (_name, range) => {
    expect(await inParallel({ range })).toEqual(await serially(range))
  }) // prettier-ignore

  it('gives the same of one stream between two entries', async () => {
    const range = { from: { kind: 'seq', seq: 201 }, to: { kind: 'seq', seq: 1100 } } as const
    const asked = [streams[0] ?? 'toy:A-B'] as const
    const expected = await serially(range, [...asked])
    expect(expected.summary.entries).toBe(900)
    expect(await inParallel({ range, streams: asked })).toEqual(expected)
  })

  it('hands nothing on while a value is being taken', async () => {
    let isBusy = false
    const taken: unknown[] = []
    const onValue = async (value: unknown): Promise<void> => {
      expect(isBusy).toBe(false)
      isBusy = true
      if (taken.length % 50 === 0) await new Promise(setImmediate)
      taken.push(value)
      isBusy = false
    }
    await inParallel({ onValue })
    expect(taken).toEqual((await serially({})).values)
  })

  it('holds what nobody takes back', async () => {
    const derivation = {
      module: moduleOf(
        'flood',
        `import { appendFileSync } from 'node:fs'
         export const newDerivation = ({ note }, _part, emit) => ({
           entryEnded: ({ seq }) => {
             for (let value = 0; value < 100; value++) emit(seq)
             appendFileSync(note, '.')
           },
         })`,
      ),
      argument: { note: join(folder, 'noted') },
    }
    writeFileSync(join(folder, 'noted'), '')
    let most = 0
    let values = 0
    await inParallel({
      derivation,
      workers: 2,
      onValue: () => {
        if (++values % 100 !== 0) return
        most = Math.max(most, readFileSync(join(folder, 'noted')).length - values / 100)
      },
    })
    expect(values).toBe(100 * model.length)
    // Two threads, a few batches of 512 each: far from all entries.
    expect(most).toBeLessThan(150)
  })

  it('throws what a derivation throws, at its place', async () => {
    const module = moduleOf(
      'thrower',
      `export const newDerivation = (_argument, _part, emit) => ({
         entryEnded: ({ stream, seq }) => {
           if (stream === 'coinbase:BTC-USD' && seq === 700) throw new RangeError('enough')
           emit([stream, seq])
         },
       })`,
    )
    const values: unknown[] = []
    const onValue = (value: unknown): void => void values.push(value)
    const asked = { derivation: { module, argument: undefined }, onValue }
    await expect(inParallel(asked)).rejects.toThrow(/^enough$/)
    const thrown = model.findIndex(({ stream, seq }) => stream === 'coinbase:BTC-USD' && seq === 700)
    const before = model.slice(0, thrown).map(({ stream, seq }) => [stream, seq])
    expect(values).toEqual(before.slice(0, values.length))
  })

  it('ends where a module is none', async () => {
    const derivation = { module: moduleOf('broken', 'not JavaScript'), argument: undefined }
    await expect(inParallel({ derivation })).rejects.toThrow(SyntaxError)
    const missing = { module: pathToFileURL(join(folder, 'missing.mjs')).href, argument: undefined }
    await expect(inParallel({ derivation: missing })).rejects.toThrow(/missing\.mjs/)
  })

  it('tells an unknown stream, and a store that is none', async () => {
    await expect(inParallel({ streams: ['coinbase:XRP-USD'] })).rejects.toMatchObject({
      error: { kind: 'unknown-stream', stream: 'coinbase:XRP-USD' },
    })
    await expect(inParallel({ url: `file:${join(folder, 'nowhere')}` })).rejects.toMatchObject({
      error: { kind: 'store' },
    })
    await expect(
      inParallel({ mayBeEmpty: false, range: { from: { kind: 'time', time: microsOf(timeAt(1) + 1) } } }),
    ).rejects.toMatchObject({ error: { kind: 'empty-range' } })
  })

  it('answers the beginning of it when it is aborted', async () => {
    const whole = await serially({})
    for (const after of [0, 200]) {
      const controller = new AbortController()
      const values: unknown[] = []
      if (after === 0) controller.abort()
      const onValue = (value: unknown): void => {
        values.push(value)
        if (values.length === after) controller.abort()
      }
      const { summary } = await inParallel({ onValue, signal: controller.signal })
      expect(values).toEqual(whole.values.slice(0, values.length))
      expect(summary.entries).toBeLessThanOrEqual(whole.summary.entries)
      expect(summary.isComplete).toBe(summary.entries === whole.summary.entries)
      if (after === 0) expect(summary.entries).toBe(0)
    }
  })
})
