import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isLeft, right } from 'fp-ts/lib/Either.js'
import { afterAll, describe, expect, it } from 'vitest'

import { decodeChunk } from '../../src/codec/chunk-format.ts'
import { describeStoreError, type EventStore } from '../../src/log/event-store.ts'
import { firstSeqOf, lastSeqOf } from '../../src/log/tombstone.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { openLmdbStore } from '../../src/storage/lmdb/lmdb-store.ts'
import { eventStoreContract } from '../contract/event-store.contract.ts'
import { sampleChunk } from '../support/sample-chunks.ts'
import { startWriter } from '../support/writer-process.ts'

const STREAM: StreamId = 'coinbase:BTC-USD'
const root = mkdtempSync(join(tmpdir(), 'bookreel-lmdb-'))
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})
let folders = 0
const newFolder = (): string => join(root, String(++folders))

const opened = async (folder: string, mode: 'read' | 'write' = 'write'): Promise<EventStore> => {
  const store = await openLmdbStore(folder, { mode, create: mode === 'write' })()
  if (isLeft(store)) throw new Error(describeStoreError(store.left))
  return store.right
}

const refusalOf = async (folder: string, mode: 'read' | 'write', create = false): Promise<string> => {
  const store = await openLmdbStore(folder, { mode, create })()
  if (!isLeft(store)) throw new Error('it was opened')
  return describeStoreError(store.left)
}

/** One sentence for people: no stack, no code alone, names the folder. */
const expectSentence = (text: string, folder: string): void => {
  expect(text).toContain(folder)
  expect(text).toMatch(/^[A-Z/][^\n]*\.$/)
  expect(text.length).toBeLessThan(300)
}

const checkAll = async (store: EventStore): Promise<void> => {
  for (const header of await store.headers(STREAM))
    expect(isLeft(decodeChunk(header, await store.payload(STREAM, header.firstSeq)))).toBe(false)
}

eventStoreContract('file:', async () => await opened(newFolder()))

describe('an LMDB store', () => {
  it('holds after closing and opening again what it held', async () => {
    const folder = newFolder()
    const chunks = [sampleChunk(STREAM, 1, 10), sampleChunk(STREAM, 11, 12)]
    const first = await opened(folder)
    for (const chunk of chunks) await first.append(chunk)()
    await first.close()
    const second = await opened(folder, 'read')
    expect(await second.headers(STREAM)).toEqual(chunks.map(({ header }) => header))
    await checkAll(second)
    const refused = await second.append(sampleChunk(STREAM, 13, 14))()
    expect(isLeft(refused) && refused.left.kind).toBe('unavailable')
    await second.close()
    const third = await opened(folder)
    expect(await third.append(sampleChunk(STREAM, 13, 14))()).toEqual(right(undefined))
    await third.close()
    await third.close()
    await expect(third.streams()).rejects.toThrow(/closed/)
  })

  it('lets signals and timers be heard between its readings', async () => {
    const store = await opened(newFolder())
    let isHeard = false
    setTimeout(() => (isHeard = true), 0)
    for (let reading = 0; reading < 100_000 && !isHeard; reading++) await store.lastSeq(STREAM)
    expect(isHeard).toBe(true)
    await store.close()
  })

  it('lets a reader see each chunk another process sealed, and keeps all that was acknowledged before a kill', async () => {
    const folder = newFolder()
    const writer = startWriter('store', folder, STREAM)
    await writer.reaches(500)
    const reader = await opened(folder, 'read')
    for (const target of [1_000, 4_000, 8_000]) {
      await writer.reaches(target)
      const told = writer.acknowledged()
      expect(await reader.lastSeq(STREAM)).toBeGreaterThanOrEqual(told)
    }
    await writer.kill()
    const told = writer.acknowledged()
    const kept = await reader.lastSeq(STREAM)
    expect(kept).toBeGreaterThanOrEqual(told)
    expect(kept).toBeLessThanOrEqual(told + 1_000)
    await checkAll(reader)
    await reader.close()
    const again = await opened(folder)
    expect(await again.lastSeq(STREAM)).toBe(kept)
    await again.close()
  })

  it('takes parts out wholly or not at all, whenever it is killed', async () => {
    for (const target of [500, 2_000, 5_500]) {
      const folder = newFolder()
      const writer = startWriter('holes', folder, STREAM)
      await writer.reaches(target)
      await writer.kill()
      const store = await opened(folder)
      const parts = await store.parts(STREAM)
      let next = 1
      const aside: number[] = []
      for (const part of parts) {
        expect(firstSeqOf(part)).toBe(next)
        next = lastSeqOf(part) + 1
        if (part.kind === 'chunk')
          expect(isLeft(decodeChunk(part.header, await store.payload(STREAM, part.header.firstSeq)))).toBe(
            false,
          )
        else await expect(store.payload(STREAM, firstSeqOf(part))).rejects.toThrow(/no chunk/)
        if (part.kind === 'hole' && part.tombstone.kind === 'damaged') aside.push(part.tombstone.firstSeq)
      }
      expect(next - 1).toBeGreaterThanOrEqual(writer.acknowledged())
      const kept = await store.quarantined(STREAM)
      expect(kept.map(({ firstSeq }) => firstSeq)).toEqual(aside)
      for (const { payloadBytes } of kept) expect(payloadBytes).toBeGreaterThan(0)
      await store.close()
    }
  })

  it('takes chunks of several processes at once', async () => {
    const folder = newFolder()
    const streams = ['coinbase:ETH-USD', 'coinbase:BTC-USD', 'bitfinex:BTC-USD'] as const
    const writers = streams.map((stream) => startWriter('store', folder, stream))
    await Promise.all(writers.map(async (writer) => await writer.reaches(3_000)))
    await Promise.all(writers.map(async (writer) => await writer.kill()))
    const store = await opened(folder, 'read')
    expect(await store.streams()).toEqual([...streams].sort())
    await checkAll(store)
    await store.close()
  })

  it('says in one sentence why a folder cannot be opened', async () => {
    const missing = newFolder()
    expectSentence(await refusalOf(missing, 'read'), missing)
    expectSentence(await refusalOf(missing, 'write'), missing)

    const file = newFolder()
    writeFileSync(file, 'a file')
    expectSentence(await refusalOf(file, 'read'), file)
    expectSentence(await refusalOf(file, 'write', true), file)
    expectSentence(await refusalOf(join(file, 'below'), 'write', true), file)

    const other = newFolder()
    mkdirSync(other)
    writeFileSync(join(other, 'thesis.txt'), 'mine')
    expectSentence(await refusalOf(other, 'read'), other)
    expectSentence(await refusalOf(other, 'write', true), other)

    expectSentence(await refusalOf('/proc/bookreel', 'write', true), '/proc/bookreel')
  })

  it('says in one sentence what is wrong with a store', async () => {
    const folder = newFolder()
    const store = await opened(folder)
    await store.append(sampleChunk(STREAM, 1, 10))()
    await store.close()
    const marker = join(folder, 'bookreel.json')
    const right = readFileSync(marker)
    writeFileSync(marker, '{"format":"bookreel-store","version":99}')
    expect(await refusalOf(folder, 'read')).toMatch(/newer/)
    for (const wrong of ['', 'x', '{}', '{"format":"other","version":1}']) {
      writeFileSync(marker, wrong)
      expectSentence(await refusalOf(folder, 'write', true), folder)
    }
    writeFileSync(marker, right)
    writeFileSync(join(folder, 'store.mdb'), Buffer.alloc(50_000, 'garbage'))
    expectSentence(await refusalOf(folder, 'read'), folder)
    expectSentence(await refusalOf(folder, 'write', true), folder)
    rmSync(join(folder, 'store.mdb'))
    expectSentence(await refusalOf(folder, 'read'), folder)
  })
})
