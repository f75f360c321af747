/**
 * Finds out where a stream's log ended, and what a crash left in its journal. Owns where sealing, numbering and the live
 * book go on; sealing what was left is the chunk writer's. Also says what follows from each failure of the store.
 */
import { isLeft } from 'fp-ts/lib/Either.js'

import { decodeKeyframe } from '../codec/keyframe.ts'
import { BLOCK_ENTRIES, CHAIN_START } from '../log/chain.ts'
import { EntryCursor, type EntryKind, EntryWriter, type Seq } from '../log/entry.ts'
import { type EventStore, type StoreError, StoreFailure } from '../log/event-store.ts'
import type { Journal } from '../log/journal.ts'
import { encodeJson } from '../log/payloads.ts'
import type { StreamId } from '../market/instrument.ts'
import { type Micros, microsOf } from '../market/time.ts'
import { readChunks } from '../replay/chunk-reader.ts'
import type { Venue } from '../venues/venue.ts'
import type { ChunkLimits } from './entry-log.ts'
import type { SealerStart } from './stream-sealer.ts'
import type { Sealer } from './thread-messages.ts'

/** What a recorder does about a failed write to the store. */
export const answerTo = (error: StoreError): 'try-again' | 'stop' => {
  switch (error.kind) {
    case 'unavailable':
      return 'try-again'
    case 'does-not-follow':
    case 'damaged':
    case 'disk-full':
      return 'stop'
  }
}

/** Where a log ends. */
export interface LogEnd {
  readonly lastSeq: Seq
  readonly lastReceiveTime: Micros
  /** The highest connection number seen near the end; 0: none. */
  readonly lastConnection: number
  /** The kind of the last entry; undefined: the log is empty. */
  readonly lastKind: EntryKind | undefined
}

const EMPTY_LOG: LogEnd = { lastSeq: 0, lastReceiveTime: microsOf(0), lastConnection: 0, lastKind: undefined }

/** The end of the log when these records follow. */
const endAfter = (end: LogEnd, records: Uint8Array): LogEnd => {
  const cursor = new EntryCursor(records)
  let { lastSeq, lastReceiveTime, lastConnection, lastKind } = end
  while (cursor.next()) {
    lastSeq = cursor.seq
    lastReceiveTime = cursor.receiveTime
    lastKind = cursor.kind
    if (cursor.connection > lastConnection) lastConnection = cursor.connection
  }
  return { lastSeq, lastReceiveTime, lastConnection, lastKind }
}

interface Keyframed {
  readonly seq: Seq
  readonly state: Uint8Array | undefined
}

/** The newest keyframe that can be used. */
const newestKeyframe = async (
  store: EventStore,
  stream: StreamId,
  venue: Venue,
  upTo: Seq,
): Promise<Keyframed> => {
  const references = await store.keyframes(stream)
  for (let index = references.length - 1; index >= 0; index--) {
    const reference = references[index]
    if (reference === undefined || reference.seq > upTo) continue
    if (reference.decoderVersion !== venue.decoderVersion) continue
    const state = decodeKeyframe(await store.keyframe(stream, reference.seq))
    if (!isLeft(state)) return { seq: reference.seq, state: state.right }
  }
  return { seq: 0, state: undefined }
}

/** Opens the stream's sealer and brings it to the end of what is stored. Throws StoreFailure. */
export const resumeSealer = async (
  store: EventStore,
  stream: StreamId,
  venue: Venue,
  sealer: Sealer,
): Promise<LogEnd> => {
  const storedSeq = await store.lastSeq(stream)
  const [last] = storedSeq === 0 ? [] : await store.headers(stream, { from: storedSeq })
  const chainSeq = storedSeq - (storedSeq % BLOCK_ENTRIES)
  const keyframe = await newestKeyframe(store, stream, venue, storedSeq)
  const start: SealerStart = {
    stream,
    chainSeq,
    chainHead: last?.chainBlock ?? CHAIN_START,
    keyframeSeq: keyframe.seq,
    keyframeState: keyframe.state,
  }
  await sealer.open(venue.id, start)
  let end = EMPTY_LOG
  if (last === undefined) return end
  // The last chunk is always read: it tells how the log ended.
  const from = Math.min(chainSeq + 1, keyframe.seq + 1, last.firstSeq)
  for await (const { records } of readChunks(store, stream, { from })) {
    end = endAfter(end, records)
    await sealer.catchUp(stream, records)
  }
  return end
}

/** What the last run left in the journal. */
export interface Leftover {
  readonly end: LogEnd
  /** The run had not ended by itself. */
  readonly hasCrashed: boolean
  /** Last entries of the chunks to make of it, in order. */
  readonly chunkEnds: readonly Seq[]
}

/** The store was put back from an older backup, or another store stands there: entries between the two are nowhere. */
const journalAhead = (stored: LogEnd, firstSeq: Seq): StoreFailure => {
  const holds =
    stored.lastSeq === 0 ? 'the store holds none of it' : `the store ends at entry ${String(stored.lastSeq)}`
  const message =
    `The journal goes on at entry ${String(firstSeq)}, but ${holds}: put the newer store back, ` +
    'or move the "journal" folder away to go on without its entries.'
  return new StoreFailure({ kind: 'unavailable', message })
}

/**
 * Reads what the journal holds beyond the store. A run that did not end gets its `run-ended` (`crash`) there, at the
 * time of its last entry: what happened afterwards nobody saw. Throws StoreFailure.
 */
export const recoverJournal = async (
  journal: Journal,
  stored: LogEnd,
  limits: ChunkLimits,
): Promise<Leftover> => {
  const chunkEnds: Seq[] = []
  let end = stored
  let entries = 0
  let bytes = 0
  const closeChunk = (): void => {
    if (entries > 0) chunkEnds.push(end.lastSeq)
    entries = bytes = 0
  }
  for await (const { records: batch, firstSeq } of journal.read(stored.lastSeq)) {
    if (firstSeq !== end.lastSeq + 1) throw journalAhead(end, firstSeq)
    if (bytes + batch.length > limits.bytes) closeChunk()
    const before = end.lastSeq
    end = endAfter(end, batch)
    entries += end.lastSeq - before
    bytes += batch.length
    if (entries >= limits.entries) closeChunk()
  }
  const hasCrashed = end.lastKind !== undefined && end.lastKind !== 'run-ended'
  if (hasCrashed) {
    const writer = new EntryWriter(1024)
    const seq = end.lastSeq + 1
    writer.append('run-ended', seq, end.lastReceiveTime, 0, encodeJson({ cause: 'crash' }))
    const records = writer.take()
    if (records !== undefined) journal.append(records, seq, seq)
    await journal.flushed()
    end = { ...end, lastSeq: seq, lastKind: 'run-ended' }
    entries++
  }
  closeChunk()
  return { end, hasCrashed, chunkEnds }
}
