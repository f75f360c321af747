/**
 * Numbers and stamps the entries of one stream and packs them into batches. Owns seq, the order of receive times, and
 * where chunks end; where batches go is its user's affair.
 */
import {
  type EntryKind,
  EntryWriter,
  type GiveRoom,
  headRecord,
  RECORD_HEADER_BYTES,
  type Seq,
} from '../../log/entry.ts'
import { type Micros, microsOf } from '../../market/time.ts'
import type { Scheduler } from '../scheduler.ts'

/** Where chunks end: whatever is reached first. `bytes` counts payloads. */
export interface ChunkLimits {
  readonly entries: number
  readonly bytes: number
  readonly milliseconds: number
}

export const CHUNK_LIMITS: ChunkLimits = { entries: 100_000, bytes: 16 * 1024 * 1024, milliseconds: 60_000 }

/** A batch waits for more entries at most this long … */
const FLUSH_MILLISECONDS = 20
/** … or until it holds this many bytes. */
const FLUSH_BYTES = 256 * 1024

/** Packed records as those see them who read them in place; where they stand is used again when all have. */
export interface EntryBatch {
  readonly records: Uint8Array
  /** lastSeq + 1 when there are no records. */
  readonly firstSeq: Seq
  readonly lastSeq: Seq
  /** A chunk ends with `lastSeq`. */
  readonly endsChunk: boolean
}

export interface EntryLogOptions {
  readonly lastSeq: Seq
  /** Times of new entries are never below this. */
  readonly lastReceiveTime: Micros
  readonly now: () => Micros
  readonly scheduler: Scheduler
  readonly limits?: ChunkLimits
  /** Where entries are packed, each chunk beginning a room; left out: each batch in memory of its own. */
  readonly giveRoom?: GiveRoom
  readonly onBatch: (batch: EntryBatch) => void
}

export const NO_RECORDS = new Uint8Array(0)

export class EntryLog {
  private lastSeq: Seq
  private lastReceiveTime: Micros
  private readonly options: EntryLogOptions
  private readonly limits: ChunkLimits
  private readonly writer: EntryWriter
  private chunkEntries = 0
  private chunkBytes = 0
  private cancelFlush: (() => void) | undefined
  private cancelChunkEnd: (() => void) | undefined

  constructor(options: EntryLogOptions) {
    this.options = options
    this.limits = options.limits ?? CHUNK_LIMITS
    this.writer = new EntryWriter(undefined, options.giveRoom)
    this.lastSeq = options.lastSeq
    this.lastReceiveTime = options.lastReceiveTime
  }

  /** Adds an entry, its bytes copied. `time`: when it was received; left out: now. */
  append(
    kind: EntryKind,
    connection: number,
    payload: Uint8Array,
    isBinary = false,
    time: Micros = this.options.now(),
  ): void {
    if (this.wouldBurst(payload.length)) this.flush(true)
    this.number(time)
    this.writer.append(kind, this.lastSeq, this.lastReceiveTime, connection, payload, isBinary)
    if (this.fills(payload.length)) this.flush(true)
    else if (this.writer.byteLength >= FLUSH_BYTES) this.flush()
    else
      this.cancelFlush ??= this.options.scheduler.after(FLUSH_MILLISECONDS, () => {
        this.flush()
      })
  }

  /** Adds an entry whose payload stands behind RECORD_HEADER_BYTES of room, received now: handed on at once, in its own memory. */
  appendRecord(kind: EntryKind, connection: number, record: Uint8Array): void {
    const bytes = record.length - RECORD_HEADER_BYTES
    this.flush(this.wouldBurst(bytes))
    this.number(this.options.now())
    headRecord(record, kind, this.lastSeq, this.lastReceiveTime, connection)
    const endsChunk = this.fills(bytes)
    if (endsChunk) this.endChunk()
    this.options.onBatch({ records: record, firstSeq: this.lastSeq, lastSeq: this.lastSeq, endsChunk })
  }

  /** A payload that would burst the open chunk begins the next one. */
  private wouldBurst(bytes: number): boolean {
    return this.chunkEntries > 0 && this.chunkBytes + bytes > this.limits.bytes
  }

  private number(time: Micros): void {
    if (time > this.lastReceiveTime) this.lastReceiveTime = time
    this.lastSeq++
  }

  /** Counts an entry; true when the chunk is full with it. */
  private fills(bytes: number): boolean {
    if (this.chunkEntries === 0) this.beginChunk()
    this.chunkEntries++
    this.chunkBytes += bytes
    return this.chunkEntries >= this.limits.entries || this.chunkBytes >= this.limits.bytes
  }

  /** Hands on what waits. Every later entry has a later time than the one this gives. */
  passInstant(): Micros {
    const passed = Math.max(this.options.now(), this.lastReceiveTime)
    this.lastReceiveTime = microsOf(passed + 1)
    this.flush()
    return microsOf(passed)
  }

  private beginChunk(): void {
    this.cancelChunkEnd = this.options.scheduler.after(this.limits.milliseconds, () => {
      this.flush(true)
    })
  }

  private endChunk(): void {
    this.chunkEntries = 0
    this.chunkBytes = 0
    this.writer.leaveRoom()
    this.cancelChunkEnd?.()
    this.cancelChunkEnd = undefined
  }

  /** Hands on what waits. `isEnd`: the open chunk, if any, ends here. */
  flush(isEnd = false): void {
    this.cancelFlush?.()
    this.cancelFlush = undefined
    const firstSeq = this.lastSeq - this.writer.entryCount + 1
    const records = this.writer.take()
    const isChunkEnd = isEnd && this.chunkEntries > 0
    if (isChunkEnd) this.endChunk()
    if (records === undefined && !isChunkEnd) return
    this.options.onBatch({
      records: records ?? NO_RECORDS,
      firstSeq,
      lastSeq: this.lastSeq,
      endsChunk: isChunkEnd,
    })
  }
}
