/** Texts by reference: raw bytes, in the order they were first seen, found again by content. */
import { Buffer } from 'node:buffer'

const FIRST_BYTES = 4096
const FIRST_COUNT = 64

const hashOf = (bytes: Uint8Array, from: number, to: number): number => {
  let hash = to - from
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] ?? 0), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return hash ^ (hash >>> 13)
}

export class TextTable {
  /** How many there are; references are 0 … count - 1. */
  count = 0
  /** All texts one behind the other, and possibly room behind them. */
  raw: Uint8Array
  /** Where each text begins; at `count`: where the last one ends. */
  starts: Int32Array
  /** Open addressing: reference + 1, 0 where free; a power of two, at most half full. Empty until one is looked up. */
  private slots = new Int32Array(0)

  /**
   * Takes stored texts, not copied: their bytes one behind the other, and where each begins, with the end of the last
   * behind them. Empty when left out.
   */
  constructor(stored = new Uint8Array(0), starts: Int32Array = new Int32Array(1)) {
    this.raw = stored
    this.starts = starts
    this.count = starts.length - 1
  }

  /** Bytes of all texts. */
  get byteLength(): number {
    return this.starts[this.count] ?? 0
  }

  /** Its bytes, not copied. */
  bytes(reference: number): Uint8Array {
    return this.raw.subarray(this.starts[reference], this.starts[reference + 1])
  }

  text(reference: number): string {
    const { buffer, byteOffset, byteLength } = this.bytes(reference)
    return Buffer.from(buffer, byteOffset, byteLength).toString('utf8')
  }

  /** The reference of these bytes, a new one when needed. */
  find(source: Uint8Array, from: number, to: number): number {
    if (this.count * 2 >= this.slots.length) this.growSlots()
    const { slots } = this
    const mask = slots.length - 1
    let slot = hashOf(source, from, to) & mask
    for (;;) {
      const reference = (slots[slot] ?? 0) - 1
      if (reference < 0) break
      if (this.standsAt(reference, source, from, to)) return reference
      slot = (slot + 1) & mask
    }
    const start = this.byteLength
    const end = start + to - from
    if (end > this.raw.length) this.growBytes(end)
    if (this.count + 1 === this.starts.length) this.growStarts()
    this.raw.set(source.subarray(from, to), start)
    slots[slot] = ++this.count
    this.starts[this.count] = end
    return this.count - 1
  }

  /** Whether these bytes are the text. */
  standsAt(reference: number, source: Uint8Array, from: number, to: number): boolean {
    const { raw } = this
    let at = this.starts[reference] ?? 0
    if ((this.starts[reference + 1] ?? 0) - at !== to - from) return false
    for (let place = from; place < to; place++) if (raw[at++] !== source[place]) return false
    return true
  }

  /** Forgets the newest texts down to `count`. */
  forget(count: number): void {
    const { slots } = this
    const mask = slots.length - 1
    while (this.count > count) {
      const reference = --this.count
      let slot = this.firstSlot(reference) & mask
      while (slots[slot] !== reference + 1) slot = (slot + 1) & mask
      slots[slot] = 0
    }
  }

  private firstSlot(reference: number): number {
    return hashOf(this.raw, this.starts[reference] ?? 0, this.starts[reference + 1] ?? 0)
  }

  private growBytes(needed: number): void {
    const raw = new Uint8Array(Math.max(FIRST_BYTES, this.raw.length * 2, needed))
    raw.set(this.raw.subarray(0, this.byteLength))
    this.raw = raw
  }

  private growStarts(): void {
    const starts = new Int32Array(Math.max(FIRST_COUNT, this.starts.length * 2))
    starts.set(this.starts)
    this.starts = starts
  }

  private growSlots(): void {
    let size = FIRST_COUNT
    while (size <= this.count * 2) size *= 2
    const slots = new Int32Array(size)
    const mask = size - 1
    for (let reference = 0; reference < this.count; reference++) {
      let slot = this.firstSlot(reference) & mask
      while ((slots[slot] ?? 0) !== 0) slot = (slot + 1) & mask
      slots[slot] = reference + 1
    }
    this.slots = slots
  }
}
