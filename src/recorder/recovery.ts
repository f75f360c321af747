/**
 * Finds out where a stream's log ended, and what a crash left in its journal. Owns where sealing, numbering and the live
 * book go on; sealing what was left is the chunk writer's. Also says what follows from each failure of the store.
 */
import { BLOCK_ENTRIES, CHAIN_START } from '../log/chain.ts'
import { EntryCursor, type EntryKind, EntryWriter, type Seq } from '../log/entry.ts'
import { type EventStore, type StoreError, StoreFailure } from '../log/event-store.ts'
import type { Journal } from '../log/journal.ts'
import { encodeJson } from '../log/payloads.ts'
import { firstSeqOf, type Tombstone } from '../log/tombstone.ts'
import type { StreamId } from '../market/instrument.ts'
import { type Micros, microsOf } from '../market/time.ts'
import { readParts } from '../replay/reading/chunk-reader.ts'
import { nearestKeyframe } from '../replay/reading/nearest-keyframe.ts'
import type { Venue } from '../venues/venue.ts'
import type { ChunkLimits } from './feed/entry-log.ts'
import type { SealerStart } from './sealing/stream-sealer.ts'
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

/** Whether it failed because the disk is full. */
export const isNoRoom = (error: unknown): boolean =>
  error instanceof StoreFailure && error.error.kind === 'disk-full'

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
export const endAfter = (end: LogEnd, records: Uint8Array): LogEnd => {
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

/** Opens the stream's sealer and brings it to the end of what is stored. Throws StoreFailure. */
export const resumeSealer = async (
  store: EventStore,
  stream: StreamId,
  venue: Venue,
  sealer: Sealer,
): Promise<LogEnd> => {
  const storedSeq = await store.lastSeq(stream)
  const { chainSeq, chainHead } = await chainPlace(store, stream, storedSeq)
  const keyframe = await nearestKeyframe(store, stream, venue, ({ seq }) => seq <= storedSeq)
  const keyframeSeq = keyframe?.seq ?? 0
  const start: SealerStart = {
    stream,
    chainSeq,
    chainHead,
    keyframeSeq,
    keyframeState: keyframe?.state,
  }
  await sealer.open(venue.id, start)
  let end = EMPTY_LOG
  if (storedSeq === 0) return end
  // The last chunk is always read: it tells how the log ended.
  const from = Math.min(chainSeq + 1, keyframeSeq + 1, await lastChunkSeq(store, stream, storedSeq))
  for await (const part of readParts(store, stream, { from })) {
    if (part.kind === 'hole') {
      end = endAfterHole(end, part.tombstone)
      continue
    }
    end = endAfter(end, part.chunk.records)
    await sealer.catchUp(stream, part.chunk.records)
  }
  return end
}

/** The end of the log when these entries are missing: nobody knows how the run ended. */
const endAfterHole = (end: LogEnd, { lastSeq, lastReceiveTime }: Tombstone): LogEnd => ({
  ...end,
  lastSeq,
  lastReceiveTime: microsOf(Math.max(end.lastReceiveTime, lastReceiveTime)),
  lastKind: undefined,
})

/** Where the last chunk begins, holes at the end left out; 1 when there is none. */
const lastChunkSeq = async (store: EventStore, stream: StreamId, storedSeq: Seq): Promise<Seq> => {
  for (let seq = storedSeq; seq > 0;) {
    const [part] = await store.parts(stream, { from: seq, to: seq }, 1)
    if (part === undefined) return 1
    if (part.kind !== 'hole') return firstSeqOf(part)
    seq = part.tombstone.firstSeq - 1
  }
  return 1
}

/**
 * Where the chain goes on: at the end of the last full block, or of a hole behind it that it begins anew at. Throws
 * StoreFailure when a hole makes that impossible.
 */
const chainPlace = async (
  store: EventStore,
  stream: StreamId,
  storedSeq: Seq,
): Promise<{ readonly chainSeq: Seq; readonly chainHead: string }> => {
  if (storedSeq === 0) return { chainSeq: 0, chainHead: CHAIN_START }
  const blockSeq = storedSeq - (storedSeq % BLOCK_ENTRIES)
  const parts = await store.parts(stream, { from: Math.min(blockSeq + 1, storedSeq) })
  let chainSeq = blockSeq
  let chainHead = CHAIN_START
  let isBroken = false
  for (const part of parts) {
    if (part.kind === 'chunk') chainHead = part.header.chainBlock
    if (part.kind !== 'hole') continue
    const { lastSeq, headAfter, restartsChain } = part.tombstone
    isBroken = lastSeq > blockSeq && !restartsChain
    if (!restartsChain && lastSeq !== blockSeq) continue
    chainSeq = lastSeq
    chainHead = headAfter
  }
  if (!isBroken) return { chainSeq, chainHead }
  const message = `Entries of ${stream} are missing near its end, so that its chain cannot go on: run "bookreel repair ${stream}" first.`
  throw new StoreFailure({ kind: 'unavailable', message })
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
 * time of its last entry: what happened afterwards nobody saw. `sealedSeq`: a chunk that was sealed already ends there.
 * Throws StoreFailure.
 */
export const recoverJournal = async (
  journal: Journal,
  stored: LogEnd,
  limits: ChunkLimits,
  sealedSeq: Seq = 0,
): Promise<Leftover> => {
  const chunkEnds: Seq[] = []
  let end = stored
  let entries = 0
  let bytes = 0
  const closeChunk = (): void => {
    if (end.lastSeq < sealedSeq) return
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
    if (entries >= limits.entries || end.lastSeq === sealedSeq) closeChunk()
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
