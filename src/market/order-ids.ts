/**
 * Venue order ids as small integer handles. A decoder owns one table per book: an id is added when its order rests
 * and released when its life on the book ends; books speak of handles only. Handles are reused after release.
 */
import type { StateReader, StateWriter } from './state-bytes.ts'

/** Stands for an order: a small whole number, valid while the order rests. */
export type OrderHandle = number

/** No order: what `find` returns for an unknown id, and the maker of a trade the venue does not name. */
export const NO_ORDER: OrderHandle = -1

export class OrderIds {
  private handles = new Map<string, OrderHandle>()
  private texts: (string | undefined)[] = []
  private free: OrderHandle[] = []

  /** How many ids are held. */
  get size(): number {
    return this.handles.size
  }

  /** The id's handle, or NO_ORDER. */
  find(id: string): OrderHandle {
    return this.handles.get(id) ?? NO_ORDER
  }

  /** The id's handle; a new one when the id is not held yet. */
  add(id: string): OrderHandle {
    const known = this.handles.get(id)
    if (known !== undefined) return known
    const handle = this.free.pop() ?? this.texts.length
    this.texts[handle] = id
    this.handles.set(id, handle)
    return handle
  }

  /** The id behind a handle. Throws when the handle is not held. */
  text(handle: OrderHandle): string {
    const id = this.texts[handle]
    if (id === undefined) throw new Error(`order handle ${String(handle)} is not held`)
    return id
  }

  /** Gives up an id; nothing happens when the handle is not held. */
  release(handle: OrderHandle): void {
    const id = this.texts[handle]
    if (id === undefined) return
    this.handles.delete(id)
    this.texts[handle] = undefined
    this.free.push(handle)
  }

  clear(): void {
    this.handles = new Map()
    this.texts = []
    this.free = []
  }

  /** Writes the table, the order in which free handles will be used again included. */
  save(writer: StateWriter): void {
    writer.uint(this.texts.length)
    // What is free is told by the list of free handles: an empty text may be a venue's id.
    for (const id of this.texts) writer.text(id ?? '')
    writer.uint(this.free.length)
    for (const handle of this.free) writer.uint(handle)
  }

  /** Becomes the table that was saved. Throws RangeError when the bytes are cut or hold no such table. */
  restore(reader: StateReader): void {
    this.clear()
    const length = reader.uint()
    for (let handle = 0; handle < length; handle++) this.texts.push(reader.text())
    const free = reader.uint()
    for (let index = 0; index < free; index++) {
      const handle = reader.uint()
      if (handle >= length) throw new RangeError('saved order ids contradict themselves')
      this.free.push(handle)
      this.texts[handle] = undefined
    }
    for (const [handle, id] of this.texts.entries()) {
      if (id !== undefined) this.handles.set(id, handle)
    }
  }
}
