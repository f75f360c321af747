/** A sample of `npm run reliability`, small enough for every change: kills in each mode, faults, a hostile machine. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { runFaultRound } from './fault-round.ts'
import { HOSTILE_CASES } from './hostile-cases.ts'
import { type KillWay, runKillRound } from './kill-round.ts'
import { killRecorders, removeFolder } from './recorded-venues.ts'
import type { RoundFindings } from './round-results.ts'

afterAll(killRecorders)

/** Mounting a small disk takes root. */
const mayMount = process.getuid?.() === 0 && process.platform === 'linux'

/** What a round found, with every promise kept. */
const kept = async (run: (folder: string) => Promise<RoundFindings>): Promise<RoundFindings['figures']> => {
  const folder = mkdtempSync(join(tmpdir(), 'bookreel-reliability-'))
  try {
    const { figures, failures } = await run(folder)
    expect(failures).toEqual([])
    return figures
  } finally {
    removeFolder(folder)
  }
}

const keptIn = async (name: string): Promise<RoundFindings['figures']> =>
  await kept(async (folder) => {
    const attempt = HOSTILE_CASES[name]
    if (attempt === undefined) throw new Error(`there is no case ${name}`)
    return await attempt({ seed: 1, folder })
  })

describe('a recorder that is killed', () => {
  it.concurrent.each(['full', 'light', 'snapshot', 'two connections'] satisfies KillWay[])(
    'has every journaled entry once, and right books: %s',
    async (way) => {
      const figures = await kept(async (folder) => await runKillRound({ way, seed: 1, kills: 2, folder }))
      expect(figures).toMatchObject({ kills: 2 })
      expect(figures['books compared']).toBeGreaterThan(0)
      expect(figures['journaled entries found again']).toBeGreaterThan(0)
    },
  )
})

describe('a recorder in trouble', () => {
  it.concurrent('notices every fault, says why, and is right again', async () => {
    const faults = { kind: 'mixed', level: 'high', milliseconds: 15_000 } as const
    const figures = await kept(
      async (folder) => await runFaultRound({ way: 'full', seed: 3, folder, faults }),
    )
    expect(figures['faults']).toBeGreaterThan(0)
    expect(figures['proven books compared']).toBeGreaterThan(0)
  })

  it.concurrent('samples the book of two connections, none of them as if valid while it is not', async () => {
    const faults = { kind: 'mixed', level: 'high', milliseconds: 5000 } as const
    const way = 'snapshot, two connections'
    const figures = await kept(async (folder) => await runFaultRound({ way, seed: 4, folder, faults }))
    expect(figures['faults']).toBeGreaterThan(0)
    expect(figures['samples']).toBeGreaterThan(0)
    expect(figures['proven books compared']).toBeGreaterThan(0)
  })

  it.concurrent(
    'ends with exit code 4 on a full disk, and goes on when there is room',
    { skip: !mayMount },
    async () => {
      expect((await keptIn('disk full in the middle of a write'))['books compared']).toBeGreaterThan(0)
    },
  )

  it.concurrent('keeps its times in order when the wall clock goes back by an hour', async () => {
    expect((await keptIn('wall clock back by an hour'))['books compared']).toBeGreaterThan(0)
  })
})
