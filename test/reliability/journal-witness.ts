/** What journals held when a recorder was killed: taken from a copy of their folder, so that nothing is touched. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isLeft } from 'fp-ts/lib/Either.js'

import { EntryCursor } from '../../src/log/entry.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { openFileJournal } from '../../src/storage/journal/file-journal.ts'
import { frameHash } from '../support/sent-frames.ts'

/** By stream: hashes of whole records, by their seq. */
export type JournaledEntries = ReadonlyMap<string, Map<number, number>>

/** Of one stream's entries; 0: there are none. */
export const lastSeqOf = (journaled: ReadonlyMap<number, number> | undefined): number => {
  let last = 0
  for (const seq of journaled?.keys() ?? []) last = Math.max(last, seq)
  return last
}

const copied = (journalFolder: string): string => {
  const copy = mkdtempSync(join(tmpdir(), 'bookreel-witness-'))
  // A process that starts meanwhile may free files while they are copied: what was freed is stored.
  for (let attempt = 0; attempt < 3; attempt++)
    try {
      cpSync(journalFolder, copy, { recursive: true })
      break
    } catch {
      // Once more.
    }
  // Says who has the streams, which is nobody in the copy.
  for (const name of ['owners.mdb', 'owners.mdb-lock']) rmSync(join(copy, name), { force: true })
  return copy
}

const readCopies = async (
  journalFolder: string,
  streams: readonly StreamId[],
  take: (stream: StreamId, entry: EntryCursor, records: Uint8Array) => void,
): Promise<void> => {
  const copy = copied(journalFolder)
  try {
    for (const stream of streams) {
      const opened = await openFileJournal(copy, stream)()
      if (isLeft(opened)) throw new Error(`the journal of ${stream}: ${JSON.stringify(opened.left)}`)
      for await (const { records } of opened.right.read(0)) {
        const cursor = new EntryCursor(records)
        while (cursor.next()) take(stream, cursor, records)
      }
      await opened.right.close()
    }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** When the last entry of each journal was received, in microseconds; 0: it holds none. */
export const journaledTimes = async (
  journalFolder: string,
  streams: readonly StreamId[],
): Promise<readonly number[]> => {
  const times = new Map<string, number>()
  await readCopies(journalFolder, streams, (stream, entry) => {
    times.set(stream, entry.receiveTime)
  })
  return streams.map((stream) => times.get(stream) ?? 0)
}

/** Adds what the journals of the streams hold now, and answers how many entries were not known before. */
export const witnessJournals = async (
  journalFolder: string,
  streams: readonly StreamId[],
  known: JournaledEntries,
): Promise<number> => {
  let more = 0
  await readCopies(journalFolder, streams, (stream, entry, records) => {
    const entries = known.get(stream)
    if (entries?.has(entry.seq) === false) more++
    entries?.set(entry.seq, frameHash(records.subarray(entry.recordStart, entry.recordEnd)))
  })
  return more
}
