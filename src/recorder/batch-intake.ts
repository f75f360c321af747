/**
 * Journals the batches of one stream as they come, and says when they are written and when nobody reads them any more in
 * the journal's thread. What a failure means for the stream is its recorder's.
 */
import type { Seq } from '../log/entry.ts'
import type { Journal } from '../log/journal.ts'
import { type CarriedBatch, SeenRooms } from './feed/carried-batch.ts'
import type { EntryBatch } from './feed/entry-log.ts'
import type { ChunkMemory } from './sealing/chunk-memory.ts'
import type { ToFeed } from './thread-messages.ts'

export interface BatchIntakeOptions {
  readonly journal: Journal
  readonly memory: ChunkMemory
  readonly tellFeed: (message: ToFeed) => void
  /** The journal has the batch, in memory at least. */
  readonly onTaken: (batch: EntryBatch) => void
  /** Nothing more can be journaled; told once. */
  readonly onFailure: (error: unknown) => void
}

export class BatchIntake {
  /** The last entry that is with the operating system. */
  writtenSeq: Seq = 0
  private readonly options: BatchIntakeOptions
  private readonly rooms = new SeenRooms()
  private hasFailed = false

  constructor(options: BatchIntakeOptions) {
    this.options = options
  }

  takeCarried(carried: CarriedBatch): void {
    const room = carried.part?.room
    const batch = this.rooms.open(carried)
    const { tellFeed } = this.options
    this.take(
      batch,
      () => {
        tellFeed({ kind: 'written', bytes: batch.records.length })
      },
      () => {
        if (room !== undefined) tellFeed({ kind: 'freed', room })
      },
    )
  }

  /** `onFreed`: its memory may be used again. */
  take(batch: EntryBatch, onWritten?: () => void, onFreed?: () => void): void {
    const { journal, memory, onTaken } = this.options
    const { records, firstSeq, lastSeq } = batch
    if (this.hasFailed) return
    try {
      if (records.length > 0) journal.append(records, firstSeq, lastSeq)
      memory.hold(batch, () => {
        // Also behind the end of the journal, when a seal that was asked for before is over; a failure is told below.
        if (onFreed !== undefined) journal.written().then(onFreed, () => undefined)
      })
      onTaken(batch)
      this.onceWritten(() => {
        this.writtenSeq = Math.max(this.writtenSeq, lastSeq)
        onWritten?.()
      })
    } catch (error) {
      this.fail(error)
    }
  }

  private onceWritten(action: () => void): void {
    this.options.journal.written().then(action, (error: unknown) => {
      this.fail(error)
    })
  }

  private fail(error: unknown): void {
    if (this.hasFailed) return
    this.hasFailed = true
    this.options.onFailure(error)
  }
}
