/** `delete`, `retain` and `backup` as they are run: what they say, what they leave, also when they are killed. */
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isLeft } from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { CHAIN_START } from '../../src/log/chain.ts'
import { EntryCursor } from '../../src/log/entry.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { StreamSealer } from '../../src/recorder/sealing/stream-sealer.ts'
import { type StreamProof, verifyStream } from '../../src/replay/proof/verify.ts'
import { readChunks } from '../../src/replay/reading/chunk-reader.ts'
import { openFileJournal } from '../../src/storage/journal/file-journal.ts'
import { openLmdbStore } from '../../src/storage/lmdb/lmdb-store.ts'
import { coinbaseVenue } from '../../src/venues/coinbase/venue.ts'
import { builtFile } from '../support/built.ts'
import { splitRecords } from '../support/entries.ts'
import { generatedFeed } from '../support/generated-feeds.ts'

const STREAM: StreamId = 'coinbase:BTC-USD'
const main = builtFile('src/cli/main.ts')
const root = mkdtempSync(join(tmpdir(), 'bookreel-keep-'))
const sound = join(root, 'sound')
const CHUNK = 900
let folders = 0
let entries = 0

interface Ran {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const run = async (folder: string, ...words: readonly string[]): Promise<Ran> =>
  await new Promise((resolve) => {
    const args = [main, ...words, '--store', `file:${folder}`]
    execFile(process.execPath, args, { maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })

const json = async (folder: string, ...words: readonly string[]): Promise<Record<string, unknown>> => {
  const { code, stdout, stderr } = await run(folder, ...words, '--json')
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return JSON.parse(stdout) as Record<string, unknown>
}

const copy = (): string => {
  const folder = join(root, String(++folders))
  cpSync(sound, folder, { recursive: true })
  return folder
}

/** What the store holds, and what is wrong with it. */
const lookAt = async (
  folder: string,
): Promise<{ readonly seqs: readonly number[]; readonly proof: StreamProof }> => {
  const opened = await openLmdbStore(folder, { mode: 'read' })()
  if (isLeft(opened)) throw new Error('not opened')
  const store = opened.right
  const seqs: number[] = []
  for await (const { records } of readChunks(store, STREAM)) {
    const cursor = new EntryCursor(records)
    while (cursor.next()) seqs.push(cursor.seq)
  }
  const proof = await verifyStream(store, STREAM, coinbaseVenue)
  await store.close()
  return { seqs, proof }
}

/** Exactly these entries, and nothing wrong. */
const expectEntries = async (folder: string, seqs: readonly number[]): Promise<StreamProof> => {
  const { seqs: found, proof } = await lookAt(folder)
  expect(found).toEqual(seqs)
  expect(proof.problems).toEqual([])
  return proof
}

const others = (first: number, last: number): readonly number[] =>
  Array.from({ length: entries }, (_none, index) => index + 1).filter((seq) => seq < first || seq > last)

const DELETE = ['delete', STREAM, '--from', 'seq:1000', '--to', 'seq:2500'] as const

beforeAll(async () => {
  const records = splitRecords(generatedFeed({ feed: 'full', seed: 5, events: 4000 }))
  const opened = await openLmdbStore(sound, { mode: 'write', create: true })()
  if (isLeft(opened)) throw new Error('not opened')
  const start = {
    stream: STREAM,
    chainSeq: 0,
    chainHead: CHAIN_START,
    keyframeSeq: 0,
    keyframeState: undefined,
  }
  const sealer = new StreamSealer(coinbaseVenue, start)
  for (let at = 0; at < records.length; at += CHUNK) {
    const { chunk } = sealer.seal(Buffer.concat(records.slice(at, at + CHUNK)))
    if (isLeft(await opened.right.append(chunk)())) throw new Error('not stored')
  }
  await opened.right.close()
  entries = records.length
  expect(entries).toBeGreaterThan(3 * CHUNK)
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

describe('bookreel delete', () => {
  it('shows, asks, deletes exactly the range, and everything else goes on', async () => {
    const folder = copy()
    const before = await lookAt(folder)
    const shown = await json(folder, ...DELETE, '--dry-run')
    expect(shown).toMatchObject({ dryRun: true, deleted: { firstSeq: 1000, lastSeq: 2500, entries: 1501 } })
    const asked = await run(folder, ...DELETE)
    expect(asked).toMatchObject({ code: 1, stdout: '' })
    expect(asked.stderr).toMatch(/Nothing was changed: add --yes/)
    await expectEntries(folder, others(0, 0))

    const done = await json(folder, ...DELETE, '--yes')
    expect(done).toMatchObject({ dryRun: false, deleted: { entries: 1501, bookIsKnown: false } })
    expect((await expectEntries(folder, others(1000, 2500))).head).toBe(before.proof.head)
    const after = await run(folder, 'verify')
    expect(after.code).toBe(0)
    expect(after.stdout).toContain('deleted: entries 1000 to 2500')
    const info = await run(folder, 'info')
    expect(info.stdout).toMatch(
      /deleted: entries 1000 to 2500: Deleted with "bookreel delete --from seq:1000/,
    )
    expect(await json(folder, 'book', STREAM, '--at', 'seq:2501')).toMatchObject({
      valid: false,
      reason: 'missing-entries',
    })
    expect((await run(folder, 'replay')).code).toBe(0)
    expect((await run(folder, ...DELETE, '--yes')).stdout).toMatch(/None of these entries is stored/)
  })

  it('keeps the book behind the range where that is asked for', async () => {
    const folder = copy()
    const before = await json(folder, 'book', STREAM, '--at', 'seq:2600')
    expect(before).toMatchObject({ valid: true })
    expect(await json(folder, ...DELETE, '--keep-book', '--yes')).toMatchObject({
      deleted: { bookIsKnown: true },
    })
    expect(await json(folder, 'book', STREAM, '--at', 'seq:2600')).toEqual(before)
    await expectEntries(folder, others(1000, 2500))
  })

  it('leaves the range or the hole when it is killed, and a sound store', async () => {
    const start = Date.now()
    expect((await run(copy(), ...DELETE, '--yes')).code).toBe(0)
    const whole = Date.now() - start
    const folder = copy()
    let kills = 0
    for (const share of [0.2, 0.5, 0.65, 0.75, 0.85, 0.95]) {
      const child = spawn(process.execPath, [main, ...DELETE, '--yes', '--store', `file:${folder}`])
      const killing = setTimeout(() => child.kill('SIGKILL') && kills++, whole * share)
      await once(child, 'close')
      clearTimeout(killing)
      const { seqs, proof } = await lookAt(folder)
      expect(seqs.length === entries ? others(0, 0) : others(1000, 2500)).toEqual(seqs)
      expect(proof.problems).toEqual([])
    }
    await run(folder, ...DELETE, '--yes')
    await expectEntries(folder, others(1000, 2500))
    expect(kills).toBeGreaterThan(0)
  })

  it('does not touch the end of a stream that is being recorded, and what lies before all the same', async () => {
    const folder = copy()
    const journal = await openFileJournal(join(folder, 'journal'), STREAM)()
    if (isLeft(journal)) throw new Error('no journal')
    const refused = await run(folder, 'delete', STREAM, '--from', 'seq:3000', '--yes')
    expect(refused.code).toBe(1)
    expect(refused.stderr).toMatch(/is being recorded/)
    expect((await run(folder, ...DELETE, '--yes')).code).toBe(0)
    await expectEntries(folder, others(1000, 2500))
    await journal.right.close()
    expect((await run(folder, 'delete', STREAM, '--from', 'seq:2000', '--yes')).code).toBe(0)
    const { holes } = await expectEntries(folder, others(1000, entries))
    expect(holes).toEqual([{ kind: 'deleted', firstSeq: 1000, lastSeq: entries }])
  })

  it.each([
    [['delete', STREAM], 2, /Say what to delete/],
    [['delete', STREAM, '--from', 'yesterday'], 2, /is no instant/],
    [['delete', 'bitfinex:BTC-USD', '--from', 'seq:1'], 1, /has no stream bitfinex:BTC-USD/],
    [['retain', '--older-than', '90'], 2, /is no duration/],
  ] as const)('says what is wrong with %j', async (words, code, sentence) => {
    const ran = await run(sound, ...words)
    expect(ran.code).toBe(code)
    expect(ran.stderr).toMatch(sentence)
    expect(ran.stderr.trim().split('\n')).toHaveLength(1)
  })
})

describe('bookreel retain', () => {
  it('deletes what is old but for the end, while somebody records, and keeps the book known', async () => {
    const folder = copy()
    const journal = await openFileJournal(join(folder, 'journal'), STREAM)()
    if (isLeft(journal)) throw new Error('no journal')
    // The first entry that a recorder needs: of the last chunk, of the last block.
    const lastChunk = Math.floor((entries - 1) / CHUNK) * CHUNK + 1
    const block = Math.floor(entries / 1024) * 1024 + 1
    const kept = Math.floor((Math.min(lastChunk, block) - 1) / CHUNK) * CHUNK + 1
    const before = await json(folder, 'book', STREAM, '--at', `seq:${String(kept)}`)
    const shown = await json(folder, 'retain', '--older-than', '1h', '--dry-run')
    expect(shown).toMatchObject({
      dryRun: true,
      deleted: [{ stream: STREAM, firstSeq: 1, lastSeq: kept - 1 }],
    })
    expect(await json(folder, 'retain', '--older-than', '36500d')).toMatchObject({ deleted: [] })
    await expectEntries(folder, others(0, 0))
    await json(folder, 'retain', '--older-than', '1h')
    await expectEntries(folder, others(1, kept - 1))
    expect(await json(folder, 'retain', '--older-than', '1h')).toMatchObject({ deleted: [] })
    expect(await json(folder, 'book', STREAM, '--at', `seq:${String(kept)}`)).toEqual(before)
    await journal.right.close()
  })
})

describe('bookreel backup', () => {
  it('makes a store with the same head, and no other than an embedded one', async () => {
    const folder = copy()
    const to = join(root, String(++folders))
    const result = await json(folder, 'backup', '--to', to)
    expect(result).toMatchObject({ backup: to, streams: [{ stream: STREAM, entries, damage: [] }] })
    expect((await expectEntries(to, others(0, 0))).head).toBe((await lookAt(folder)).proof.head)
    const again = await run(folder, 'backup', '--to', to)
    expect(again.code).toBe(1)
    expect(again.stderr).toMatch(/exists already/)
    const remote = await run(folder, 'backup', '--to', to, '--store', 'mongodb://nowhere/books')
    expect(remote.code).toBe(2)
  })
})
