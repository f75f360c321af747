/**
 * The rooms of shared memory that one feed packs its entries into: a room a chunk, where its size could be foreseen. Owns
 * when a room may be used again; who reads in it, and gives it back, is the carrier's to know.
 */
import type { CarriedBatch, RoomPart } from './carried-batch.ts'
import type { EntryBatch } from './entry-log.ts'

const STEP_BYTES = 64 * 1024
const FIRST_BYTES = 256 * 1024
/** Chunks end before they need more; a single entry may. */
const MOST_BYTES = 20 * 1024 * 1024
/** A chunk may grow by this much over the one before it and still stand in one room. */
const HEADROOM = 1.125
/** So many rooms are kept for the next chunks … */
const MOST_FREE = 2
/** … that are not larger than what is looked for by more than this. */
const TOO_LARGE = 4

interface Room {
  readonly number: number
  readonly memory: SharedArrayBuffer
  isShown: boolean
  readonly isAdopted: boolean
  /** How often it has to be given back still. */
  uses: number
}

export class BatchRooms {
  private readonly rooms = new Map<number, Room>()
  private free: Room[] = []
  private gone: number[] = []
  /** The one that is packed into. */
  private open: Room | undefined
  private lastNumber = 0
  private chunkBytes = 0
  private expectedBytes = FIRST_BYTES

  /** The next room to pack into; the one before is left. */
  readonly give = (bytes: number): Uint8Array => {
    this.leave()
    // Whoever outgrows what was foreseen gets as much again.
    const foreseen = this.chunkBytes === 0 ? this.expectedBytes : this.chunkBytes
    const wanted = Math.ceil(Math.max(bytes, Math.min(foreseen, MOST_BYTES)) / STEP_BYTES) * STEP_BYTES
    const room = this.takeFree(wanted) ?? this.build(wanted)
    this.open = room
    return new Uint8Array(room.memory)
  }

  /** How a batch that was packed here is carried to `users`, each of whom gives it back. */
  carry({ records, firstSeq, lastSeq, endsChunk }: EntryBatch, users: number): CarriedBatch {
    const part = records.length === 0 ? undefined : this.partOf(records, users)
    if (records.buffer === this.open?.memory) this.chunkBytes += records.length
    if (endsChunk) {
      this.leave()
      this.expectedBytes = this.chunkBytes * HEADROOM
      this.chunkBytes = 0
    }
    return { part, firstSeq, lastSeq, endsChunk }
  }

  /** One batch that was carried in it is not read any more by one of those it was carried to. */
  giveBack(number: number): void {
    const room = this.rooms.get(number)
    if (room === undefined) return
    room.uses--
    this.keep(room)
  }

  /** Of all rooms, used or not. */
  get bytes(): number {
    let bytes = 0
    for (const { memory } of this.rooms.values()) bytes += memory.byteLength
    return bytes
  }

  private partOf(records: Uint8Array, users: number): RoomPart {
    const room = records.buffer === this.open?.memory ? this.open : this.adopt(records)
    room.uses += users
    const { gone } = this
    if (gone.length > 0) this.gone = []
    const part: RoomPart = {
      room: room.number,
      start: records.byteOffset,
      length: records.length,
      ...(room.isShown ? {} : { memory: room.memory }),
      ...(gone.length > 0 ? { gone } : {}),
    }
    room.isShown = true
    return part
  }

  private leave(): void {
    const room = this.open
    this.open = undefined
    if (room !== undefined) this.keep(room)
  }

  /** For the next chunks, unless it is in use. */
  private keep(room: Room): void {
    if (room.uses > 0 || room === this.open) return
    if (room.isAdopted) {
      this.drop(room)
      return
    }
    this.free.push(room)
    if (this.free.length > MOST_FREE) this.drop(this.free.shift())
  }

  /** Shared memory that was not packed here is carried once, and nothing is packed there. */
  private adopt({ buffer }: Uint8Array): Room {
    if (!(buffer instanceof SharedArrayBuffer)) throw new Error('a batch is carried that is in no room')
    return this.add({ number: ++this.lastNumber, memory: buffer, isShown: false, isAdopted: true, uses: 0 })
  }

  private takeFree(wanted: number): Room | undefined {
    const fitting = this.free.find(
      ({ memory }) => memory.byteLength >= wanted && memory.byteLength <= wanted * TOO_LARGE,
    )
    const others = this.free.filter((room) => room !== fitting)
    this.free = []
    for (const room of others)
      if (room.memory.byteLength > wanted * TOO_LARGE) this.drop(room)
      else this.free.push(room)
    return fitting
  }

  private build(bytes: number): Room {
    const memory = new SharedArrayBuffer(bytes)
    return this.add({ number: ++this.lastNumber, memory, isShown: false, isAdopted: false, uses: 0 })
  }

  private add(room: Room): Room {
    this.rooms.set(room.number, room)
    return room
  }

  private drop(room: Room | undefined): void {
    if (room === undefined) return
    this.rooms.delete(room.number)
    if (room.isShown) this.gone.push(room.number)
  }
}
