/** UUIDs by reference: 16 raw bytes each, in the order they were first seen, found again by content. */
import { Buffer } from 'node:buffer'

const BYTES = 16
const FIRST_CAPACITY = 256

/** By two characters as one little-endian number: the byte they spell in lower-case hex, or -1. */
const BYTE_OF_PAIR = new Int16Array(65_536).fill(-1)
/** By a byte: its two hex characters as one little-endian number. */
const PAIR_OF_BYTE = new Int32Array(256)
for (let byte = 0; byte < 256; byte++) {
  const text = byte.toString(16).padStart(2, '0')
  const pair = text.charCodeAt(0) | (text.charCodeAt(1) << 8)
  BYTE_OF_PAIR[pair] = byte
  PAIR_OF_BYTE[byte] = pair
}

/** Characters of a UUID. */
export const UUID_LENGTH = 36

const DASH = 45

/** The four characters of a word's first two bytes, and of its last two. */
const lowPairs = (word: number): number =>
  (PAIR_OF_BYTE[word & 0xff] ?? 0) | ((PAIR_OF_BYTE[(word >>> 8) & 0xff] ?? 0) << 16)
const highPairs = (word: number): number =>
  (PAIR_OF_BYTE[(word >>> 16) & 0xff] ?? 0) | ((PAIR_OF_BYTE[word >>> 24] ?? 0) << 16)

const spread = (w0: number, w1: number, w2: number, w3: number): number => {
  let hash = Math.imul(w0, 0x9e3779b1) ^ Math.imul(w1, 0x85ebca6b)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0xc2b2ae35) ^ Math.imul(w2, 0x27d4eb2f) ^ w3
  hash = Math.imul(hash ^ (hash >>> 16), 0x165667b1)
  return hash ^ (hash >>> 13)
}

export class IdTable {
  /** How many there are; references are 0 … count - 1. */
  count = 0
  /** 16 bytes each, and possibly room behind them. Another array after it grew. */
  raw: Uint8Array
  private view: DataView
  /** Open addressing: reference + 1, 0 where free; a power of two, at most half full. Empty until one is looked up. */
  private slots = new Int32Array(0)

  /** Takes stored ids, 16 bytes each, not copied; empty when left out. */
  constructor(stored = new Uint8Array(0)) {
    this.raw = stored
    this.count = Math.floor(stored.length / BYTES)
    this.view = new DataView(stored.buffer, stored.byteOffset, stored.byteLength)
  }

  /** All ids, 16 raw bytes each, in the order of their references; not copied. */
  bytes(): Uint8Array {
    return this.raw.subarray(0, this.count * BYTES)
  }

  /** The 36 characters, lower case. */
  text(reference: number): string {
    const hex = Buffer.from(this.raw.buffer, this.raw.byteOffset + reference * BYTES, BYTES).toString('hex')
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  }

  /** The reference of the UUID that stands at `at`, a new one when needed; -1 when none stands there. */
  find(source: DataView, at: number): number {
    if (source.getUint8(at + 8) !== DASH || source.getUint8(at + 13) !== DASH) return -1
    if (source.getUint8(at + 18) !== DASH || source.getUint8(at + 23) !== DASH) return -1
    const b0 = BYTE_OF_PAIR[source.getUint16(at, true)] ?? -1
    const b1 = BYTE_OF_PAIR[source.getUint16(at + 2, true)] ?? -1
    const b2 = BYTE_OF_PAIR[source.getUint16(at + 4, true)] ?? -1
    const b3 = BYTE_OF_PAIR[source.getUint16(at + 6, true)] ?? -1
    const b4 = BYTE_OF_PAIR[source.getUint16(at + 9, true)] ?? -1
    const b5 = BYTE_OF_PAIR[source.getUint16(at + 11, true)] ?? -1
    const b6 = BYTE_OF_PAIR[source.getUint16(at + 14, true)] ?? -1
    const b7 = BYTE_OF_PAIR[source.getUint16(at + 16, true)] ?? -1
    const b8 = BYTE_OF_PAIR[source.getUint16(at + 19, true)] ?? -1
    const b9 = BYTE_OF_PAIR[source.getUint16(at + 21, true)] ?? -1
    const b10 = BYTE_OF_PAIR[source.getUint16(at + 24, true)] ?? -1
    const b11 = BYTE_OF_PAIR[source.getUint16(at + 26, true)] ?? -1
    const b12 = BYTE_OF_PAIR[source.getUint16(at + 28, true)] ?? -1
    const b13 = BYTE_OF_PAIR[source.getUint16(at + 30, true)] ?? -1
    const b14 = BYTE_OF_PAIR[source.getUint16(at + 32, true)] ?? -1
    const b15 = BYTE_OF_PAIR[source.getUint16(at + 34, true)] ?? -1
    if ((b0 | b1 | b2 | b3 | b4 | b5 | b6 | b7 | b8 | b9 | b10 | b11 | b12 | b13 | b14 | b15) < 0) return -1
    return this.intern(
      b0 | (b1 << 8) | (b2 << 16) | (b3 << 24),
      b4 | (b5 << 8) | (b6 << 16) | (b7 << 24),
      b8 | (b9 << 8) | (b10 << 16) | (b11 << 24),
      b12 | (b13 << 8) | (b14 << 16) | (b15 << 24),
    )
  }

  /** Writes the 36 characters at `at`. */
  write(reference: number, target: DataView, at: number): void {
    const { view } = this
    const from = reference * BYTES
    const w0 = view.getInt32(from, true)
    const w1 = view.getInt32(from + 4, true)
    const w2 = view.getInt32(from + 8, true)
    const w3 = view.getInt32(from + 12, true)
    target.setInt32(at, lowPairs(w0), true)
    target.setInt32(at + 4, highPairs(w0), true)
    target.setUint8(at + 8, DASH)
    target.setInt32(at + 9, lowPairs(w1), true)
    target.setUint8(at + 13, DASH)
    target.setInt32(at + 14, highPairs(w1), true)
    target.setUint8(at + 18, DASH)
    target.setInt32(at + 19, lowPairs(w2), true)
    target.setUint8(at + 23, DASH)
    target.setInt32(at + 24, highPairs(w2), true)
    target.setInt32(at + 28, lowPairs(w3), true)
    target.setInt32(at + 32, highPairs(w3), true)
  }

  /** Forgets the newest ids down to `count`. */
  forget(count: number): void {
    const { view, slots } = this
    const mask = slots.length - 1
    while (this.count > count) {
      const reference = --this.count
      let slot = this.firstSlot(view, reference) & mask
      while (slots[slot] !== reference + 1) slot = (slot + 1) & mask
      slots[slot] = 0
    }
  }

  private firstSlot(view: DataView, reference: number): number {
    const at = reference * BYTES
    return spread(
      view.getInt32(at, true),
      view.getInt32(at + 4, true),
      view.getInt32(at + 8, true),
      view.getInt32(at + 12, true),
    )
  }

  private intern(w0: number, w1: number, w2: number, w3: number): number {
    if (this.count * 2 >= this.slots.length) this.grow()
    const { slots, view } = this
    const mask = slots.length - 1
    let slot = spread(w0, w1, w2, w3) & mask
    for (;;) {
      const reference = (slots[slot] ?? 0) - 1
      if (reference < 0) break
      const at = reference * BYTES
      if (
        view.getInt32(at, true) === w0 &&
        view.getInt32(at + 4, true) === w1 &&
        view.getInt32(at + 8, true) === w2 &&
        view.getInt32(at + 12, true) === w3
      )
        return reference
      slot = (slot + 1) & mask
    }
    const at = this.count * BYTES
    view.setInt32(at, w0, true)
    view.setInt32(at + 4, w1, true)
    view.setInt32(at + 8, w2, true)
    view.setInt32(at + 12, w3, true)
    slots[slot] = ++this.count
    return this.count - 1
  }

  private grow(): void {
    const capacity = Math.max(FIRST_CAPACITY, this.slots.length, this.count * 2)
    const raw = new Uint8Array(capacity * BYTES)
    raw.set(this.bytes())
    this.raw = raw
    this.view = new DataView(raw.buffer)
    let size = FIRST_CAPACITY * 2
    while (size < capacity * 2) size *= 2
    const slots = new Int32Array(size)
    const mask = size - 1
    for (let reference = 0; reference < this.count; reference++) {
      let slot = this.firstSlot(this.view, reference) & mask
      while ((slots[slot] ?? 0) !== 0) slot = (slot + 1) & mask
      slots[slot] = reference + 1
    }
    this.slots = slots
  }
}
