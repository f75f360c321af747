/**
 * UUIDs found by their 16 bytes, without a text for any of them: which place holds which UUID. Places are given by the
 * caller, small whole numbers. A place may hold a UUID that is not entered: it is not found, and costs no search.
 */
import { Buffer } from 'node:buffer'

/** Places that have room from the start; a power of two. */
const FIRST_PLACES = 64
/** Numbers in a cell. */
const CELL = 2
/** The characters of a digit. */
const DIGITS = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0))
/** A UUID as text, its dashes in place. Written and read at once: a flat text, made in a third of the time that joining takes. */
const TEXT = Buffer.from('00000000-0000-0000-0000-000000000000')

/** Writes the digits of half a word. */
const writeHalf = (half: number, at: number): void => {
  TEXT[at] = DIGITS[(half >>> 12) & 15] ?? 0
  TEXT[at + 1] = DIGITS[(half >>> 8) & 15] ?? 0
  TEXT[at + 2] = DIGITS[(half >>> 4) & 15] ?? 0
  TEXT[at + 3] = DIGITS[half & 15] ?? 0
}

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
  /**
   * Open addressing: in each cell a place + 1 (0: free) and the hash of its UUID, so that a search looks at words nearly
   * only where they are the right ones. At most half of the cells are taken.
   */
  private cells: Int32Array
  /** Places entered. */
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
    this.cells = new Int32Array(places * 2 * CELL)
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

  /** As `readText`, of the text that stands there in ASCII. */
  readAscii(bytes: Uint8Array, begin: number, end: number): boolean {
    if (end - begin !== 36) return false
    let word = 0
    let words = 0
    let digits = 0
    for (let index = 0; index < 36; index++) {
      const code = bytes[begin + index] ?? 0
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
  readBytes(bytes: DataView, offset: number): void {
    this.first = bytes.getInt32(offset)
    this.second = bytes.getInt32(offset + 4)
    this.third = bytes.getInt32(offset + 8)
    this.fourth = bytes.getInt32(offset + 12)
  }

  /** The place that holds the UUID at hand, or -1. */
  find(): number {
    const { cells, words, first, second, third, fourth } = this
    const mask = cells.length - 1
    const hash = mix(first, second, third, fourth)
    for (let cell = (hash * CELL) & mask; ; cell = (cell + CELL) & mask) {
      const place = (cells[cell] ?? 0) - 1
      if (place < 0) return -1
      if (cells[cell + 1] !== hash) continue
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

  /** Puts the UUID at hand, which no place holds, into a place that holds none; not entered yet. */
  put(place: number): void {
    if (place * 4 >= this.words.length) this.makeRoom(place)
    const { words } = this
    const at = place * 4
    words[at] = this.first
    words[at + 1] = this.second
    words[at + 2] = this.third
    words[at + 3] = this.fourth
  }

  private makeRoom(place: number): void {
    const grown = new Int32Array(Math.max(place + 1, this.words.length / 2) * 4)
    grown.set(this.words)
    this.words = grown
  }

  /** The UUID of a place is found from here on. */
  enter(place: number): void {
    this.count++
    if (this.count * 2 * CELL > this.cells.length) {
      const before = this.cells
      this.cells = new Int32Array(before.length * 2)
      for (let cell = 0; cell < before.length; cell += CELL)
        if (before[cell] !== 0) this.settle(before[cell] ?? 0, before[cell + 1] ?? 0)
    }
    this.settle(place + 1, this.hashOf(place))
  }

  private settle(content: number, hash: number): void {
    const { cells } = this
    const mask = cells.length - 1
    let cell = (hash * CELL) & mask
    while (cells[cell] !== 0) cell = (cell + CELL) & mask
    cells[cell] = content
    cells[cell + 1] = hash
  }

  private hashOf(place: number): number {
    const { words } = this
    const at = place * 4
    return mix(words[at] ?? 0, words[at + 1] ?? 0, words[at + 2] ?? 0, words[at + 3] ?? 0)
  }

  /** Takes the UUID out of the place that was entered. */
  remove(place: number): void {
    const { cells } = this
    const mask = cells.length - 1
    let hole = (this.hashOf(place) * CELL) & mask
    while (cells[hole] !== place + 1) hole = (hole + CELL) & mask
    // What stands behind moves up, so that no search ends at the hole before it has found it.
    for (let cell = (hole + CELL) & mask; ; cell = (cell + CELL) & mask) {
      const content = cells[cell] ?? 0
      if (content === 0) break
      const hash = cells[cell + 1] ?? 0
      const home = (hash * CELL) & mask
      if (((cell - home) & mask) < ((cell - hole) & mask)) continue
      cells[hole] = content
      cells[hole + 1] = hash
      hole = cell
    }
    cells[hole] = 0
    this.count--
  }

  /** The UUID of a place that holds one. */
  text(place: number): string {
    const { words } = this
    const at = place * 4
    const first = words[at] ?? 0
    const second = words[at + 1] ?? 0
    const third = words[at + 2] ?? 0
    const fourth = words[at + 3] ?? 0
    writeHalf(first >>> 16, 0)
    writeHalf(first, 4)
    writeHalf(second >>> 16, 9)
    writeHalf(second, 14)
    writeHalf(third >>> 16, 19)
    writeHalf(third, 24)
    writeHalf(fourth >>> 16, 28)
    writeHalf(fourth, 32)
    return TEXT.toString('latin1')
  }
}
