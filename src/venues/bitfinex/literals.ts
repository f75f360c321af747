/**
 * Numbers of a frame with nothing lost: JSON.parse where its numbers print back as they came, else a slower parser
 * that keeps the text of each number. The venue's checksum is over those texts.
 */

/** A number whose text is not the one JavaScript would write: `1.10`, `-0`, `1E-7`, 20 digits. String() gives the text. */
export class NumberLiteral {
  readonly text: string

  constructor(text: string) {
    this.text = text
  }

  toString(): string {
    return this.text
  }
}

/** String(x) is the text that came, whichever it is. */
export type ExactNumber = number | NumberLiteral

/** The number of a JSON text. */
export const exactNumberOf = (text: string): ExactNumber => {
  const value = Number(text)
  return String(value) === text ? value : new NumberLiteral(text)
}

export const isExactNumber = (value: unknown): value is ExactNumber =>
  typeof value === 'number' || value instanceof NumberLiteral

/** The nearest double: for signs, counts and ids that are checked to be safe integers. */
export const approximately = (value: ExactNumber): number =>
  typeof value === 'number' ? value : Number(value.text)

/** True for zero in any spelling, and not for what is only too small for a double. */
export const isZero = (value: ExactNumber): boolean =>
  typeof value === 'number' ? value === 0 : !/^[^eE]*[1-9]/.test(value.text)

// Far deeper than any frame; keeps the recursion below from being a way to stop the recorder.
const MAX_DEPTH = 64

/**
 * The value of a JSON text with every number exact; `parsed` is what JSON.parse made of it. Undefined when it is
 * nested deeper than any frame.
 */
export const parseExactly = (text: string, parsed: unknown): unknown => {
  try {
    return JSON.stringify(parsed) === text ? parsed : new ExactReader(text).read()
  } catch {
    return undefined
  }
}

/** Reads text that JSON.parse has accepted already: it needs to tell things apart, not to find errors. */
class ExactReader {
  private at = 0
  private readonly source: string

  constructor(source: string) {
    this.source = source
  }

  read(): unknown {
    return this.value(0)
  }

  private skipSpace(): number {
    let code = this.source.charCodeAt(this.at)
    while (code === 32 || code === 9 || code === 10 || code === 13) code = this.source.charCodeAt(++this.at)
    return code
  }

  private value(depth: number): unknown {
    if (depth > MAX_DEPTH) throw new RangeError('nested too deeply')
    switch (this.skipSpace()) {
      case 91: // [
        return this.array(depth)
      case 123: // {
        return this.object(depth)
      case 34: // "
        return this.string()
      case 116: // t
        this.at += 4
        return true
      case 102: // f
        this.at += 5
        return false
      case 110: // n
        this.at += 4
        return null
      default:
        return this.number()
    }
  }

  /** Steps over this character where it is next. */
  private takes(code: number): boolean {
    if (this.skipSpace() !== code) return false
    this.at++
    return true
  }

  private array(depth: number): unknown[] {
    const items: unknown[] = []
    this.at++
    if (this.takes(93)) return items
    do items.push(this.value(depth + 1))
    while (this.takes(44))
    this.at++
    return items
  }

  private object(depth: number): unknown {
    const fields: [string, unknown][] = []
    this.at++
    if (this.takes(125)) return {}
    do {
      this.skipSpace()
      const key = this.string()
      this.takes(58)
      fields.push([key, this.value(depth + 1)])
    } while (this.takes(44))
    this.at++
    // Defines properties, so that a `__proto__` key stays a key.
    return Object.fromEntries(fields)
  }

  private string(): string {
    const start = this.at++
    for (let code = this.source.charCodeAt(this.at); code !== 34; code = this.source.charCodeAt(this.at))
      this.at += code === 92 ? 2 : 1
    this.at++
    return JSON.parse(this.source.slice(start, this.at)) as string
  }

  private number(): ExactNumber {
    const start = this.at
    for (;;) {
      const code = this.source.charCodeAt(this.at)
      const isPart =
        (code >= 48 && code <= 57) || code === 45 || code === 46 || code === 43 || (code | 32) === 101
      if (!isPart) break
      this.at++
    }
    return exactNumberOf(this.source.slice(start, this.at))
  }
}
