/**
 * UUIDs found by their 16 bytes, without a text for any of them: which place holds which UUID. Places are given by the
 * caller, small whole numbers.
 */

/** Places that have room from the start; a power of two. */
const FIRST_PLACES = 64
const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

const hexOf = (word: number): string =>
  `${HEX[word >>> 24] ?? ''}${HEX[(word >>> 16) & 255] ?? ''}${HEX[(word >>> 8) & 255] ?? ''}${HEX[word & 255] ?? ''}`

/** The value of a digit 0-9 or a-f; -1 for any other character. */
const hexDigit = (code: number): number => {
  if (code >= 48 && code <= 57) return code - 48
  return code >= 97 && code <= 102 ? code - 87 : -1
}

const isDash = (index: number): boolean => index === 8 || index === 13 || index === 18 || index === 23

const mix = (a: number, b: number, c: number, d: number): number => {
  let hash = Math.imul(a ^ (b >>> 7), 0x85ebca6b) ^ Math.imul(c + (b << 3), 0xc2b2ae35)
  hash = Math.imul(hash ^ (hash >>> 15) ^ d, 0x27d4eb2f)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0x165667b1)
  return hash ^ (hash >>> 16)
}

export class UuidTable {
  /** Four words for each place. */
  private words: Int32Array
  /** Open addressing: a place + 1 in each cell, 0: free. At most half of the cells are taken. */
  private cells: Int32Array
  private count = 0
  private first = 0
  private second = 0
  private third = 0
  private fourth = 0

  /** Has room for so many UUIDs in the first places without growing. */
  constructor(expected = 0) {
    let places = FIRST_PLACES
    while (places <= expected) places *= 2
    this.words = new Int32Array(places * 4)
    this.cells = new Int32Array(places * 2)
  }

  /** How many places hold a UUID. */
  get size(): number {
    return this.count
  }

  /** Writes the 16 bytes of a place's UUID at this offset. */
  copyBytes(place: number, into: Uint8Array, offset: number): void {
    for (let byte = 0; byte < 16; byte++)
      into[offset + byte] = (this.words[place * 4 + (byte >> 2)] ?? 0) >>> (24 - 8 * (byte & 3))
  }

  /** Names the UUID that `find` and `put` are about; false when the text is none in lower case. */
  readText(text: string): boolean {
    if (text.length !== 36) return false
    let word = 0
    let words = 0
    let digits = 0
    for (let index = 0; index < 36; index++) {
      const code = text.charCodeAt(index)
      if (isDash(index)) {
        if (code !== 45) return false
        continue
      }
      const digit = hexDigit(code)
      if (digit < 0) return false
      word = (word << 4) | digit
      if (++digits % 8 === 0) this.setWord(words++, word)
    }
    return true
  }

  private setWord(index: number, word: number): void {
    if (index === 0) this.first = word
    else if (index === 1) this.second = word
    else if (index === 2) this.third = word
    else this.fourth = word
  }

  /** Names the UUID that `find` and `put` are about: the 16 bytes at this offset. */
  readBytes(bytes: Uint8Array, offset: number): void {
    this.first = wordAt(bytes, offset)
    this.second = wordAt(bytes, offset + 4)
    this.third = wordAt(bytes, offset + 8)
    this.fourth = wordAt(bytes, offset + 12)
  }

  /** The place that holds the UUID at hand, or -1. */
  find(): number {
    const { cells, words, first, second, third, fourth } = this
    const mask = cells.length - 1
    for (let cell = mix(first, second, third, fourth) & mask; ; cell = (cell + 1) & mask) {
      const place = (cells[cell] ?? 0) - 1
      if (place < 0) return -1
      const at = place * 4
      if (
        words[at + 3] === fourth &&
        words[at] === first &&
        words[at + 1] === second &&
        words[at + 2] === third
      )
        return place
    }
  }

  /** Puts the UUID at hand, which no place holds, into a place that holds none. */
  put(place: number): void {
    this.makeRoom(place)
    const { words } = this
    const at = place * 4
    words[at] = this.first
    words[at + 1] = this.second
    words[at + 2] = this.third
    words[at + 3] = this.fourth
    this.count++
    this.enter(place)
  }

  private makeRoom(place: number): void {
    if (place * 4 >= this.words.length) {
      const grown = new Int32Array(Math.max(place + 1, this.words.length / 2) * 4)
      grown.set(this.words)
      this.words = grown
    }
    if ((this.count + 1) * 2 <= this.cells.length) return
    const before = this.cells
    this.cells = new Int32Array(before.length * 2)
    for (const cell of before) if (cell !== 0) this.enter(cell - 1)
  }

  private enter(place: number): void {
    const { cells } = this
    const mask = cells.length - 1
    let cell = this.homeOf(place)
    while (cells[cell] !== 0) cell = (cell + 1) & mask
    cells[cell] = place + 1
  }

  private homeOf(place: number): number {
    const { words } = this
    const at = place * 4
    const hash = mix(words[at] ?? 0, words[at + 1] ?? 0, words[at + 2] ?? 0, words[at + 3] ?? 0)
    return hash & (this.cells.length - 1)
  }

  /** Takes the UUID out of the place that holds it. */
  remove(place: number): void {
    const { cells } = this
    const mask = cells.length - 1
    let hole = this.homeOf(place)
    while (cells[hole] !== place + 1) hole = (hole + 1) & mask
    // What stands behind moves up, so that no search ends at the hole before it has found it.
    for (let cell = (hole + 1) & mask; ; cell = (cell + 1) & mask) {
      const other = cells[cell] ?? 0
      if (other === 0) break
      const home = this.homeOf(other - 1)
      if (((cell - home) & mask) < ((cell - hole) & mask)) continue
      cells[hole] = other
      hole = cell
    }
    cells[hole] = 0
    this.count--
  }

  /** The UUID of a place that holds one. */
  text(place: number): string {
    const { words } = this
    const at = place * 4
    const second = hexOf(words[at + 1] ?? 0)
    const third = hexOf(words[at + 2] ?? 0)
    const head = `${hexOf(words[at] ?? 0)}-${second.slice(0, 4)}-${second.slice(4)}`
    return `${head}-${third.slice(0, 4)}-${third.slice(4)}${hexOf(words[at + 3] ?? 0)}`
  }
}

const wordAt = (bytes: Uint8Array, offset: number): number =>
  ((bytes[offset] ?? 0) << 24) |
  ((bytes[offset + 1] ?? 0) << 16) |
  ((bytes[offset + 2] ?? 0) << 8) |
  (bytes[offset + 3] ?? 0)
