/** Finds the numbers of a column that come again and again, with a bound on what is looked at. */

export const SLOTS = 8192
const MOST_NUMBERS = 4096
const LONGEST_PROBE = 8

/** Counts numbers by value and class; those that come when it is full are not counted. */
export class PopularNumbers {
  readonly values = new Float64Array(SLOTS)
  readonly keys = new Int32Array(SLOTS)
  readonly counts = new Int32Array(SLOTS)
  /** Slots in the order of first sight, as many as `usedCount` says. */
  readonly used = new Int32Array(MOST_NUMBERS)
  usedCount = 0

  /** Forgets all numbers, for another column. */
  clear(): void {
    const { used, usedCount, counts } = this
    for (let index = 0; index < usedCount; index++) counts[used[index] ?? 0] = 0
    this.usedCount = 0
  }

  /** Counts a number. `key` tells numbers of different kinds apart. */
  count(value: number, key: number): void {
    const slot = this.place(value, key)
    if (slot < 0) return
    const seen = this.counts[slot] ?? 0
    if (seen === 0) {
      if (this.usedCount === MOST_NUMBERS) return
      this.values[slot] = value
      this.keys[slot] = key
      this.used[this.usedCount++] = slot
    }
    this.counts[slot] = seen + 1
  }

  /** The slot of a number that was counted, or -1. */
  find(value: number, key: number): number {
    const slot = this.place(value, key)
    return slot >= 0 && (this.counts[slot] ?? 0) > 0 ? slot : -1
  }

  /** Where a number stands, or would; -1: too far away. */
  private place(value: number, key: number): number {
    const { values, keys, counts } = this
    let slot = Math.imul(value | 0, 0x9e3779b1) ^ Math.imul(key, 0x85ebca6b) ^ Math.floor(value / 4294967296)
    slot = (slot ^ (slot >>> 15)) & (SLOTS - 1)
    for (let probe = 0; probe < LONGEST_PROBE; probe++) {
      if (counts[slot] === 0 || (values[slot] === value && keys[slot] === key)) return slot
      slot = (slot + 1) & (SLOTS - 1)
    }
    return -1
  }
}
