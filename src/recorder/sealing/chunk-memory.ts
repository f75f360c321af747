/**
 * The batches of the open chunk and of those that wait for their seal, where they stand, so that they need not be read back
 * from the journal. Holds whole chunks or nothing of them: what does not fit into the process's memory is the journal's alone.
 */
import { Buffer } from 'node:buffer'

import type { Seq } from '../../log/entry.ts'
import type { EntryBatch } from '../feed/entry-log.ts'
import type { HeldBytes } from './held-bytes.ts'

/** What all streams of a process may hold together. */
export const MOST_HELD_BYTES = 64 * 1024 * 1024

interface HeldBatch extends EntryBatch {
  /** Called once, when the records are not looked at any more. */
  readonly free: () => void
}

export class ChunkMemory {
  private readonly heldBytes: HeldBytes
  private batches: HeldBatch[] = []
  /** The last entry of the last chunk that ended. */
  private lastEnd: Seq = 0
  /** Nothing more of the open chunk is held. */
  private isPassed = false
  private isOff = false
  /** Entries up to here may be looked at. */
  private readSeq: Seq = 0

  constructor(heldBytes: HeldBytes) {
    this.heldBytes = heldBytes
  }

  /** Takes the batch that follows, unless there is no room: then it is free at once, with all of its chunk. */
  hold(batch: EntryBatch, free: () => void): void {
    const { records, endsChunk, lastSeq } = batch
    if (!this.isOff && !this.isPassed && records.length > 0) {
      if (this.heldBytes.take(records.length)) this.batches.push({ ...batch, free })
      else {
        this.isPassed = true
        this.letGo((held) => held.lastSeq > this.lastEnd)
        free()
      }
    } else free()
    if (!endsChunk) return
    this.lastEnd = lastSeq
    this.isPassed = false
  }

  /** The entries behind `after`, through `end`, as one piece; undefined: they are not all held. To be read until `release`. */
  recordsOf(after: Seq, end: Seq): Uint8Array | undefined {
    const parts: Uint8Array[] = []
    let lastSeq = after
    for (const batch of this.batches) {
      if (batch.firstSeq !== lastSeq + 1 || batch.lastSeq > end) continue
      parts.push(batch.records)
      lastSeq = batch.lastSeq
    }
    if (lastSeq !== end) return undefined
    this.readSeq = end
    return wholeOf(parts) ?? Buffer.concat(parts)
  }

  /** Entries up to `seq` are not looked at any more. */
  release(seq: Seq): void {
    this.letGo(({ lastSeq }) => lastSeq <= seq)
  }

  /** Nothing more is held from here on, until `goOn`, than what was asked for and not released. */
  letAllGo(): void {
    this.isOff = true
    this.letGo(({ lastSeq }) => lastSeq > this.readSeq)
  }

  /** The next chunk may be held again. */
  goOn(): void {
    if (!this.isOff) return
    this.isOff = false
    this.isPassed = true
  }

  private letGo(isOver: (batch: HeldBatch) => boolean): void {
    const kept: HeldBatch[] = []
    for (const batch of this.batches)
      if (isOver(batch)) {
        this.heldBytes.give(batch.records.length)
        batch.free()
      } else kept.push(batch)
    this.batches = kept
  }
}

/** Parts that stand one behind the other are one piece already. */
const wholeOf = (parts: readonly Uint8Array[]): Uint8Array | undefined => {
  const [first] = parts
  if (first === undefined) return undefined
  let end = first.byteOffset
  for (const part of parts) {
    if (part.buffer !== first.buffer || part.byteOffset !== end) return undefined
    end += part.length
  }
  return new Uint8Array(first.buffer, first.byteOffset, end - first.byteOffset)
}
