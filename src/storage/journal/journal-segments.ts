/** The files of one stream's journal, named by their first entry: finding them, mending the last, reading them. */
import { readdirSync, truncateSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'

import { recordsAfter, type Seq } from '../../log/entry.ts'
import { StoreFailure } from '../../log/event-store.ts'
import type { JournaledBatch } from '../../log/journal.ts'
import type { StreamId } from '../../market/instrument.ts'
import { storeErrorOf } from '../disk-errors.ts'
import { BlockReader } from './journal-block.ts'

export interface Segment {
  readonly path: string
  readonly firstSeq: Seq
}

const NAME = /^(\d{16})\.log$/

export const segmentAt = (folder: string, firstSeq: Seq): Segment => ({
  path: join(folder, `${String(firstSeq).padStart(16, '0')}.log`),
  firstSeq,
})

/**
 * Finds the files and proves them whole. What a killed writer or lost power left unfinished at the end of the last
 * one is cut off. Throws StoreFailure for damage that is no such end.
 */
export const recoverSegments = (
  folder: string,
  stream: StreamId,
): { readonly segments: Segment[]; readonly lastSeq: Seq } => {
  const found = readdirSync(folder)
    .filter((name) => NAME.test(name))
    .sort()
    .map((name) => segmentAt(folder, Number(name.slice(0, 16))))
  const segments: Segment[] = []
  let lastSeq = 0
  for (const [index, segment] of found.entries()) {
    const reader = new BlockReader(segment.path)
    try {
      const isLast = index === found.length - 1
      const before = lastSeq
      lastSeq = proveWhole(reader, segment, stream, lastSeq, isLast)
      if (lastSeq === before && isLast) unlinkSync(segment.path)
      else segments.push(segment)
    } finally {
      reader.close()
    }
  }
  return { segments, lastSeq }
}

const proveWhole = (
  reader: BlockReader,
  segment: Segment,
  stream: StreamId,
  before: Seq,
  isLast: boolean,
): Seq => {
  let lastSeq = before
  let state = reader.next()
  for (; state === 'block'; state = reader.next()) {
    const expected = lastSeq === 0 ? segment.firstSeq : lastSeq + 1
    if (reader.firstSeq !== expected || reader.lastSeq < expected) throw damage(segment, stream, expected)
    lastSeq = reader.lastSeq
  }
  if (state === 'end') return lastSeq
  if (!isLast || reader.isFollowedByGood()) throw damage(segment, stream, lastSeq + 1)
  truncateSync(segment.path, reader.end)
  return lastSeq
}

const damage = ({ path }: Segment, stream: StreamId, seq: Seq): StoreFailure => {
  const detail = `the journal ${path} is damaged: move that file and those after it away to go on without their entries.`
  return new StoreFailure({ kind: 'damaged', stream, seq, detail })
}

/** The entries `after` < seq ≤ `upTo`'s batch, in order. Throws StoreFailure when a file cannot be read. */
export function* readSegments(
  segments: readonly Segment[],
  stream: StreamId,
  after: Seq,
  upTo: Seq,
): Generator<JournaledBatch> {
  for (const [index, segment] of segments.entries()) {
    const next = segments[index + 1]
    if (next !== undefined && next.firstSeq <= after + 1) continue
    if (segment.firstSeq > upTo) return
    const reader = openReader(segment)
    try {
      let state = reader.next()
      for (; state === 'block' && reader.firstSeq <= upTo; state = reader.next()) {
        if (reader.lastSeq <= after) continue
        const { batch, firstSeq, lastSeq } = reader
        if (firstSeq > after) yield { records: batch, firstSeq, lastSeq }
        else yield { records: recordsAfter(batch, after), firstSeq: after + 1, lastSeq }
      }
      // A block half written at this moment lies behind `upTo`.
      if (state === 'bad' && reader.lastSeq < upTo) throw damage(segment, stream, reader.lastSeq + 1)
    } finally {
      reader.close()
    }
  }
}

const openReader = ({ path }: Segment): BlockReader => {
  try {
    return new BlockReader(path)
  } catch (error) {
    throw new StoreFailure(storeErrorOf(error, path))
  }
}
