/**
 * Coinbase's order ids as handles: UUIDs by their bytes, whatever else an id may be by its text. Handles
 * are those that OrderIds (src/market/order-ids.ts) would give, which a book by text ids would use.
 */
import { HELD, isNumberText, readIds, writeIds } from '../../market/order-id-bytes.ts'
import { NO_ORDER, type OrderHandle } from '../../market/order-ids.ts'
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import { UuidTable } from './uuid-table.ts'

const UUID_BYTES = 16

const FREE = 0
const UUID = 1
const OTHER = 2

export class OrderTable {
  private uuids = new UuidTable()
  private others = new Map<string, OrderHandle>()
  private readonly otherTexts = new Map<OrderHandle, string>()
  /** What each handle ever given holds: FREE, UUID or OTHER. */
  private kinds: number[] = []
  private free: OrderHandle[] = []

  /** The id's handle, or NO_ORDER. */
  find(id: string): OrderHandle {
    return this.uuids.readText(id) ? this.uuids.find() : (this.others.get(id) ?? NO_ORDER)
  }

  /** The handle of the UUID whose 16 bytes stand at this offset, or NO_ORDER. */
  findBytes(bytes: Uint8Array, offset: number): OrderHandle {
    this.uuids.readBytes(bytes, offset)
    return this.uuids.find()
  }

  /** The id's handle; a new one when the id is not held yet. */
  add(id: string): OrderHandle {
    if (this.uuids.readText(id)) return this.addRead()
    const known = this.others.get(id)
    if (known !== undefined) return known
    const handle = this.newHandle(OTHER)
    this.others.set(id, handle)
    this.otherTexts.set(handle, id)
    return handle
  }

  /** The handle of the UUID whose 16 bytes stand at this offset; a new one when it is not held yet. */
  addBytes(bytes: Uint8Array, offset: number): OrderHandle {
    this.uuids.readBytes(bytes, offset)
    return this.addRead()
  }

  private addRead(): OrderHandle {
    const known = this.uuids.find()
    if (known !== NO_ORDER) return known
    const handle = this.newHandle(UUID)
    this.uuids.put(handle)
    return handle
  }

  private newHandle(kind: number): OrderHandle {
    const handle = this.free.pop() ?? this.kinds.length
    this.kinds[handle] = kind
    return handle
  }

  /** The id behind a handle. Throws when the handle is not held. */
  text(handle: OrderHandle): string {
    if (this.kinds[handle] === UUID) return this.uuids.text(handle)
    const text = this.otherTexts.get(handle)
    if (text === undefined) throw new Error(`order handle ${String(handle)} is not held`)
    return text
  }

  /** Gives up an id; nothing happens when the handle is not held. */
  release(handle: OrderHandle): void {
    const kind = this.kinds[handle] ?? FREE
    if (kind === FREE) return
    if (kind === UUID) this.uuids.remove(handle)
    else {
      this.others.delete(this.otherTexts.get(handle) ?? '')
      this.otherTexts.delete(handle)
    }
    this.kinds[handle] = FREE
    this.free.push(handle)
  }

  clear(): void {
    this.uuids = new UuidTable()
    this.others = new Map()
    this.otherTexts.clear()
    this.kinds = []
    this.free = []
  }

  /** Writes the table, the order in which free handles will be used again included. */
  save(writer: StateWriter): void {
    const numbers: number[] = []
    const texts: string[] = []
    const uuids = new Uint8Array(this.uuids.size * UUID_BYTES)
    let uuidsEnd = 0
    const kinds = Uint8Array.from(this.kinds, (kind, handle) => {
      if (kind === FREE) return HELD.nothing
      if (kind === UUID) {
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
    writeIds(writer, { kinds, uuids, numbers, texts, free: this.free })
  }

  /** Becomes the table that was saved. Throws RangeError when the bytes are cut or hold no such table. */
  restore(reader: StateReader): void {
    this.clear()
    const { kinds, uuids, numbers, texts, free } = readIds(reader)
    this.uuids = new UuidTable(uuids.length / UUID_BYTES)
    let uuid = 0
    let number = 0
    let text = 0
    for (let handle = 0; handle < kinds.length; handle++) {
      const kind = kinds[handle]
      if (kind === HELD.uuid) this.settleBytes(handle, uuids, UUID_BYTES * uuid++)
      else if (kind === HELD.number) this.settle(handle, String(numbers[number++]))
      else if (kind === HELD.text) this.settle(handle, texts[text++] ?? '')
      else this.kinds.push(FREE)
    }
    this.free = Array.from(free)
  }

  private settleBytes(handle: OrderHandle, bytes: Uint8Array, offset: number): void {
    if (this.findBytes(bytes, offset) !== NO_ORDER) throw contradiction()
    this.uuids.put(handle)
    this.kinds.push(UUID)
  }

  private settle(handle: OrderHandle, id: string): void {
    if (this.find(id) !== NO_ORDER || this.uuids.readText(id)) throw contradiction()
    this.others.set(id, handle)
    this.otherTexts.set(handle, id)
    this.kinds.push(OTHER)
  }
}

const contradiction = (): RangeError => new RangeError('saved order ids contradict themselves')
