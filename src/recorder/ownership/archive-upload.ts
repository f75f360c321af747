/**
 * Stores what a recorder had not stored when another one took its stream over: as a log of its own, `stream@epoch`, with
 * the numbers the entries had, a hole in the place of those before them, and a keyframe of the book they began with.
 */
import type { Either } from 'fp-ts/lib/Either.js'
import { isLeft } from 'fp-ts/lib/Either.js'

import { encodeKeyframe } from '../../codec/keyframe.ts'
import { CHAIN_START } from '../../log/chain.ts'
import { recordsAfter, type Seq } from '../../log/entry.ts'
import { type EventStore, type StoreError, StoreFailure } from '../../log/event-store.ts'
import type { Journal } from '../../log/journal.ts'
import { type Tombstone } from '../../log/tombstone.ts'
import type { StreamId } from '../../market/instrument.ts'
import { microsOf } from '../../market/time.ts'
import { readParts } from '../../replay/reading/chunk-reader.ts'
import { nearestKeyframe } from '../../replay/reading/nearest-keyframe.ts'
import type { Venue } from '../../venues/venue.ts'
import { CHUNK_LIMITS } from '../feed/entry-log.ts'
import type { WriteLog } from '../recorder-log.ts'
import { recoverJournal, resumeSealer } from '../recovery.ts'
import type { Scheduler } from '../scheduler.ts'
import { ChunkWriter } from '../sealing/chunk-writer.ts'
import type { Sealer } from '../thread-messages.ts'
import { markOf, spoolOf } from './stream-origin.ts'

export interface ArchiveUpload {
  readonly store: EventStore
  /** The stream that was taken over, and the name of what goes up. */
  readonly stream: StreamId
  readonly archive: StreamId
  readonly venue: Venue
  readonly sealer: Sealer
  /** The archive's own; closed by the caller. */
  readonly journal: Journal
  readonly scheduler: Scheduler
  readonly random: () => number
  readonly writeLog: WriteLog
  /** Aborted: what is left stays for the next start. */
  readonly stopSignal: AbortSignal
}

const settled = (result: Either<StoreError, void>): void => {
  if (isLeft(result)) throw new StoreFailure(result.left)
}

/** Head of the chain behind this entry, where a chunk ends with it. */
const headAt = async (store: EventStore, stream: StreamId, seq: Seq): Promise<string> => {
  const [header] = await store.headers(stream, { from: seq, to: seq })
  return header?.lastSeq === seq ? header.chainAfter : CHAIN_START
}

/** The log of the archive up to where its own entries begin. */
const beginArchive = async (upload: ArchiveUpload, base: Seq): Promise<void> => {
  const { store, stream, archive, venue, sealer } = upload
  const chainHead = await headAt(store, stream, base)
  const keyframe = await nearestKeyframe(store, stream, venue, ({ seq }) => seq <= base)
  const keyframeSeq = keyframe?.seq ?? 0
  await sealer.open(venue.id, {
    stream: archive,
    chainSeq: base,
    chainHead,
    keyframeSeq,
    keyframeState: keyframe?.state,
  })
  for await (const part of readParts(store, stream, { from: keyframeSeq + 1, to: base })) {
    if (part.kind === 'hole') continue
    const { records } = part.chunk
    const behind = recordsAfter(records, base)
    await sealer.catchUp(archive, records.slice(0, records.length - behind.length))
  }
  const first = (await store.headers(stream, { from: 1, to: base }))[0]
  const { lastReceiveTime } = await markOf(upload.journal)
  const state = await sealer.save(archive)
  const { decoderVersion } = venue
  const book = { stream: archive, seq: base, receiveTime: lastReceiveTime, decoderVersion, state }
  settled(await store.putKeyframe(encodeKeyframe(book))())
  const stone: Tombstone = {
    kind: 'deleted',
    stream: archive,
    firstSeq: 1,
    lastSeq: base,
    firstReceiveTime: first?.firstReceiveTime ?? microsOf(0),
    lastReceiveTime,
    headBefore: CHAIN_START,
    headAfter: chainHead,
    restartsChain: true,
    reason: `They stand in ${stream}: this is what its recorder had not stored when another one took the stream over.`,
  }
  settled(await store.quarantine(archive, [], stone)())
}

/** True: everything is stored, and the journal may go. Throws StoreFailure. */
export const uploadArchive = async (upload: ArchiveUpload): Promise<boolean> => {
  const { store, archive, venue, sealer, journal, stopSignal, writeLog } = upload
  const spool = spoolOf(journal)
  const base = (await markOf(journal)).lastSeq
  if ((await store.lastSeq(archive)) === 0 && base > 0) await beginArchive(upload, base)
  const stored = await resumeSealer(store, archive, venue, sealer)
  let failure: string | undefined
  const writer = new ChunkWriter(
    {
      ...upload,
      stream: archive,
      unsettled: await spool.kept(),
      onFailure: (sentence) => {
        failure = sentence
      },
    },
    stored,
  )
  const sealedSeq = (await spool.kept())?.chunk.header.lastSeq
  const { chunkEnds } = await recoverJournal(journal, stored, CHUNK_LIMITS, sealedSeq)
  for (const seq of chunkEnds) writer.endChunk(seq, false)
  const giveUp = (): void => void writer.finish()
  if (stopSignal.aborted) giveUp()
  stopSignal.addEventListener('abort', giveUp)
  await writer.drained()
  stopSignal.removeEventListener('abort', giveUp)
  if (failure !== undefined) writeLog({ level: 'error', about: archive, message: failure })
  return failure === undefined && writer.waitingChunks === 0
}
