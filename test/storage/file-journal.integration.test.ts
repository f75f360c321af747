import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isLeft } from 'fp-ts/lib/Either.js'
import { afterAll, describe, expect, it } from 'vitest'

import { EntryCursor } from '../../src/log/entry.ts'
import { describeStoreError } from '../../src/log/event-store.ts'
import type { Journal } from '../../src/log/journal.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { openFileJournal } from '../../src/storage/journal/file-journal.ts'
import { sampleRecords } from '../support/sample-chunks.ts'
import { startWriter } from '../support/writer-process.ts'

const STREAM: StreamId = 'coinbase:BTC-USD'
const root = mkdtempSync(join(tmpdir(), 'bookreel-journal-'))
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
})
let folders = 0
const newFolder = (): string => join(root, String(++folders))

const opened = async (folder: string, stream: StreamId = STREAM): Promise<Journal> => {
  const journal = await openFileJournal(folder, stream)()
  if (isLeft(journal)) throw new Error(describeStoreError(journal.left))
  return journal.right
}

const append = (journal: Journal, from: number, to: number, payloadBytes = 0): void => {
  journal.append(sampleRecords(from, to, payloadBytes), from, to)
}

const seqsBehind = async (journal: Journal, seq: number): Promise<number[]> => {
  const seqs: number[] = []
  for await (const { records, firstSeq, lastSeq } of journal.read(seq)) {
    const before = seqs.length
    const cursor = new EntryCursor(records)
    while (cursor.next()) seqs.push(cursor.seq)
    expect([seqs[before], seqs.at(-1)]).toEqual([firstSeq, lastSeq])
  }
  return seqs
}

const upTo = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, index) => from + index)

const filesOf = (folder: string): string[] => {
  const own = join(folder, encodeURIComponent(STREAM))
  return readdirSync(own)
    .sort()
    .map((name) => join(own, name))
}

describe('a journal on files', () => {
  it('reads back what was appended, behind any entry, also after opening again', async () => {
    const folder = newFolder()
    const journal = await opened(folder)
    expect(journal.lastSeq()).toBe(0)
    append(journal, 5, 9)
    append(journal, 10, 10)
    append(journal, 11, 30)
    expect(journal.lastSeq()).toBe(30)
    expect(await seqsBehind(journal, 0)).toEqual(upTo(5, 30))
    expect(await seqsBehind(journal, 7)).toEqual(upTo(8, 30))
    expect(await seqsBehind(journal, 10)).toEqual(upTo(11, 30))
    expect(await seqsBehind(journal, 30)).toEqual([])
    await journal.flushed()
    expect(journal.pendingBytes()).toBe(0)
    await journal.close()
    const again = await opened(folder)
    expect(again.lastSeq()).toBe(30)
    append(again, 31, 32)
    expect(await seqsBehind(again, 9)).toEqual(upTo(10, 32))
    await again.close()
    expect(() => {
      append(again, 33, 33)
    }).toThrow(/closed/)
  })

  it('keeps the bytes of a batch whatever becomes of them once it is written', async () => {
    const journal = await opened(newFolder())
    const batch = sampleRecords(1, 3)
    const expected = Buffer.from(batch)
    journal.append(batch, 1, 3)
    await journal.written()
    batch.fill(0)
    const read: Uint8Array[] = []
    for await (const { records } of journal.read(0)) read.push(records)
    expect(Buffer.compare(Buffer.concat(read), expected)).toBe(0)
    await journal.close()
  })

  it('refuses a batch that does not follow', async () => {
    const journal = await opened(newFolder())
    append(journal, 1, 3)
    for (const [from, to] of [
      [5, 6],
      [3, 4],
      [4, 3],
    ] as const)
      expect(() => {
        journal.append(sampleRecords(1, 1), from, to)
      }).toThrow(/do not follow/)
    expect(await seqsBehind(journal, 0)).toEqual([1, 2, 3])
    await journal.close()
  })

  it('frees the space of discarded entries and keeps the others', async () => {
    const folder = newFolder()
    const journal = await opened(folder)
    const bytes = (): number => filesOf(folder).reduce((sum, path) => sum + statSync(path).size, 0)
    let largest = 0
    for (let from = 1; from <= 4_000; from += 100) {
      append(journal, from, from + 99, 20_000)
      await journal.written()
      if (from % 500 === 1) await journal.discardThrough(from)
      largest = Math.max(largest, bytes())
    }
    // 80 MB went through; what is kept is bounded by two files' worth.
    expect(largest).toBeLessThan(30_000_000)
    expect((await seqsBehind(journal, 3_501)).length).toBe(499)
    await journal.close()
    const again = await opened(folder)
    expect(again.lastSeq()).toBe(4_000)
    await again.discardThrough(4_000)
    append(again, 4_001, 4_002)
    expect(await seqsBehind(again, 4_000)).toEqual([4_001, 4_002])
    await again.close()
  })

  it('recovers a prefix of what was written, whatever byte the writer was cut at', async () => {
    const folder = newFolder()
    const journal = await opened(folder)
    for (const from of [1, 4, 7]) append(journal, from, from + 2)
    await journal.close()
    const [path = ''] = filesOf(folder)
    const whole = readFileSync(path)
    const block = whole.length / 3
    for (let size = 0; size <= whole.length; size += 13) {
      writeFileSync(path, whole.subarray(0, size))
      const recovered = await opened(folder)
      const last = Math.floor(size / block) * 3
      expect(recovered.lastSeq()).toBe(last)
      append(recovered, last + 1, last + 2)
      expect(await seqsBehind(recovered, 0)).toEqual(upTo(1, last + 2))
      await recovered.close()
      for (const file of filesOf(folder)) rmSync(file)
    }
    writeFileSync(path, whole)
    appendFileSync(path, Buffer.alloc(500))
    const zeros = await opened(folder)
    expect(await seqsBehind(zeros, 0)).toEqual(upTo(1, 9))
    await zeros.close()
  })

  it('says where the journal is damaged in the middle, and gives nothing up by itself', async () => {
    const folder = newFolder()
    const journal = await opened(folder)
    for (const from of [1, 4, 7]) append(journal, from, from + 2)
    await journal.close()
    const [path = ''] = filesOf(folder)
    const whole = readFileSync(path)
    whole[40] = (whole[40] ?? 0) ^ 1
    writeFileSync(path, whole)
    const refused = await openFileJournal(folder, STREAM)()
    expect(isLeft(refused) && refused.left.kind).toBe('damaged')
    expect(isLeft(refused) && describeStoreError(refused.left)).toContain(path)
    expect(statSync(path).size).toBe(whole.length)
    truncateSync(path, 0)
    const again = await opened(folder)
    expect(again.lastSeq()).toBe(0)
    await again.close()
  })

  it('belongs to one owner at a time, each stream for itself', async () => {
    const folder = newFolder()
    const journal = await opened(folder)
    const other = await opened(folder, 'bitfinex:BTC-USD')
    const refused = await openFileJournal(folder, STREAM)()
    expect(isLeft(refused) && describeStoreError(refused.left)).toMatch(
      /^Stream coinbase:BTC-USD is being recorded .* by process \d+ already: .*\.$/,
    )
    await journal.close()
    const again = await opened(folder)
    await again.close()
    await other.close()
  })

  it('keeps what a killed process acknowledged, and passes to the next owner', async () => {
    const folder = newFolder()
    const writer = startWriter('journal', folder, STREAM)
    await writer.reaches(2_000)
    const refused = await openFileJournal(folder, STREAM)()
    expect(isLeft(refused) && describeStoreError(refused.left)).toContain(
      `process ${String(writer.child.pid)} already`,
    )
    await writer.kill()
    const journal = await opened(folder)
    expect(journal.lastSeq()).toBeGreaterThanOrEqual(writer.acknowledged())
    expect(await seqsBehind(journal, 0)).toEqual(upTo(1, journal.lastSeq()))
    await journal.close()
  })
})
