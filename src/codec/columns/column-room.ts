/**
 * Memory for the arrays of opened chunks, used again once a chunk is done with: fresh memory costs more than what is done
 * in it. It is shared memory: another thread gets it without a copy, and nothing is detached, for in a thread where any
 * array was ever detached, every typed array is read more slowly.
 */

/** Rooms that wait for their next chunk; one more is left to the garbage collector. */
const MOST_KEPT = 4
/** Larger rooms are not kept. */
const LARGEST_KEPT = 2 ** 26
/** Room for chunks that are somewhat larger than the one it was made for. */
const SPARE = 1.25

const kept: SharedArrayBuffer[] = []

/** The arrays of one chunk: until they are filled their content is whatever was left in them. */
export interface ColumnRoom {
  /** Where all of them stand: see `giveRoom`. */
  readonly room: SharedArrayBuffer
  /** By entry. */
  readonly receiveTimes: Float64Array
  /** As in a record, kind and flags × 256. */
  readonly kindsAndFlags: Uint16Array
  readonly connections: Uint32Array
  /** The template; -1 - k: the payload number k of those that stayed verbatim. */
  readonly templates: Int32Array
  /** Where its row begins; one more than there are entries. */
  readonly rowStarts: Int32Array
  /** By scalar. */
  readonly values: Float64Array
  readonly scales: Uint8Array
}

/** Where rooms come from: at least so many bytes. */
export type TakeRoom = (bytes: number) => SharedArrayBuffer

const keptRoom: TakeRoom = (bytes) => {
  const place = kept.findIndex((room) => room.byteLength >= bytes)
  const [found] = place < 0 ? [] : kept.splice(place, 1)
  if (found !== undefined) return found
  // One that is too small now will be so for the chunks to come.
  kept.shift()
  return new SharedArrayBuffer(Math.ceil(bytes * SPARE))
}

/** A kept room that holds nothing any more in the bytes asked for. */
export const clearedRoom: TakeRoom = (bytes) => {
  const room = keptRoom(bytes)
  new Uint8Array(room, 0, bytes).fill(0)
  return room
}

/** Nobody reads the chunk in this room any more. */
export const giveRoom = (room: SharedArrayBuffer): void => {
  if (kept.length < MOST_KEPT && room.byteLength <= LARGEST_KEPT) kept.push(room)
}

export const columnRoom = (entries: number, scalars: number, take: TakeRoom = keptRoom): ColumnRoom => {
  const lengths = [
    8 * scalars,
    8 * entries,
    4 * entries,
    4 * entries,
    4 * (entries + 1),
    2 * entries,
    scalars,
  ]
  const starts = lengths.map((_, part) => lengths.slice(0, part).reduce((sum, bytes) => sum + bytes, 0))
  const room = take(lengths.reduce((sum, bytes) => sum + bytes, 0))
  const [values, receiveTimes, connections, templates, rowStarts, kindsAndFlags, scales] = starts
  return {
    room,
    values: new Float64Array(room, values, scalars),
    receiveTimes: new Float64Array(room, receiveTimes, entries),
    connections: new Uint32Array(room, connections, entries),
    templates: new Int32Array(room, templates, entries),
    rowStarts: new Int32Array(room, rowStarts, entries + 1),
    kindsAndFlags: new Uint16Array(room, kindsAndFlags, entries),
    scales: new Uint8Array(room, scales, scalars),
  }
}
