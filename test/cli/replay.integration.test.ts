import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isLeft } from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { openStore } from '../../src/app/production.ts'
import type { ReplaySummary } from '../../src/replay/replay-summary.ts'
import { CommandProcess, runCommand, until } from '../support/recorder-process.ts'
import { feedOf, storeOfFeeds } from '../support/replayed-feeds.ts'

const feeds = [feedOf('bitfinex:BTC-USD', 'R0', 31, 600), feedOf('coinbase:BTC-USD', 'full', 32, 900)]
const folder = mkdtempSync(join(tmpdir(), 'bookreel-replay-'))
const url = `file:${join(folder, 'store')}`

beforeAll(async () => {
  const store = await openStore(url, 'write')()
  if (isLeft(store)) throw new Error(store.left.kind)
  await storeOfFeeds(feeds, { store: store.right, chunkEntries: 150, keyframeEntries: 100 })
  await store.right.close()
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

/** Lines of rows, and the summary without what the clock says. */
const outcomeOf = (stdout: string): { readonly rows: readonly string[]; readonly summary: ReplaySummary } => {
  const rows = stdout.trimEnd().split('\n')
  const { seconds, eventsPerSecond, ...summary } = JSON.parse(rows.pop() ?? '') as ReplaySummary & {
    readonly seconds: number
    readonly eventsPerSecond: number
  }
  expect([seconds, eventsPerSecond].every((figure) => figure >= 0)).toBe(true)
  return { rows, summary }
}

const replayed = async (...words: readonly string[]): Promise<ReturnType<typeof outcomeOf>> => {
  const { code, stdout, stderr } = await runCommand('replay', '--store', url, '--json', ...words)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return outcomeOf(stdout)
}

describe('bookreel replay', () => {
  it('prints the same with any number of workers', async () => {
    const whole = await replayed('--every', '100ms')
    expect(whole.rows.length).toBeGreaterThan(50)
    expect(whole.summary.isComplete).toBe(true)
    for (const workers of ['2', '3']) expect(await replayed('--every', '100ms', '--workers', workers)).toEqual(whole)
  }) // prettier-ignore

  it('goes on where it was left', async () => {
    const whole = await replayed()
    const begun = await replayed('--to', 'seq:300')
    expect(begun.summary.entries).toBe(600)
    const rest = await replayed('--resume', begun.summary.position)
    expect(begun.summary.entries + rest.summary.entries).toBe(whole.summary.entries)
    expect(rest.summary.position).toBe(whole.summary.position)
    expect(rest.summary.streams.map(({ digest }) => digest)).toEqual(
      whole.summary.streams.map(({ digest }) => digest),
    )
  })

  it('says where it was left, at a signal', async () => {
    const words = ['replay', '--store', url, '--json', '--every', '10ms', '--speed', '1']
    const paced = new CommandProcess(words)
    await until(
      () => paced.stdout.includes('\n'),
      () => `rows are printed; ${paced.stderr}`,
    )
    paced.kill('SIGINT')
    const { code, stdout } = await paced.ended
    expect(code).toBe(130)
    const { summary } = outcomeOf(stdout)
    expect(summary.isComplete).toBe(false)
    const rest = await replayed('--resume', summary.position)
    expect(summary.entries + rest.summary.entries).toBe((await replayed()).summary.entries)
  })

  it('says that a range is empty', async () => {
    const { code, stdout, stderr } = await runCommand(
      'replay',
      '--store',
      url,
      '--json',
      '--from',
      '2060-01-01',
    )
    expect(code).toBe(0)
    expect(stderr).toBe('The range holds no entry of bitfinex:BTC-USD, coinbase:BTC-USD.\n')
    expect(outcomeOf(stdout).summary).toMatchObject({ entries: 0, events: 0 })
  })
})
