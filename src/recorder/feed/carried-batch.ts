/** Batches between threads: where their records stand in rooms of shared memory, so that nothing is copied to carry them. */
import type { Seq } from '../../log/entry.ts'
import { type EntryBatch, NO_RECORDS } from './entry-log.ts'

/** Where records stand. What stands there does not change until everybody whom it was carried to gave it back. */
export interface RoomPart {
  readonly room: number
  readonly start: number
  readonly length: number
  /** The room itself, the first time that something in it is carried. */
  readonly memory?: SharedArrayBuffer | undefined
  /** Rooms that nothing will be carried in any more. */
  readonly gone?: readonly number[] | undefined
}

/** An EntryBatch on its way; `part` is undefined where there are no records. */
export interface CarriedBatch {
  readonly part: RoomPart | undefined
  readonly firstSeq: Seq
  readonly lastSeq: Seq
  readonly endsChunk: boolean
}

/** The rooms of one feed as somebody sees them whom all its batches are carried to. */
export class SeenRooms {
  private readonly rooms = new Map<number, SharedArrayBuffer>()

  /** The batch, its records in place. */
  open({ part, firstSeq, lastSeq, endsChunk }: CarriedBatch): EntryBatch {
    return { records: part === undefined ? NO_RECORDS : this.recordsAt(part), firstSeq, lastSeq, endsChunk }
  }

  private recordsAt({ room, start, length, memory, gone }: RoomPart): Uint8Array {
    if (gone !== undefined) for (const old of gone) this.rooms.delete(old)
    if (memory !== undefined) this.rooms.set(room, memory)
    const seen = this.rooms.get(room)
    if (seen === undefined)
      throw new Error(`a batch was carried in room ${String(room)}, which was never shown`)
    return new Uint8Array(seen, start, length)
  }
}
