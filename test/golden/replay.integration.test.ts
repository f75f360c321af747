import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { EventCollector } from '../../src/market/event.ts'
import { BookKeeper } from '../../src/replay/keeper/book-keeper.ts'
import type { Venue } from '../../src/venues/venue.ts'
import { builtFile } from '../support/built.ts'
import { capturesFolder } from '../support/captures.ts'
import { splitRecords } from '../support/entries.ts'
import { type Golden, goldenStreams, sha256 } from './golden-streams.ts'

const golden = await goldenStreams()

/** A replay under way: batches go in, what came of them comes out. */
class Replay {
  private readonly listener = new EventCollector()
  private readonly keeper: BookKeeper

  constructor(venue: Venue) {
    this.keeper = new BookKeeper(venue, { listener: this.listener })
  }

  apply(records: Uint8Array): void {
    this.keeper.applyRecords(records)
  }

  outcome() {
    return {
      events: sha256(JSON.stringify(this.listener.take())),
      state: sha256(this.keeper.save()),
      verdict: sha256(JSON.stringify(this.keeper.takeVerdict())),
      digest: this.keeper.digest().digest,
    }
  }
}

const replayed = ({ venue, records }: Golden) => {
  const replay = new Replay(venue)
  replay.apply(records)
  return replay.outcome()
}

interface ChildOutcome {
  readonly zone: string
  readonly locale: string
  readonly outcomes: readonly unknown[]
}

describe('a replay', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bookreel-golden-'))
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })
  const expected = golden.map(replayed)

  const inChild = (zone: string, locale: string): ChildOutcome => {
    const built = resolve(builtFile('src/index.ts'), '../..')
    const pairs = golden.flatMap(({ name, venue, records }) => {
      const file = join(folder, `${name}.records.bin`)
      writeFileSync(file, records)
      return [venue.id, file]
    })
    const script = resolve(import.meta.dirname, 'digests.mjs')
    const env = { ...process.env, TZ: zone, LANG: locale, LC_ALL: locale }
    const output = execFileSync(process.execPath, [script, built, ...pairs], { env, encoding: 'utf8' })
    return JSON.parse(output) as ChildOutcome
  }

  it('has every fixture of every venue to go through, each with content', () => {
    expect(golden.length).toBeGreaterThanOrEqual(capturesFolder() === undefined ? 8 : 13)
    expect(new Set(expected.map(({ events }) => events)).size).toBe(golden.length)
  })

  it('gives the same a second time in one process', () => {
    expect(golden.map(replayed)).toEqual(expected)
  })

  it('gives the same when others go on beside it, entry by entry', () => {
    const running = golden.map(({ venue, records }) => ({
      replay: new Replay(venue),
      left: [...splitRecords(records)],
    }))
    for (let isDone = false; !isDone;) {
      isDone = true
      for (const { replay, left } of running) {
        const record = left.shift()
        if (record === undefined) continue
        replay.apply(record)
        isDone = false
      }
    }
    expect(running.map(({ replay }) => replay.outcome())).toEqual(expected)
  })

  it.each([
    ['Pacific/Auckland', 'tr_TR.UTF-8', 'tr-TR'],
    ['America/St_Johns', 'de_DE.UTF-8', 'de-DE'],
  ])('gives the same in another process under %s and %s', (zone, locale, tag) => {
    const child = inChild(zone, locale)
    expect({ zone: child.zone, locale: child.locale }).toEqual({ zone, locale: tag })
    expect(child.outcomes).toEqual(expected)
  })
})
