/** Compaction of a store on disk: killed at any moment, beside a recorder, and by the command line. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'

import { isLeft } from 'fp-ts/lib/Either.js'
import { afterAll, describe, expect, it } from 'vitest'

import { Chain } from '../../src/log/chain.ts'
import { EntryCursor, type Seq } from '../../src/log/entry.ts'
import { describeStoreError, type EventStore } from '../../src/log/event-store.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { readChunks } from '../../src/replay/reading/chunk-reader.ts'
import { openLmdbStore } from '../../src/storage/lmdb/lmdb-store.ts'
import { builtFile } from '../support/built.ts'
import { runCommand } from '../support/recorder-process.ts'
import { startWriter } from '../support/writer-process.ts'

const STREAM: StreamId = 'coinbase:BTC-USD'
const root = mkdtempSync(join(tmpdir(), 'bookreel-compact-'))
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})

const opened = async (folder: string): Promise<EventStore> => {
  const store = await openLmdbStore(folder, { mode: 'read' })()
  if (isLeft(store)) throw new Error(describeStoreError(store.left))
  return store.right
}

const startCompactor = (folder: string): ChildProcess => {
  const script = resolve(import.meta.dirname, '../support/compactor.mjs')
  const built = ['src/storage/lmdb/lmdb-store.ts', 'src/recorder/upkeep/compaction.ts'].map(builtFile)
  return spawn(process.execPath, [script, folder, STREAM, ...built], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Counts the entries of a chunk on from `last`; throws where a number is not the next one. */
const countedOn = (last: Seq, records: Uint8Array): Seq => {
  let seq = last
  const cursor = new EntryCursor(records)
  // Some hundred thousand times: `expect` would take most of the test's time.
  while (cursor.next())
    if (cursor.seq !== ++seq) throw new Error(`${String(cursor.seq)} stands at ${String(seq)}`)
  return seq
}

/** Every entry stands there exactly once, in order, under one chain; its head and the number of chunks. */
const proven = async (folder: string): Promise<{ head: string; lastSeq: Seq; chunks: number }> => {
  const store = await opened(folder)
  const chain = new Chain()
  let lastSeq = 0
  let chunks = 0
  for await (const { header, records } of readChunks(store, STREAM)) {
    lastSeq = countedOn(lastSeq, records)
    expect(header.chainBefore).toBe(chain.head())
    chain.add(records)
    expect(header.chainAfter).toBe(chain.head())
    expect(header.chainBlock).toBe(chain.blockHead())
    chunks++
  }
  await store.close()
  return { head: chain.head(), lastSeq, chunks }
}

/** A store of chunks of 500 entries. */
const filled = async (name: string, entries: Seq): Promise<string> => {
  const folder = join(root, name)
  const writer = startWriter('store', folder, STREAM)
  await writer.reaches(entries)
  await writer.kill()
  return folder
}

describe('compaction on disk', () => {
  it('loses and doubles nothing, whenever it is killed', async () => {
    const folder = await filled('killed', 20_000)
    const before = await proven(folder)
    let chunks = before.chunks
    let kills = 0
    for (const line of [1, 9, 4, 13, 2, 6, Infinity]) {
      const compactor = startCompactor(folder)
      const ended = once(compactor, 'close')
      // In the middle of whatever it does when this line arrives.
      let lines = 0
      if (compactor.stdout !== null)
        createInterface(compactor.stdout).on('line', () => {
          if (++lines === line) compactor.kill('SIGKILL')
        })
      const [, signal] = (await ended) as [number | null, string | null]
      if (signal === 'SIGKILL') kills++
      const after = await proven(folder)
      expect(after).toMatchObject({ head: before.head, lastSeq: before.lastSeq })
      expect(after.chunks).toBeLessThanOrEqual(chunks)
      chunks = after.chunks
    }
    expect(kills).toBeGreaterThan(2)
    expect(chunks).toBeLessThanOrEqual(before.chunks / 8)
  })

  it('goes on beside a process that stores, and a reader that reads', async () => {
    const folder = join(root, 'recorded')
    const writer = startWriter('store', folder, STREAM)
    await writer.reaches(10_000)
    const compactor = startCompactor(folder)
    const ended = once(compactor, 'close')
    compactor.stdout?.resume()
    const store = await opened(folder)
    let seen = 0
    for await (const { records } of readChunks(store, STREAM, { to: 10_000 })) seen = countedOn(seen, records)
    await store.close()
    expect(seen).toBeGreaterThanOrEqual(10_000)
    await ended
    const told = writer.acknowledged()
    await writer.reaches(told + 5_000)
    await writer.kill()
    const { lastSeq, chunks } = await proven(folder)
    expect(lastSeq).toBeGreaterThanOrEqual(writer.acknowledged())
    expect(chunks).toBeLessThan(lastSeq / 500)
  })

  it('is a command that tells what it did, and uses freed space again', async () => {
    const folder = await filled('command', 10_000)
    const before = await proven(folder)
    const url = `file:${folder}`
    const dry = await runCommand('compact', '--store', url, '--chunk-entries', '4000', '--dry-run', '--json')
    expect(dry.code).toBe(0)
    expect(await proven(folder)).toEqual(before)
    const done = await runCommand('compact', STREAM, '--store', url, '--chunk-entries', '4000', '--json')
    expect(done.code).toBe(0)
    const { streams } = JSON.parse(done.stdout) as {
      streams: { chunksAfter: number; chunksBefore: number }[]
    }
    expect(streams).toMatchObject([{ stream: STREAM, chunksBefore: before.chunks, damaged: [] }])
    const after = await proven(folder)
    expect(after).toMatchObject({
      head: before.head,
      lastSeq: before.lastSeq,
      chunks: streams[0]?.chunksAfter,
    })
    expect(after.chunks).toBeLessThan(before.chunks / 4)
    expect(JSON.parse(dry.stdout)).toMatchObject({ dryRun: true, streams: [{ chunksAfter: after.chunks, bytesAfter: null }] }) // prettier-ignore
    const size = statSync(join(folder, 'store.mdb')).size
    const again = await runCommand('compact', '--store', url, '--chunk-entries', '4000')
    expect(again.code).toBe(0)
    expect(again.stdout).toContain(`${String(after.chunks)} chunks become ${String(after.chunks)}`)
    expect(statSync(join(folder, 'store.mdb')).size).toBe(size)
    const missing = await runCommand('compact', '--store', `file:${join(root, 'nowhere')}`)
    expect(missing.code).toBe(1)
    expect(missing.stderr).toMatch(/There is no store at/)
  })
})
