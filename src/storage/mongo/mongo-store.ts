/**
 * The EventStore on MongoDB. A chunk is one document of `chunks`, made or replaced by one write of that document; its
 * payload is written before. The unique index on stream and first entry keeps two writers apart.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { MongoClient } from 'mongodb'

import type { Chunk, ChunkHeader, Keyframe } from '../../log/chunk.ts'
import type { Seq } from '../../log/entry.ts'
import {
  type DamagedKeyframe,
  type EventStore,
  type KeyframeRef,
  type QuarantinedChunk,
  type QuarantineRef,
  type StoreError,
  StoreFailure,
} from '../../log/event-store.ts'
import type { RunBook } from '../../log/run-book.ts'
import type { StreamLeases } from '../../log/stream-leases.ts'
import type { Tombstone } from '../../log/tombstone.ts'
import { splitStreamId, type StreamId } from '../../market/instrument.ts'
import { ChunkDocuments } from './chunk-documents.ts'
import { ChunkSplit } from './chunk-split.ts'
import { HoleDocuments } from './hole-documents.ts'
import { KeyframeDocuments } from './keyframe-documents.ts'
import { LeaseDocuments } from './lease-documents.ts'
import { clientOptionsFor, shownAddress } from './mongo-address.ts'
import { storeErrorOf } from './mongo-errors.ts'
import { sweepOrphans } from './orphan-payloads.ts'
import { PartReader } from './part-reader.ts'
import { Payloads } from './payloads.ts'
import { QuarantineDocuments } from './quarantine-documents.ts'
import { Rests } from './rests.ts'
import { RunDocuments } from './run-documents.ts'
import { type Collections, openDatabase, type OpenMode } from './set-up.ts'

/** Opens the store in the database that the address names; `write` alone makes one in an empty database. */
export const openMongoStore =
  (url: string, mode: OpenMode): TaskEither<StoreError, EventStore> =>
  async () => {
    let client: MongoClient | undefined
    try {
      client = new MongoClient(url, clientOptionsFor(url))
      // A client without a listener for its errors would end the process by one.
      client.on('error', () => undefined)
      return right(new MongoStore(client, url, await openDatabase(client, url, mode), mode === 'read'))
    } catch (error) {
      await client?.close().catch(() => undefined)
      return left(storeErrorOf(error, url))
    }
  }

class MongoStore implements EventStore {
  readonly leases: StreamLeases
  readonly runs: RunBook
  private readonly client: MongoClient
  private readonly url: string
  private readonly collections: Collections
  private readonly reader: PartReader
  private readonly chunks: ChunkDocuments
  private readonly splits: ChunkSplit
  private readonly holes: HoleDocuments
  private readonly aside: QuarantineDocuments
  private readonly frames: KeyframeDocuments
  private readonly isReadOnly: boolean
  private isClosed = false

  constructor(client: MongoClient, url: string, collections: Collections, isReadOnly: boolean) {
    this.client = client
    this.url = url
    this.collections = collections
    this.isReadOnly = isReadOnly
    const { chunks: parts, quarantine } = collections
    const runs = new RunDocuments(collections.runs)
    this.runs = {
      put: async (note) => {
        await this.reading(async () => {
          await runs.put(note)
        })
      },
      list: async (stream) => await this.reading(async () => await runs.list(stream)),
    }
    const leases = new LeaseDocuments(collections.leases)
    this.leases = {
      read: async (stream) => await this.reading(async () => await leases.read(stream)),
      take: async (seen, next) => await this.reading(async () => await leases.take(seen, next)),
      renew: async (owner, streams) => await this.reading(async () => await leases.renew(owner, streams)),
      release: async (owner, stream) => {
        await this.reading(async () => {
          await leases.release(owner, stream)
        })
      },
    }
    const payloads = new Payloads(collections.payloads)
    this.reader = new PartReader(parts)
    this.frames = new KeyframeDocuments(collections.keyframes, payloads)
    this.aside = new QuarantineDocuments(quarantine, parts, payloads, this.reader)
    const rests = new Rests(parts, payloads, this.aside)
    this.chunks = new ChunkDocuments(parts, payloads, this.reader, rests)
    this.splits = new ChunkSplit(parts, payloads, this.reader, rests)
    this.holes = new HoleDocuments({
      parts,
      reader: this.reader,
      rests,
      quarantine: this.aside,
      keyframes: this.frames,
    })
  }

  readonly streams = async (): Promise<readonly StreamId[]> =>
    await this.reading(async () => {
      const found: readonly unknown[] = await this.collections.chunks.distinct('stream')
      return found
        .filter((name): name is StreamId => typeof name === 'string' && splitStreamId(name) !== undefined)
        .sort()
    })

  readonly lastSeq = async (stream: StreamId): Promise<Seq> =>
    await this.reading(async () => await this.reader.lastSeq(stream))

  readonly append = (chunk: Chunk): TaskEither<StoreError, void> =>
    this.writing(async () => await this.chunks.append(chunk))

  readonly headers: EventStore['headers'] = async (stream, { from = 1, to = Infinity } = {}) =>
    await this.reading(async () => await this.chunks.headers(stream, from, to))

  readonly parts: EventStore['parts'] = async (stream, { from = 1, to = Infinity } = {}, most = Infinity) =>
    await this.reading(async () => await this.chunks.parts(stream, from, to, most))

  readonly payload = async (stream: StreamId, firstSeq: Seq): Promise<Uint8Array> =>
    await this.reading(async () => await this.chunks.payload(stream, firstSeq))

  readonly replace = (chunk: Chunk): TaskEither<StoreError, void> =>
    this.writing(async () => await this.chunks.replace(chunk))

  readonly split = (first: Chunk, second: Chunk): TaskEither<StoreError, void> =>
    this.writing(async () => await this.splits.split(first, second))

  readonly putHeader = (header: ChunkHeader): TaskEither<StoreError, void> =>
    this.writing(async () => await this.chunks.putHeader(header))

  readonly bury = (tombstone: Tombstone): TaskEither<StoreError, void> =>
    this.writing(async () => await this.holes.bury(tombstone))

  readonly quarantine: EventStore['quarantine'] = (stream, firstSeqs, tombstone) =>
    this.writing(async () => await this.holes.quarantine(stream, firstSeqs, tombstone))

  readonly quarantined = async (stream: StreamId): Promise<readonly QuarantineRef[]> =>
    await this.reading(async () => await this.aside.list(stream))

  readonly quarantinedChunk = async (stream: StreamId, number: number): Promise<QuarantinedChunk> =>
    await this.reading(async () => await this.aside.get(stream, number))

  readonly putKeyframe = (keyframe: Keyframe): TaskEither<StoreError, void> =>
    this.writing(async () => right(await this.frames.put(keyframe)))

  readonly dropKeyframe = (stream: StreamId, seq: Seq): TaskEither<StoreError, void> =>
    this.writing(async () => right(await this.frames.drop(stream, seq)))

  readonly damagedKeyframes = async (stream: StreamId): Promise<readonly DamagedKeyframe[]> =>
    await this.reading(async () => await this.frames.damaged(stream))

  readonly keyframes = async (stream: StreamId): Promise<readonly KeyframeRef[]> =>
    await this.reading(async () => await this.frames.references(stream))

  readonly keyframe = async (stream: StreamId, seq: Seq): Promise<Keyframe> =>
    await this.reading(async () => await this.frames.get(stream, seq))

  readonly sweep: NonNullable<EventStore['sweep']> = async (stream) =>
    await this.reading(async () => await sweepOrphans(this.collections, stream))

  readonly close = async (): Promise<void> => {
    if (this.isClosed) return
    this.isClosed = true
    await this.client.close()
  }

  private closedProblem(): StoreError {
    return { kind: 'unavailable', message: `The store ${shownAddress(this.url)} is closed already.` }
  }

  private async reading<A>(read: () => Promise<A>): Promise<A> {
    if (this.isClosed) throw new StoreFailure(this.closedProblem())
    try {
      return await read()
    } catch (error) {
      throw error instanceof StoreFailure ? error : new StoreFailure(storeErrorOf(error, this.url))
    }
  }

  private writing(write: () => Promise<Either<StoreError, void>>): TaskEither<StoreError, void> {
    return async () => {
      if (this.isClosed) return left(this.closedProblem())
      if (this.isReadOnly) {
        const message = `The store ${shownAddress(this.url)} was opened for reading only, so nothing can be written to it.`
        return left({ kind: 'unavailable', message })
      }
      try {
        return await write()
      } catch (error) {
        return left(storeErrorOf(error, this.url))
      }
    }
  }
}
