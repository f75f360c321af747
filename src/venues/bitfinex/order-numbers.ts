/**
 * Handles of orders whose ids are numbers: the table of market/order-ids.ts without a text per lookup. Saves the same
 * bytes. Handles are reused after release.
 */
import { HELD, readIds, writeIds } from '../../market/order-id-bytes.ts'
import { NO_ORDER, type OrderHandle } from '../../market/order-ids.ts'
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'

/** Slots at first; a power of two, as it always is. */
const FIRST_SLOTS = 1024
/** Odd: 2^32 divided by the golden ratio. */
const SPREAD = 0x9e3779b1
const TWO_32 = 2 ** 32
const EMPTY = -1

/** Whole numbers from 0 to 2^53 - 1. A Map would make an object of each that passes 2^31. */
export class OrderNumbers {
  /** Ids in their slots, by open addressing; EMPTY where none is. */
  private slots = new Float64Array(FIRST_SLOTS).fill(EMPTY)
  private slotHandles = new Int32Array(FIRST_SLOTS)
  private held = 0
  private ids: (number | undefined)[] = []
  private free: OrderHandle[] = []

  /** How many ids are held. */
  get size(): number {
    return this.held
  }

  /** Where the search for an id begins. */
  private home(id: number): number {
    const mixed = Math.imul((id | 0) ^ Math.floor(id / TWO_32), SPREAD)
    return (mixed ^ (mixed >>> 15)) & (this.slots.length - 1)
  }

  /** The id's slot, or the empty one where it belongs. */
  private slotOf(id: number): number {
    const { slots } = this
    let slot = this.home(id)
    while (slots[slot] !== id && slots[slot] !== EMPTY) slot = (slot + 1) & (slots.length - 1)
    return slot
  }

  /** The id's handle, or NO_ORDER. */
  find(id: number): OrderHandle {
    const slot = this.slotOf(id)
    return this.slots[slot] === EMPTY ? NO_ORDER : (this.slotHandles[slot] ?? NO_ORDER)
  }

  /** The id's handle; a new one when the id is not held yet. */
  add(id: number): OrderHandle {
    const known = this.find(id)
    if (known !== NO_ORDER) return known
    const handle = this.free.pop() ?? this.ids.length
    this.ids[handle] = id
    this.put(id, handle)
    return handle
  }

  private put(id: number, handle: OrderHandle): void {
    if (this.held * 2 >= this.slots.length) this.grow()
    const slot = this.slotOf(id)
    if (this.slots[slot] === EMPTY) this.held++
    this.slots[slot] = id
    this.slotHandles[slot] = handle
  }

  private grow(): void {
    this.clearSlots(this.slots.length * 2)
    for (const [handle, id] of this.ids.entries()) if (id !== undefined) this.put(id, handle)
  }

  private clearSlots(length: number): void {
    this.slots = new Float64Array(length).fill(EMPTY)
    this.slotHandles = new Int32Array(length)
    this.held = 0
  }

  /** The id behind a handle. Throws when the handle is not held. */
  id(handle: OrderHandle): number {
    const id = this.ids[handle]
    if (id === undefined) throw new Error(`order handle ${String(handle)} is not held`)
    return id
  }

  /** Gives up an id; nothing happens when the handle is not held. */
  release(handle: OrderHandle): void {
    const id = this.ids[handle]
    if (id === undefined) return
    this.ids[handle] = undefined
    this.free.push(handle)
    this.vacate(this.slotOf(id))
    this.held--
  }

  /** Moves ids behind the slot up, so that no search ends too early. */
  private vacate(hole: number): void {
    const { slots, slotHandles } = this
    const mask = slots.length - 1
    for (let slot = (hole + 1) & mask; slots[slot] !== EMPTY; slot = (slot + 1) & mask) {
      const id = slots[slot] ?? EMPTY
      // It may not move before its home.
      if (((slot - this.home(id)) & mask) < ((slot - hole) & mask)) continue
      slots[hole] = id
      slotHandles[hole] = slotHandles[slot] ?? 0
      hole = slot
    }
    slots[hole] = EMPTY
  }

  /** Writes the table, the order in which free handles will be used again included. */
  save(writer: StateWriter): void {
    const numbers: number[] = []
    const kinds = Uint8Array.from(this.ids, (id) => {
      if (id === undefined) return HELD.nothing
      numbers.push(id)
      return HELD.number
    })
    writeIds(writer, { kinds, uuids: new Uint8Array(0), numbers, texts: [], free: this.free })
  }

  /** Becomes the table that was saved. Throws RangeError when the bytes are cut or hold no such table. */
  restore(reader: StateReader): void {
    const { kinds, numbers, uuids, texts, free } = readIds(reader)
    if (uuids.length > 0 || texts.length > 0)
      throw new RangeError('saved order ids are of another kind of table')
    this.ids = []
    this.free = Array.from(free)
    this.clearSlots(FIRST_SLOTS)
    let next = 0
    for (const [handle, kind] of kinds.entries()) {
      const id = kind === HELD.number ? numbers[next++] : undefined
      this.ids.push(id)
      if (id !== undefined) this.put(id, handle)
    }
    if (this.held + free.length !== kinds.length)
      throw new RangeError('saved order ids contradict themselves')
  }
}
