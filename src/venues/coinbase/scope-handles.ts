/**
 * Handles by the references of one scope: a UUID that was searched once is not searched again while its order rests, or
 * until it does. Owns the remembering alone; which handle holds what is the table's.
 */
import type { FrameScope } from '../../log/frame-row.ts'
import { NO_ORDER, type OrderHandle } from '../../market/order-ids.ts'

const FIRST_SIZE = 1_024

/** Room for a number at `place`, twice as much as before where there is none. */
const roomFor = (numbers: Int32Array, place: number): Int32Array => {
  let length = Math.max(numbers.length, FIRST_SIZE)
  while (length <= place) length *= 2
  const grown = new Int32Array(length)
  grown.set(numbers)
  return grown
}

/** Whether a handle holds the UUID must be searched. */
export const NOT_KNOWN = -2

const ABSENT = -1

export class ScopeHandles {
  scope: FrameScope | undefined
  /**
   * By reference: handle + 1, which holds while `references` says the same of the handle; ABSENT: no handle holds it;
   * 0: not known.
   */
  private handles: Int32Array = new Int32Array(FIRST_SIZE)
  /** References noted are below it. */
  private end = 0
  /** By handle: its reference + 1, perhaps one of an earlier scope. */
  private references: Int32Array = new Int32Array(FIRST_SIZE)
  /** Whether ABSENT still holds. */
  private isAbsenceKnown = true
  private idBytes = new Uint8Array(0) as Uint8Array
  private view: DataView = new DataView(new ArrayBuffer(0))

  turnTo(scope: FrameScope): void {
    this.scope = scope
    this.handles.fill(0, 0, this.end)
    this.end = 0
    this.isAbsenceKnown = true
  }

  /** The ids of the scope as they stand. */
  bytes(): DataView {
    const idBytes = this.scope?.idBytes ?? this.idBytes
    if (idBytes !== this.idBytes) {
      this.idBytes = idBytes
      this.view = new DataView(idBytes.buffer, idBytes.byteOffset, idBytes.byteLength)
    }
    return this.view
  }

  /** NO_ORDER: no handle holds it; NOT_KNOWN: it must be searched. */
  handleOf(reference: number): OrderHandle {
    const known = this.handles[reference] ?? 0
    if (known > 0) return this.references[known - 1] === reference + 1 ? known - 1 : NOT_KNOWN
    return known === ABSENT && this.isAbsenceKnown ? NO_ORDER : NOT_KNOWN
  }

  note(reference: number, handle: OrderHandle): void {
    if (reference >= this.handles.length) this.handles = roomFor(this.handles, reference)
    if (handle >= this.references.length) this.references = roomFor(this.references, handle)
    this.handles[reference] = handle + 1
    this.references[handle] = reference + 1
    if (reference >= this.end) this.end = reference + 1
  }

  noteAbsent(reference: number): void {
    if (reference >= this.handles.length) this.handles = roomFor(this.handles, reference)
    this.handles[reference] = ABSENT
    if (reference >= this.end) this.end = reference + 1
  }

  /** A UUID came to be held that may be any of those that were absent. */
  doubtAbsence(): void {
    this.isAbsenceKnown = false
  }

  /** The handle was given up. */
  forget(handle: OrderHandle): void {
    if (handle < this.references.length) this.references[handle] = 0
  }

  clear(): void {
    this.scope = undefined
    this.handles.fill(0, 0, this.end)
    this.end = 0
    this.references = new Int32Array(FIRST_SIZE)
  }
}
