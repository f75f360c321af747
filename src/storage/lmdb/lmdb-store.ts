/**
 * The embedded EventStore: one LMDB file in a folder. Many processes may read and write it at once; readers never
 * block writers. Writes are synchronous transactions on the calling thread: keep it off the threads of sockets.
 */
import { dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'

import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { open, type RootDatabase } from 'lmdb'

import { encodeHeader, encodeKeyframeRef } from '../../codec/documents.ts'
import type { Chunk, ChunkHeader, Keyframe } from '../../log/chunk.ts'
import type { Seq } from '../../log/entry.ts'
import {
  type DamagedKeyframe,
  type EventStore,
  type KeyframeRef,
  type QuarantinedChunk,
  type QuarantineRef,
  type SeqRange,
  type StoreError,
  StoreFailure,
} from '../../log/event-store.ts'
import type { LogPart, Tombstone } from '../../log/tombstone.ts'
import type { StreamId } from '../../market/instrument.ts'
import {
  judgeAppend,
  judgeHeader,
  judgeReplace,
  judgeSplit,
  noChunk,
  noKeyframe,
  noQuarantined,
} from '../chunk-rules.ts'
import { damagedFile, spaceProblem, storeErrorOf } from '../disk-errors.ts'
import { isLmdbFile } from '../lmdb-file.ts'
import { LogTables, type Table, type Tables } from './log-tables.ts'
import { listAside, type QuarantineKey, readAside } from './quarantine-table.ts'
import { dataFileOf, prepareStoreFolder } from './store-folder.ts'
import { type Key, referenceOf } from './stored-documents.ts'
import { UnlockedFile } from './unlocked-file.ts'

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
    const tables: Tables = {
      headers: table('headers'),
      payloads: table('payloads'),
      references: table('keyframe-refs'),
      keyframes: table('keyframes'),
      quarantine: root.openDB<Uint8Array, QuarantineKey>({ name: 'quarantine', encoding: 'binary' }),
    }
    const { headers, payloads, references, keyframes } = tables
    // A read-only LMDB answers undefined for a table that the first writer has not made yet.
    if ([headers, payloads, references, keyframes].some((made: Table | undefined) => made === undefined)) {
      void root.close()
      const message = `The store at ${directory} holds nothing yet: record or import into it first.`
      return left({ kind: 'unavailable', message })
    }
    return right(new LmdbStore(path, root, tables, readOnly, readOnly ? UnlockedFile.at(path) : undefined))
  } catch (error) {
    return left(storeErrorOf(error, path))
  }
}

class LmdbStore implements EventStore {
  private readonly path: string
  private readonly root: RootDatabase<Uint8Array, Key>
  private readonly tables: Tables
  private readonly log: LogTables
  private readonly isReadOnly: boolean
  private readonly unlocked: UnlockedFile | undefined
  private isClosed = false

  constructor(
    path: string,
    root: RootDatabase<Uint8Array, Key>,
    tables: Tables,
    isReadOnly: boolean,
    unlocked: UnlockedFile | undefined,
  ) {
    this.unlocked = unlocked
    this.path = path
    this.root = root
    this.tables = tables
    this.log = new LogTables(tables)
    this.isReadOnly = isReadOnly
  }

  readonly streams = async (): Promise<readonly StreamId[]> =>
    await this.reading(() => {
      const found: StreamId[] = []
      // From each stream's first key straight to the next stream's.
      let [key] = this.tables.headers.getKeys({ limit: 1 })
      while (key !== undefined) {
        found.push(key[0])
        ;[key] = this.tables.headers.getKeys({ start: [key[0], Infinity], limit: 1 })
      }
      return found
    })

  readonly lastSeq = async (stream: StreamId): Promise<Seq> =>
    await this.reading(() => this.log.lastSeq(stream))

  readonly append = (chunk: Chunk): TaskEither<StoreError, void> =>
    this.writing(chunk.payload.length, () => {
      const { stream, firstSeq } = chunk.header
      const atFirst = this.log.header(stream, firstSeq)
      const judged = judgeAppend(this.log.lastSeq(stream), atFirst, chunk.header)
      if (typeof judged === 'object') return left(judged)
      if (judged === 'append') this.log.putChunk(chunk)
      return right(undefined)
    })

  readonly headers = async (
    stream: StreamId,
    { from = 1, to = Infinity }: SeqRange = {},
  ): Promise<readonly ChunkHeader[]> => await this.reading(() => this.log.headersIn(stream, from, to))

  readonly parts = async (
    stream: StreamId,
    { from = 1, to = Infinity }: SeqRange = {},
    most = Infinity,
  ): Promise<readonly LogPart[]> => await this.reading(() => this.log.partsIn(stream, from, to, most))

  readonly payload = async (stream: StreamId, firstSeq: Seq): Promise<Uint8Array> =>
    await this.reading(() => {
      const payload = this.tables.payloads.getBinary([stream, firstSeq])
      if (payload === undefined) throw new StoreFailure(noChunk(stream, firstSeq))
      return payload
    })

  readonly replace = (chunk: Chunk): TaskEither<StoreError, void> =>
    this.writing(chunk.payload.length, () => {
      const { stream, firstSeq, lastSeq } = chunk.header
      const covered = this.log.headersIn(stream, firstSeq, lastSeq)
      const problem = judgeReplace(covered, chunk.header)
      if (problem !== undefined) return left(problem)
      for (const header of covered) this.log.removePart(stream, header.firstSeq)
      this.log.putChunk(chunk)
      return right(undefined)
    })

  readonly split = (first: Chunk, second: Chunk): TaskEither<StoreError, void> =>
    this.writing(first.payload.length + second.payload.length, () => {
      const { stream, firstSeq } = first.header
      const covered = this.log.headersIn(stream, firstSeq, second.header.lastSeq)
      const judged = judgeSplit(covered, first.header, second.header)
      if (typeof judged === 'object') return left(judged)
      if (judged === 'done') return right(undefined)
      this.log.removePart(stream, firstSeq)
      this.log.putChunk(first)
      this.log.putChunk(second)
      return right(undefined)
    })

  readonly putHeader = (header: ChunkHeader): TaskEither<StoreError, void> =>
    this.writing(0, () => {
      const problem = judgeHeader(this.log.header(header.stream, header.firstSeq), header)
      if (problem !== undefined) return left(problem)
      this.tables.headers.putSync([header.stream, header.firstSeq], encodeHeader(header))
      return right(undefined)
    })

  readonly bury = (tombstone: Tombstone): TaskEither<StoreError, void> =>
    this.writing(0, () => this.log.bury(tombstone))

  readonly quarantine = (
    stream: StreamId,
    firstSeqs: readonly Seq[],
    tombstone: Tombstone | undefined,
  ): TaskEither<StoreError, void> => this.writing(0, () => this.log.quarantine(stream, firstSeqs, tombstone))

  readonly quarantined = async (stream: StreamId): Promise<readonly QuarantineRef[]> =>
    await this.reading(() => {
      const { quarantine } = this.tables
      return quarantine === undefined ? [] : listAside(quarantine, stream)
    })

  readonly quarantinedChunk = async (stream: StreamId, number: number): Promise<QuarantinedChunk> =>
    await this.reading(() => {
      const { quarantine } = this.tables
      if (quarantine === undefined) throw new StoreFailure(noQuarantined(stream, number))
      return readAside(quarantine, stream, number)
    })

  readonly putKeyframe = (keyframe: Keyframe): TaskEither<StoreError, void> =>
    this.writing(keyframe.payload.length, () => {
      const key: Key = [keyframe.stream, keyframe.seq]
      this.tables.references.putSync(key, encodeKeyframeRef(keyframe))
      this.tables.keyframes.putSync(key, keyframe.payload)
      return right(undefined)
    })

  readonly dropKeyframe = (stream: StreamId, seq: Seq): TaskEither<StoreError, void> =>
    this.writing(0, () => {
      this.log.removeKeyframe([stream, seq])
      return right(undefined)
    })

  readonly keyframes = async (stream: StreamId): Promise<readonly KeyframeRef[]> =>
    await this.reading(() =>
      this.log.references(stream).flatMap((found) => ('payloadHash' in found ? [found] : [])),
    )

  readonly damagedKeyframes = async (stream: StreamId): Promise<readonly DamagedKeyframe[]> =>
    await this.reading(() =>
      this.log.references(stream).flatMap((found) => ('detail' in found ? [found] : [])),
    )

  readonly keyframe = async (stream: StreamId, seq: Seq): Promise<Keyframe> =>
    await this.reading(() => {
      const reference = this.tables.references.get([stream, seq])
      const payload = this.tables.keyframes.getBinary([stream, seq])
      if (reference === undefined || payload === undefined) throw new StoreFailure(noKeyframe(stream, seq))
      return { ...referenceOf([stream, seq], reference), payload }
    })

  readonly close = async (): Promise<void> => {
    if (this.isClosed) return
    this.isClosed = true
    await this.root.close()
  }

  // Other processes write: each reading begins with the newest state. LMDB reads at once, but a turn of the event loop
  // passes before, so that signals and timers are heard in the middle of a long replay.
  private async reading<A>(read: () => A): Promise<A> {
    await setImmediate()
    if (this.isClosed) throw new StoreFailure(closedProblem(this.path))
    try {
      this.root.resetReadTxn()
      const found = read()
      const problem = this.unlocked?.problem()
      if (problem !== undefined) throw new StoreFailure(problem)
      return found
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
