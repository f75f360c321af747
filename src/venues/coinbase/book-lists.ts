/**
 * Finds the rows `["price","size","id"]` of a book's two lists in its bytes, as the venue writes them: without spaces and
 * escapes. Owns where they stand; what they say is book-scan.ts's.
 */
const QUOTE = 34
const COMMA = 44
const COLON = 58
const OPEN_LIST = 91
const BACKSLASH = 92
const CLOSE_LIST = 93
const OPEN_OBJECT = 123
const CLOSE_OBJECT = 125

/** Numbers kept of a row: where its price, size and id begin, and where the id ends. */
export const PLACES = 4
/** What is between two of them: a quote, a comma and a quote. */
export const BETWEEN = 3
const FIRST_ROWS = 1024

/** Where a list begins, and what is behind it. */
interface ListPlace {
  readonly begin: number
  readonly end: number
}

/** Finds the rows of both lists; each method gives the place behind what it read, or -1 for what is not so written. */
class RowFinder {
  places = new Int32Array(FIRST_ROWS * PLACES)
  rows = 0
  private readonly bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** The list that begins here. */
  list(begin: number): number {
    const { bytes } = this
    let at = begin + 1
    if (bytes[at] === CLOSE_LIST) return at + 1
    for (;;) {
      at = this.row(at)
      if (at < 0) return -1
      const next = bytes[at++]
      if (next === CLOSE_LIST) return at
      if (next !== COMMA) return -1
    }
  }

  private row(begin: number): number {
    const { bytes } = this
    if (bytes[begin] !== OPEN_LIST) return -1
    const price = begin + 1
    const size = this.text(price) + 1
    if (size === 0 || bytes[size - 1] !== COMMA) return -1
    const id = this.text(size) + 1
    if (id === 0 || bytes[id - 1] !== COMMA) return -1
    const end = this.text(id)
    // An order without an id is told where bodies are parsed.
    if (end < 0 || bytes[end] !== CLOSE_LIST || end === id + 2) return -1
    this.note(price + 1, size + 1, id + 1, end - 1)
    return end + 1
  }

  /** A text without anything that is written otherwise than it is meant. */
  text(begin: number): number {
    const { bytes } = this
    if (bytes[begin] !== QUOTE) return -1
    let at = begin + 1
    for (;;) {
      const code = bytes[at++] ?? 0
      if (code === QUOTE) return at
      if (code < 32 || code > 126 || code === BACKSLASH) return -1
    }
  }

  private note(price: number, size: number, id: number, end: number): void {
    const first = this.rows * PLACES
    if (first === this.places.length) {
      const grown = new Int32Array(first * 2)
      grown.set(this.places)
      this.places = grown
    }
    const { places } = this
    places[first] = price
    places[first + 1] = size
    places[first + 2] = id
    places[first + 3] = end
    this.rows++
  }

  /** Any other value of the outermost object; what it says is for the parser. */
  value(begin: number): number {
    const { bytes } = this
    let depth = 0
    for (let at = begin; at < bytes.length;) {
      const code = bytes[at]
      if (code === QUOTE) {
        at = this.text(at)
        if (at < 0) return -1
        continue
      }
      if (depth === 0 && (code === COMMA || code === CLOSE_OBJECT)) return at
      if (code === OPEN_OBJECT || code === OPEN_LIST) depth++
      else if (code === CLOSE_OBJECT || code === CLOSE_LIST) depth--
      if (depth < 0) return -1
      at++
    }
    return -1
  }
}

const isKey = (bytes: Uint8Array, begin: number, end: number, key: string): boolean => {
  if (end - begin !== key.length + 2) return false
  for (let index = 0; index < key.length; index++)
    if (bytes[begin + 1 + index] !== key.charCodeAt(index)) return false
  return true
}

/** The lists of the outermost object. */
export interface BookLists {
  readonly bids: ListPlace
  readonly asks: ListPlace
  /** How many rows each has; those of the list that comes first are noted first. */
  readonly bidRows: number
  readonly askRows: number
  /** PLACES for each row. */
  readonly places: Int32Array
}

/** Undefined: it is written in another way. */
export const findLists = (bytes: Uint8Array): BookLists | undefined => {
  const finder = new RowFinder(bytes)
  let bids: ListPlace | undefined
  let asks: ListPlace | undefined
  let bidRows = 0
  let askRows = 0
  if (bytes[0] !== OPEN_OBJECT) return undefined
  for (let at = 1; ; at++) {
    const colon = finder.text(at)
    if (colon < 0 || bytes[colon] !== COLON) return undefined
    const begin = colon + 1
    const isBids = isKey(bytes, at, colon, 'bids')
    const isSide = isBids || isKey(bytes, at, colon, 'asks')
    if (isSide && (bytes[begin] !== OPEN_LIST || (isBids ? bids : asks) !== undefined)) return undefined
    const before = finder.rows
    const end = isSide ? finder.list(begin) : finder.value(begin)
    if (end < 0) return undefined
    if (isBids) {
      bids = { begin, end }
      bidRows = finder.rows - before
    } else if (isSide) {
      asks = { begin, end }
      askRows = finder.rows - before
    }
    if (bytes[end] === CLOSE_OBJECT) break
    if (bytes[end] !== COMMA) return undefined
    at = end
  }
  if (bids === undefined || asks === undefined) return undefined
  return { bids, asks, bidRows, askRows, places: finder.places }
}
