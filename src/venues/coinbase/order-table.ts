/**
 * Coinbase's order ids as handles: UUIDs by their bytes, whatever else an id may be by its text. Handles
 * are those that OrderIds (src/market/order-ids.ts) would give, which a book by text ids would use.
 */
import type { Buffer } from 'node:buffer'

import type { FrameScope } from '../../log/frame-row.ts'
import { HELD, isNumberText, readIds, writeIds } from '../../market/order-id-bytes.ts'
import { NO_ORDER, type OrderHandle } from '../../market/order-ids.ts'
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import { grownBytes, grownNumbers } from './grown-arrays.ts'
import { NOT_KNOWN, ScopeHandles } from './scope-handles.ts'
import { UuidTable } from './uuid-table.ts'

const UUID_BYTES = 16
const FIRST_HANDLES = 256

const FREE = 0
const UUID = 1
const OTHER = 2
/** A UUID that is known by its reference alone: an order of the scope at hand that may be gone before the scope is. */
const PENDING = 3

export class OrderTable {
  private uuids = new UuidTable()
  private readonly scoped = new ScopeHandles()
  private others = new Map<string, OrderHandle>()
  private readonly otherTexts = new Map<OrderHandle, string>()
  /** What each handle holds: FREE, UUID, OTHER or PENDING. */
  private kinds: Uint8Array = new Uint8Array(FIRST_HANDLES)
  /** How many handles were ever given. */
  private given = 0
  /** A stack of handles that hold nothing. */
  private free: Int32Array = new Int32Array(FIRST_HANDLES)
  private freeCount = 0
  /** Handles that are or were pending, each once: `isListed`. */
  private pending: Int32Array = new Int32Array(FIRST_HANDLES)
  private pendingCount = 0
  private isListed: Uint8Array = new Uint8Array(FIRST_HANDLES)

  /** The id's handle, or NO_ORDER. */
  find(id: string): OrderHandle {
    if (!this.uuids.readText(id)) return this.others.get(id) ?? NO_ORDER
    this.enterPending()
    return this.uuids.find()
  }

  /** The handle of the UUID behind a reference, or NO_ORDER. */
  findAt(scope: FrameScope, reference: number): OrderHandle {
    const { scoped } = this
    if (scope !== scoped.scope) this.turnTo(scope)
    const known = scoped.handleOf(reference)
    return known === NOT_KNOWN ? this.search(reference) : known
  }

  /** The handle of the UUID behind a reference; a new one when it is not held yet. */
  addAt(scope: FrameScope, reference: number): OrderHandle {
    const known = this.findAt(scope, reference)
    if (known !== NO_ORDER) return known
    const handle = this.newHandle(PENDING)
    this.uuids.readBytes(this.scoped.bytes(), reference * UUID_BYTES)
    this.uuids.put(handle)
    this.scoped.note(reference, handle)
    if (this.isListed[handle] === 0) this.list(handle)
    return handle
  }

  private search(reference: number): OrderHandle {
    const { scoped, uuids } = this
    uuids.readBytes(scoped.bytes(), reference * UUID_BYTES)
    const handle = uuids.find()
    if (handle === NO_ORDER) scoped.noteAbsent(reference)
    else scoped.note(reference, handle)
    return handle
  }

  private list(handle: OrderHandle): void {
    this.isListed[handle] = 1
    if (this.pendingCount === this.pending.length) this.pending = grownNumbers(this.pending)
    this.pending[this.pendingCount++] = handle
  }

  private turnTo(scope: FrameScope): void {
    this.enterPending()
    const { scoped } = this
    scoped.turnTo(scope)
    // All that a chunk speaks of, one search behind the other: the processor waits for memory once and not for each.
    for (let reference = 0; reference < scope.idCount; reference++) this.search(reference)
  }

  /** References alone find what is pending; whoever searches otherwise needs it entered. */
  private enterPending(): void {
    for (let index = 0; index < this.pendingCount; index++) {
      const handle = this.pending[index] ?? 0
      this.isListed[handle] = 0
      if (this.kinds[handle] !== PENDING) continue
      this.kinds[handle] = UUID
      this.uuids.enter(handle)
    }
    this.pendingCount = 0
  }

  /** The id's handle; a new one when the id is not held yet. */
  add(id: string): OrderHandle {
    return this.uuids.readText(id) ? this.addUuid() : this.addOther(id)
  }

  /** As `add`, of the id that stands there in ASCII. */
  addAscii(bytes: Buffer, begin: number, end: number): OrderHandle {
    return this.uuids.readAscii(bytes, begin, end)
      ? this.addUuid()
      : this.addOther(bytes.toString('latin1', begin, end))
  }

  private addUuid(): OrderHandle {
    this.enterPending()
    const known = this.uuids.find()
    if (known !== NO_ORDER) return known
    const handle = this.newHandle(UUID)
    this.uuids.put(handle)
    this.uuids.enter(handle)
    this.scoped.doubtAbsence()
    return handle
  }

  private addOther(id: string): OrderHandle {
    const known = this.others.get(id)
    if (known !== undefined) return known
    const handle = this.newHandle(OTHER)
    this.others.set(id, handle)
    this.otherTexts.set(handle, id)
    return handle
  }

  private newHandle(kind: number): OrderHandle {
    const handle = this.freeCount > 0 ? (this.free[--this.freeCount] ?? 0) : this.given++
    if (handle >= this.kinds.length) {
      this.kinds = grownBytes(this.kinds)
      this.isListed = grownBytes(this.isListed)
    }
    this.kinds[handle] = kind
    return handle
  }

  /** The id behind a handle. Throws when the handle is not held. */
  text(handle: OrderHandle): string {
    const kind = this.kinds[handle] ?? FREE
    if (kind === UUID || kind === PENDING) return this.uuids.text(handle)
    const text = this.otherTexts.get(handle)
    if (text === undefined) throw new Error(`order handle ${String(handle)} is not held`)
    return text
  }

  /** Gives up an id; nothing happens when the handle is not held. */
  release(handle: OrderHandle): void {
    const kind = this.kinds[handle] ?? FREE
    if (kind === FREE) return
    if (kind === UUID) this.uuids.remove(handle)
    else if (kind === OTHER) {
      this.others.delete(this.otherTexts.get(handle) ?? '')
      this.otherTexts.delete(handle)
    }
    this.scoped.forget(handle)
    this.kinds[handle] = FREE
    if (this.freeCount === this.free.length) this.free = grownNumbers(this.free)
    this.free[this.freeCount++] = handle
  }

  clear(): void {
    this.uuids = new UuidTable()
    this.scoped.clear()
    this.others = new Map()
    this.otherTexts.clear()
    this.kinds = new Uint8Array(FIRST_HANDLES)
    this.isListed = new Uint8Array(FIRST_HANDLES)
    this.given = this.freeCount = this.pendingCount = 0
  }

  /** Writes the table, the order in which free handles will be used again included. */
  save(writer: StateWriter): void {
    const numbers: number[] = []
    const texts: string[] = []
    let uuidCount = 0
    for (let handle = 0; handle < this.given; handle++)
      if (this.kinds[handle] === UUID || this.kinds[handle] === PENDING) uuidCount++
    const uuids = new Uint8Array(uuidCount * UUID_BYTES)
    let uuidsEnd = 0
    const kinds = Uint8Array.from(this.kinds.subarray(0, this.given), (kind, handle) => {
      if (kind === FREE) return HELD.nothing
      if (kind !== OTHER) {
        this.uuids.copyBytes(handle, uuids, uuidsEnd)
        uuidsEnd += UUID_BYTES
        return HELD.uuid
      }
      const text = this.text(handle)
      if (!isNumberText(text)) {
        texts.push(text)
        return HELD.text
      }
      numbers.push(Number(text))
      return HELD.number
    })
    writeIds(writer, { kinds, uuids, numbers, texts, free: this.free.subarray(0, this.freeCount) })
  }

  /** Becomes the table that was saved. Throws RangeError when the bytes are cut or hold no such table. */
  restore(reader: StateReader): void {
    this.clear()
    const { kinds, uuids, numbers, texts, free } = readIds(reader)
    this.uuids = new UuidTable(uuids.length / UUID_BYTES)
    this.kinds = new Uint8Array(Math.max(kinds.length, FIRST_HANDLES))
    this.isListed = new Uint8Array(this.kinds.length)
    const bytes = new DataView(uuids.buffer, uuids.byteOffset, uuids.byteLength)
    let uuid = 0
    let number = 0
    let text = 0
    for (let handle = 0; handle < kinds.length; handle++) {
      const kind = kinds[handle]
      if (kind === HELD.uuid) this.settleBytes(handle, bytes, UUID_BYTES * uuid++)
      else if (kind === HELD.number) this.settle(handle, String(numbers[number++]))
      else if (kind === HELD.text) this.settle(handle, texts[text++] ?? '')
    }
    this.given = kinds.length
    this.free = Int32Array.from(free)
    this.freeCount = this.free.length
  }

  private settleBytes(handle: OrderHandle, bytes: DataView, offset: number): void {
    this.uuids.readBytes(bytes, offset)
    if (this.uuids.find() !== NO_ORDER) throw contradiction()
    this.uuids.put(handle)
    this.uuids.enter(handle)
    this.kinds[handle] = UUID
  }

  private settle(handle: OrderHandle, id: string): void {
    if (this.find(id) !== NO_ORDER || this.uuids.readText(id)) throw contradiction()
    this.others.set(id, handle)
    this.otherTexts.set(handle, id)
    this.kinds[handle] = OTHER
  }
}

const contradiction = (): RangeError => new RangeError('saved order ids contradict themselves')
