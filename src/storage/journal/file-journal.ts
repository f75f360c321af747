/**
 * The Journal on local files: blocks appended to one file after another. Writing and syncing run beside each other, so
 * that a slow sync never keeps entries from the operating system. Recovery is journal-segments', ownership owner-lock's.
 */
import { Buffer } from 'node:buffer'
import { statSync, unlinkSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { join } from 'node:path'

import { left, right } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

import type { Seq } from '../../log/entry.ts'
import { type StoreError, StoreFailure } from '../../log/event-store.ts'
import type { Journal, JournaledBatch } from '../../log/journal.ts'
import type { SealedSpool } from '../../log/sealed-spool.ts'
import type { StreamId } from '../../market/instrument.ts'
import { storeErrorOf } from '../disk-errors.ts'
import { makeFolder } from '../make-folder.ts'
import { networkProblem } from '../network-file-system.ts'
import { blockHead } from './journal-block.ts'
import { readSegments, recoverSegments, type Segment, segmentAt } from './journal-segments.ts'
import { type Release, takeStream } from './owner-lock.ts'
import { SealedFile } from './sealed-file.ts'

/** A file is closed and the next begun at this size. */
const SEGMENT_BYTES = 64 * 1024 * 1024
/** The system takes no more parts than this in one write. */
const MOST_PARTS = 1000
/** A file this large is closed when earlier entries are discarded, so that the next discard can remove it. */
const SMALL_SEGMENT_BYTES = 4 * 1024 * 1024

export interface FileJournalOptions {
  /** Milliseconds until written entries are on disk. */
  readonly durability?: number
  /** Sealed chunks are fixed here before they are sent: for a store on another machine. */
  readonly keepsSealed?: boolean
}

/** Opens the journal of a stream under a folder (made where there is none) and takes the stream for this process. */
export const openFileJournal =
  (
    folder: string,
    stream: StreamId,
    { durability = 200, keepsSealed = false }: FileJournalOptions = {},
  ): TaskEither<StoreError, Journal> =>
  async () => {
    let release: Release | undefined
    const network = networkProblem(folder)
    if (network !== undefined) return left(network)
    try {
      const own = join(folder, encodeURIComponent(stream))
      makeFolder(own)
      release = await takeStream(folder, stream)
      const { segments, lastSeq } = recoverSegments(own, stream)
      const journal = new FileJournal(own, stream, durability, segments, lastSeq, release)
      if (keepsSealed) journal.sealedSpool = new SealedFile(own)
      return right(journal)
    } catch (error) {
      await release?.().catch(() => undefined)
      return left(storeErrorOf(error, folder))
    }
  }

class FileJournal implements Journal {
  sealedSpool: SealedSpool | undefined
  private readonly folder: string
  private readonly stream: StreamId
  private readonly durability: number
  private readonly release: Release
  private readonly segments: Segment[]
  private file: FileHandle | undefined
  private fileBytes = 0
  private wantsNewFile = true
  private last: Seq
  private queue: { readonly firstSeq: Seq; readonly head: Buffer; readonly batch: Uint8Array }[] = []
  // Bytes found at opening, ever appended, of those written, of those synced; and of all these, freed.
  private readonly foundBytes: number
  private freedBytes = 0
  private appendedBytes = 0
  private writtenBytes = 0
  private syncedBytes = 0
  private writing: Promise<void> | undefined
  private syncing: Promise<void> | undefined
  private timer: NodeJS.Timeout | undefined
  private problem: StoreError | undefined
  private isClosed = false

  constructor(
    folder: string,
    stream: StreamId,
    durability: number,
    segments: Segment[],
    lastSeq: Seq,
    release: Release,
  ) {
    this.folder = folder
    this.stream = stream
    this.durability = durability
    this.segments = segments
    this.last = lastSeq
    this.release = release
    this.foundBytes = segments.reduce((sum, { path }) => sum + statSync(path).size, 0)
  }

  readonly lastSeq = (): Seq => this.last

  readonly pendingBytes = (): number => this.appendedBytes - this.writtenBytes

  readonly heldBytes = (): number => this.foundBytes + this.appendedBytes - this.freedBytes

  readonly failure = (): StoreError | undefined => this.problem

  readonly append = (batch: Uint8Array, firstSeq: Seq, lastSeq: Seq): void => {
    this.throwFailure()
    const follows = this.last === 0 ? firstSeq >= 1 : firstSeq === this.last + 1
    if (!follows || lastSeq < firstSeq || batch.length === 0)
      throw new Error(
        `entries ${String(firstSeq)} to ${String(lastSeq)} do not follow entry ${String(this.last)}`,
      )
    const head = blockHead(batch, firstSeq, lastSeq)
    this.queue.push({ firstSeq, head, batch })
    this.appendedBytes += head.length + batch.length
    this.last = lastSeq
    this.writing ??= this.writeQueue()
  }

  readonly written = async (): Promise<void> => {
    const target = this.appendedBytes
    while (this.writtenBytes < target && this.problem === undefined)
      await (this.writing ??= this.writeQueue())
    this.throwFailure()
  }

  readonly flushed = async (): Promise<void> => {
    const target = this.appendedBytes
    await this.written()
    await this.syncUpTo(target)
    this.throwFailure()
  }

  readonly read = async function* (this: FileJournal, seq: Seq): AsyncGenerator<JournaledBatch> {
    const upTo = this.last
    await this.written()
    yield* readSegments([...this.segments], this.stream, seq, upTo)
  }.bind(this)

  readonly discardThrough = async (seq: Seq): Promise<void> => {
    this.throwFailure()
    if (seq > this.last) await this.startBehind(seq)
    if (this.fileBytes > SMALL_SEGMENT_BYTES) this.wantsNewFile = true
    for (;;) {
      const [oldest, next] = this.segments
      if (oldest === undefined || next === undefined || next.firstSeq > seq + 1) return
      try {
        this.free(oldest)
      } catch (error) {
        throw new StoreFailure(storeErrorOf(error, oldest.path))
      }
      this.segments.shift()
    }
  }

  // The stream went on without this journal (an import): what it holds is kept elsewhere, and entry seq + 1 is next.
  private async startBehind(seq: Seq): Promise<void> {
    await this.flushed()
    await this.file?.close()
    this.file = undefined
    this.wantsNewFile = true
    for (const segment of this.segments.splice(0)) this.free(segment)
    this.last = seq
  }

  private free({ path }: Segment): void {
    const { size } = statSync(path)
    unlinkSync(path)
    this.freedBytes += size
  }

  readonly close = async (): Promise<void> => {
    if (this.isClosed) return
    try {
      await this.flushed()
    } finally {
      this.isClosed = true
      clearTimeout(this.timer)
      await this.file?.close().catch(() => undefined)
      await this.release().catch(() => undefined)
    }
  }

  // Everything that queued up while one write ran goes into the next one.
  private async writeQueue(): Promise<void> {
    // Lets the caller set `writing` first, and gathers what is appended in the same turn.
    await Promise.resolve()
    try {
      while (this.queue.length > 0 && this.problem === undefined) {
        const blocks = this.queue
        this.queue = []
        if (this.wantsNewFile || this.fileBytes >= SEGMENT_BYTES)
          await this.beginFile(blocks[0]?.firstSeq ?? 0)
        const bytes = await this.write(blocks.flatMap(({ head, batch }) => [head, batch]))
        this.fileBytes += bytes
        this.writtenBytes += bytes
        this.timer ??= setTimeout(this.syncLater, this.durability)
      }
    } catch (error) {
      this.fail(error)
    } finally {
      this.writing = undefined
    }
  }

  // Without joining the parts first: batches are large, and a copy of each would cost more than the write.
  private async write(parts: readonly Uint8Array[]): Promise<number> {
    let written = 0
    for (let first = 0; first < parts.length; first += MOST_PARTS) {
      const some = parts.slice(first, first + MOST_PARTS)
      const wanted = some.reduce((sum, { length }) => sum + length, 0)
      const done = (await this.file?.writev(some))?.bytesWritten ?? 0
      // A disk that takes a part only is full, or about to be: what is left is written whole or fails.
      if (done < wanted) await this.file?.appendFile(Buffer.concat(some).subarray(done))
      written += wanted
    }
    return written
  }

  private async beginFile(firstSeq: Seq): Promise<void> {
    await this.syncUpTo(this.writtenBytes)
    this.throwFailure()
    const finished = this.file
    this.file = undefined
    await finished?.close()
    const segment = segmentAt(this.folder, firstSeq)
    this.file = await open(segment.path, 'ax')
    this.segments.push(segment)
    this.fileBytes = 0
    this.wantsNewFile = false
    const folder = await open(this.folder, 'r')
    await folder.sync()
    await folder.close()
  }

  private readonly syncLater = (): void => {
    this.timer = undefined
    void this.syncUpTo(this.writtenBytes)
  }

  private async syncUpTo(target: number): Promise<void> {
    while (this.syncedBytes < target && this.problem === undefined) await (this.syncing ??= this.sync())
  }

  // Without an open file everything written is synced: beginFile syncs before it closes.
  private async sync(): Promise<void> {
    await Promise.resolve()
    const covered = this.writtenBytes
    try {
      await this.file?.datasync()
      this.syncedBytes = covered
    } catch (error) {
      this.fail(error)
    } finally {
      this.syncing = undefined
    }
  }

  private fail(error: unknown): void {
    this.problem ??= storeErrorOf(error, this.folder)
    this.queue = []
    clearTimeout(this.timer)
    this.timer = undefined
  }

  private throwFailure(): void {
    if (this.problem !== undefined) throw new StoreFailure(this.problem)
    if (this.isClosed) throw new Error(`the journal ${this.folder} is closed`)
  }
}
