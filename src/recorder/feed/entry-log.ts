/**
 * Numbers and stamps the entries of one stream and packs them into batches. Owns seq, the order of receive times, and
 * where chunks end; where batches go is its user's affair.
 */
import { type EntryKind, EntryWriter, type GiveRoom, type Seq } from '../../log/entry.ts'
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
    // A payload that would burst the open chunk begins the next one.
    if (this.chunkEntries > 0 && this.chunkBytes + payload.length > this.limits.bytes) this.flush(true)
    if (time > this.lastReceiveTime) this.lastReceiveTime = time
    this.lastSeq++
    this.writer.append(kind, this.lastSeq, this.lastReceiveTime, connection, payload, isBinary)
    if (this.chunkEntries === 0) this.beginChunk()
    this.chunkEntries++
    this.chunkBytes += payload.length
    const isFull = this.chunkEntries >= this.limits.entries || this.chunkBytes >= this.limits.bytes
    if (isFull) this.flush(true)
    else if (this.writer.byteLength >= FLUSH_BYTES) this.flush()
    else
      this.cancelFlush ??= this.options.scheduler.after(FLUSH_MILLISECONDS, () => {
        this.flush()
      })
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

  /** Hands on what waits. `isEnd`: the open chunk, if any, ends here. */
  flush(isEnd = false): void {
    this.cancelFlush?.()
    this.cancelFlush = undefined
    const firstSeq = this.lastSeq - this.writer.entryCount + 1
    const records = this.writer.take()
    const isChunkEnd = isEnd && this.chunkEntries > 0
    if (isChunkEnd) {
      this.chunkEntries = 0
      this.chunkBytes = 0
      this.writer.leaveRoom()
      this.cancelChunkEnd?.()
      this.cancelChunkEnd = undefined
    }
    if (records === undefined && !isChunkEnd) return
    this.options.onBatch({
      records: records ?? NO_RECORDS,
      firstSeq,
      lastSeq: this.lastSeq,
      endsChunk: isChunkEnd,
    })
  }
}
