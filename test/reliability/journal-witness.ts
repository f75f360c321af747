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

/** Adds what the journals of the streams hold now, and answers how many entries were not known before. */
export const witnessJournals = async (
  journalFolder: string,
  streams: readonly StreamId[],
  known: JournaledEntries,
): Promise<number> => {
  const copy = copied(journalFolder)
  let more = 0
  try {
    for (const stream of streams) {
      const opened = await openFileJournal(copy, stream)()
      if (isLeft(opened)) throw new Error(`the journal of ${stream}: ${JSON.stringify(opened.left)}`)
      const entries = known.get(stream)
      for await (const { records } of opened.right.read(0)) {
        const cursor = new EntryCursor(records)
        while (cursor.next()) {
          if (entries?.has(cursor.seq) === false) more++
          entries?.set(cursor.seq, frameHash(records.subarray(cursor.recordStart, cursor.recordEnd)))
        }
      }
      await opened.right.close()
    }
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
  return more
}
