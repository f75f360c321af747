/**
 * The embedded EventStore: one LMDB file in a folder. Many processes may read and write it at once; readers never
 * block writers. Writes are synchronous transactions on the calling thread: keep it off the threads of sockets.
 */
import { dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'

import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { type Database, open, type RootDatabase } from 'lmdb'

import { decodeHeader, decodeKeyframeRef, encodeHeader, encodeKeyframeRef } from '../../codec/documents.ts'
import type { Chunk, ChunkHeader, Keyframe } from '../../log/chunk.ts'
import type { Seq } from '../../log/entry.ts'
import { type EventStore, type KeyframeRef, type StoreError, StoreFailure } from '../../log/event-store.ts'
import type { StreamId } from '../../market/instrument.ts'
import { judgeAppend, judgeReplace, noChunk, noKeyframe } from '../chunk-rules.ts'
import { damagedFile, spaceProblem, storeErrorOf } from '../disk-errors.ts'
import { isLmdbFile } from '../lmdb-file.ts'
import { dataFileOf, prepareStoreFolder } from './store-folder.ts'

type Key = [StreamId, Seq]
type Table = Database<Uint8Array, Key>

/** Address space, not disk: the file is as long as its content. LMDB grows past it by itself. */
const MAP_BYTES = 2 ** 40
/** Bytes a transaction may write beside the payload: headers and pages of the trees. */
const OVERHEAD_BYTES = 1024 * 1024

export interface LmdbOptions {
  readonly mode: 'read' | 'write'
  /** Makes the store where there is none; only with mode `write`. */
  readonly create?: boolean
}

/** Opens the store in a folder. Left: one sentence why not. */
export const openLmdbStore =
  (directory: string, { mode, create = false }: LmdbOptions): TaskEither<StoreError, EventStore> =>
  async () =>
    await Promise.resolve(openSync(directory, mode, create))

const openSync = (
  directory: string,
  mode: 'read' | 'write',
  create: boolean,
): Either<StoreError, EventStore> => {
  const prepared = prepareStoreFolder(directory, mode, create)
  if (isLeft(prepared)) return prepared
  const path = dataFileOf(directory)
  const space = mode === 'write' ? spaceProblem(directory, OVERHEAD_BYTES) : undefined
  if (space !== undefined) return left(space)
  try {
    if (!isLmdbFile(path)) return left(damagedFile(path))
    const readOnly = mode === 'read'
    const root = open<Uint8Array, Key>(path, { noSubdir: true, mapSize: MAP_BYTES, readOnly })
    const table = (name: string): Table => root.openDB<Uint8Array, Key>({ name, encoding: 'binary' })
    const tables = [table('headers'), table('payloads'), table('keyframe-refs'), table('keyframes')] as const
    // A read-only LMDB answers undefined for a table that the first writer has not made yet.
    if (tables.some((made: Table | undefined) => made === undefined)) {
      void root.close()
      const message = `The store at ${directory} holds nothing yet: record or import into it first.`
      return left({ kind: 'unavailable', message })
    }
    return right(new LmdbStore(path, root, tables, readOnly))
  } catch (error) {
    return left(storeErrorOf(error, path))
  }
}

class LmdbStore implements EventStore {
  private readonly path: string
  private readonly root: RootDatabase<Uint8Array, Key>
  private readonly headerTable: Table
  private readonly payloadTable: Table
  private readonly referenceTable: Table
  private readonly keyframeTable: Table
  private readonly isReadOnly: boolean
  private isClosed = false

  constructor(
    path: string,
    root: RootDatabase<Uint8Array, Key>,
    tables: readonly [Table, Table, Table, Table],
    isReadOnly: boolean,
  ) {
    this.path = path
    this.root = root
    ;[this.headerTable, this.payloadTable, this.referenceTable, this.keyframeTable] = tables
    this.isReadOnly = isReadOnly
  }

  readonly streams = async (): Promise<readonly StreamId[]> =>
    await this.reading(() => {
      const found: StreamId[] = []
      // From each stream's first key straight to the next stream's.
      let [key] = this.headerTable.getKeys({ limit: 1 })
      while (key !== undefined) {
        found.push(key[0])
        ;[key] = this.headerTable.getKeys({ start: [key[0], Infinity], limit: 1 })
      }
      return found
    })

  readonly lastSeq = async (stream: StreamId): Promise<Seq> =>
    await this.reading(() => this.lastSeqNow(stream))

  readonly append = (chunk: Chunk): TaskEither<StoreError, void> =>
    this.writing(chunk.payload.length, () => {
      const { stream, firstSeq } = chunk.header
      const atFirst = this.headerTable.get([stream, firstSeq])
      const judged = judgeAppend(
        this.lastSeqNow(stream),
        atFirst === undefined ? undefined : headerOf([stream, firstSeq], atFirst),
        chunk.header,
      )
      if (typeof judged === 'object') return left(judged)
      if (judged === 'append') this.putChunk(chunk)
      return right(undefined)
    })

  readonly headers = async (
    stream: StreamId,
    { from = 1, to = Infinity }: { readonly from?: Seq | undefined; readonly to?: Seq | undefined } = {},
  ): Promise<readonly ChunkHeader[]> => await this.reading(() => this.headersNow(stream, from, to))

  readonly payload = async (stream: StreamId, firstSeq: Seq): Promise<Uint8Array> =>
    await this.reading(() => {
      const payload = this.payloadTable.getBinary([stream, firstSeq])
      if (payload === undefined) throw new StoreFailure(noChunk(stream, firstSeq))
      return payload
    })

  readonly replace = (chunk: Chunk): TaskEither<StoreError, void> =>
    this.writing(chunk.payload.length, () => {
      const { stream, firstSeq, lastSeq } = chunk.header
      const covered = this.headersNow(stream, firstSeq, lastSeq)
      const problem = judgeReplace(covered, chunk.header)
      if (problem !== undefined) return left(problem)
      for (const header of covered) {
        this.headerTable.removeSync([stream, header.firstSeq])
        this.payloadTable.removeSync([stream, header.firstSeq])
      }
      this.putChunk(chunk)
      return right(undefined)
    })

  readonly putKeyframe = (keyframe: Keyframe): TaskEither<StoreError, void> =>
    this.writing(keyframe.payload.length, () => {
      const key: Key = [keyframe.stream, keyframe.seq]
      this.referenceTable.putSync(key, encodeKeyframeRef(keyframe))
      this.keyframeTable.putSync(key, keyframe.payload)
      return right(undefined)
    })

  readonly keyframes = async (stream: StreamId): Promise<readonly KeyframeRef[]> =>
    await this.reading(() => {
      const found: KeyframeRef[] = []
      for (const { key, value } of this.referenceTable.getRange({
        start: [stream, 0],
        end: [stream, Infinity],
      }))
        found.push(referenceOf(key, value))
      return found
    })

  readonly keyframe = async (stream: StreamId, seq: Seq): Promise<Keyframe> =>
    await this.reading(() => {
      const reference = this.referenceTable.get([stream, seq])
      const payload = this.keyframeTable.getBinary([stream, seq])
      if (reference === undefined || payload === undefined) throw new StoreFailure(noKeyframe(stream, seq))
      return { ...referenceOf([stream, seq], reference), payload }
    })

  readonly close = async (): Promise<void> => {
    if (this.isClosed) return
    this.isClosed = true
    await this.root.close()
  }

  private lastSeqNow(stream: StreamId): Seq {
    for (const { key, value } of this.headerTable.getRange({
      start: [stream, Infinity],
      end: [stream, 0],
      reverse: true,
      limit: 1,
    }))
      return headerOf(key, value).lastSeq
    return 0
  }

  private headersNow(stream: StreamId, from: Seq, to: Seq): readonly ChunkHeader[] {
    const found: ChunkHeader[] = []
    // Chunks do not overlap: the first to touch the range is the last that begins at or before `from`, or the next.
    let [start] = this.headerTable.getKeys({
      start: [stream, from],
      end: [stream, 0],
      reverse: true,
      limit: 1,
    })
    start ??= [stream, from]
    if (from > to) return found
    for (const { key, value } of this.headerTable.getRange({
      start,
      end: [stream, to],
      inclusiveEnd: true,
    })) {
      const header = headerOf(key, value)
      if (header.lastSeq >= from) found.push(header)
    }
    return found
  }

  private putChunk({ header, payload }: Chunk): void {
    const key: Key = [header.stream, header.firstSeq]
    this.headerTable.putSync(key, encodeHeader(header))
    this.payloadTable.putSync(key, payload)
  }

  // Other processes write: each reading begins with the newest state. LMDB reads at once, but a turn of the event loop
  // passes before, so that signals and timers are heard in the middle of a long replay.
  private async reading<A>(read: () => A): Promise<A> {
    await setImmediate()
    if (this.isClosed) throw new StoreFailure(closedProblem(this.path))
    try {
      this.root.resetReadTxn()
      return read()
    } catch (error) {
      throw error instanceof StoreFailure ? error : new StoreFailure(storeErrorOf(error, this.path))
    }
  }

  // Synchronous on purpose: a commit that fails (a full disk) throws here, rolls back and leaves LMDB sound. Its
  // asynchronous transactions were seen to end in unhandled rejections and a corrupted heap in that case.
  private writing(bytes: number, write: () => Either<StoreError, void>): TaskEither<StoreError, void> {
    return async () => await Promise.resolve().then(() => this.writeNow(bytes, write))
  }

  private writeNow(bytes: number, write: () => Either<StoreError, void>): Either<StoreError, void> {
    if (this.isClosed) return left(closedProblem(this.path))
    if (this.isReadOnly) {
      const message = `The store ${this.path} was opened for reading only, so nothing can be written to it.`
      return left({ kind: 'unavailable', message })
    }
    const folder = dirname(this.path)
    const space = spaceProblem(folder, bytes + OVERHEAD_BYTES)
    if (space !== undefined) return left(space)
    try {
      return this.root.transactionSync(write)
    } catch (error) {
      // LMDB tells a short write as an I/O error: ask the disk itself.
      return left(spaceProblem(folder, bytes + OVERHEAD_BYTES) ?? storeErrorOf(error, this.path))
    }
  }
}

const closedProblem = (path: string): StoreError => ({
  kind: 'unavailable',
  message: `The store ${path} is closed already.`,
})

const headerOf = ([stream, seq]: Key, bytes: Uint8Array): ChunkHeader => {
  const header = decodeHeader(bytes)
  if (isLeft(header)) throw damaged(stream, seq, `the header of its chunk is wrong: ${header.left}.`)
  if (header.right.stream === stream && header.right.firstSeq === seq) return header.right
  throw damaged(stream, seq, "the header of its chunk is another chunk's.")
}

const referenceOf = ([stream, seq]: Key, bytes: Uint8Array): KeyframeRef => {
  const reference = decodeKeyframeRef(bytes)
  if (isLeft(reference)) throw damaged(stream, seq, `the note of its keyframe is wrong: ${reference.left}.`)
  if (reference.right.stream === stream && reference.right.seq === seq) return reference.right
  throw damaged(stream, seq, "the note of its keyframe is another keyframe's.")
}

const damaged = (stream: StreamId, seq: Seq, detail: string): StoreFailure =>
  new StoreFailure({ kind: 'damaged', stream, seq, detail })
