/**
 * Venue order ids as small integer handles. A decoder owns one table per book: an id is added when its order rests
 * and released when its life on the book ends; books speak of handles only. Handles are reused after release.
 */
import { HELD, isNumberText, readIds, writeIds } from './order-id-bytes.ts'
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
    const numbers: number[] = []
    const texts: string[] = []
    const kinds = Uint8Array.from(this.texts, (id) => {
      if (id === undefined) return HELD.nothing
      if (!isNumberText(id)) {
        texts.push(id)
        return HELD.text
      }
      numbers.push(Number(id))
      return HELD.number
    })
    writeIds(writer, { kinds, uuids: new Uint8Array(0), numbers, texts, free: this.free })
  }

  /** Becomes the table that was saved. Throws RangeError when the bytes are cut or hold no such table. */
  restore(reader: StateReader): void {
    this.clear()
    const { kinds, uuids, numbers, texts, free } = readIds(reader)
    if (uuids.length > 0) throw new RangeError('saved order ids are of another kind of table')
    let number = 0
    let text = 0
    for (const [handle, kind] of kinds.entries()) {
      const id =
        kind === HELD.number ? String(numbers[number++]) : kind === HELD.text ? texts[text++] : undefined
      this.texts.push(id)
      if (id !== undefined) this.handles.set(id, handle)
    }
    if (this.handles.size + free.length !== kinds.length)
      throw new RangeError('saved order ids contradict themselves')
    this.free = Array.from(free)
  }
}
