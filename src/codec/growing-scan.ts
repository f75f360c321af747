/**
 * A ChunkScan whose chunk is still being recorded: takes the batches as they come, so that what a decoder reads of them
 * need not be scanned again when the chunk is sealed. Holds a copy of the records.
 */
import { ChunkScan } from './chunk-scan.ts'

const FIRST_BYTES = 64 * 1024
/** Larger memory is not kept. */
const LARGEST_KEPT = 2 ** 25

/** Memory for the next chunk: fresh memory, grown step by step, costs more than the copies made in it. */
let kept = new Uint8Array(0)

export class GrowingScan extends ChunkScan {
  private room: Uint8Array<ArrayBuffer>

  constructor() {
    const room = kept.length > 0 ? kept : new Uint8Array(FIRST_BYTES)
    kept = new Uint8Array(0)
    super(room.subarray(0, 0))
    this.room = room
  }

  /** Puts packed records behind those so far, copied; `next` goes on with them. */
  extend(records: Uint8Array): void {
    const held = this.packed.length
    const length = held + records.length
    if (length > this.room.length) {
      const larger = new Uint8Array(Math.max(length, this.room.length * 2))
      larger.set(this.packed)
      this.room = larger
    }
    this.room.set(records, held)
    this.lookAt(this.room.subarray(0, length))
  }

  /** The first entry; none yet: 1 behind the last. */
  get firstSeq(): number {
    return this.seq - this.entries + 1
  }

  override release(): void {
    super.release()
    if (this.room.length > kept.length && this.room.length <= LARGEST_KEPT) kept = this.room
  }
}
