/** The columns of a batch while rows are filled in: one class for each way of holding values. Nothing is allocated per row. */
import { Buffer } from 'node:buffer'

import { decimalNumber, decimalText } from '../../market/decimal.ts'
import { ExportProblem } from '../export-problem.ts'
import { numberAt, wholeAt } from './cell-text.ts'
import type { ColumnData } from './column-data.ts'
import type { ColumnShape } from './definition.ts'

const HALF = 4_294_967_296

/** A value as it is compared: words and texts as they are, flags as 0 or 1, decimals in units of their scale. */
export type CellValue = number | bigint | string | undefined

const NOTHING: ColumnData = {
  present: undefined,
  words: undefined,
  doubles: undefined,
  bytes: undefined,
  indexes: undefined,
  texts: undefined,
  textStarts: undefined,
  textCount: 0,
}

abstract class Column {
  readonly shape: ColumnShape
  protected readonly capacity: number
  protected present: Uint8Array<ArrayBuffer> | undefined

  constructor(shape: ColumnShape, capacity: number) {
    this.shape = shape
    this.capacity = capacity
    this.present = shape.isOptional ? new Uint8Array(capacity) : undefined
  }

  /** Takes back what was filled in: the row has no value here. */
  clear(row: number): void {
    if (this.present !== undefined) this.present[row] = 0
  }

  /** Hands its arrays over; it goes on with others. */
  abstract take(rows: number): ColumnData

  protected abstract presentAt(row: number): CellValue

  /** The value in a row of the batch under way; undefined: it has none. */
  valueAt(row: number): CellValue {
    return this.present === undefined || this.present[row] === 1 ? this.presentAt(row) : undefined
  }

  protected takePresent(rows: number): Uint8Array<ArrayBuffer> | undefined {
    const { present } = this
    if (present !== undefined) this.present = new Uint8Array(this.capacity)
    return present?.subarray(0, rows)
  }
}

/** Whole numbers, each in so many words of 32 bits, the lowest first. */
abstract class WordsColumn extends Column {
  protected words: Int32Array<ArrayBuffer>
  private readonly width: 2 | 4

  constructor(shape: ColumnShape, capacity: number, width: 2 | 4 = 2) {
    super(shape, capacity)
    this.width = width
    this.words = new Int32Array(width * capacity)
  }

  protected presentAt(row: number): CellValue {
    return wholeAt(this.words, row, this.width)
  }

  take(rows: number): ColumnData {
    const { capacity, width } = this
    const words = this.words.subarray(0, width * rows)
    this.words = new Int32Array(width * capacity)
    return { ...NOTHING, present: this.takePresent(rows), words }
  }
}

abstract class DoublesColumn extends Column {
  protected doubles = new Float64Array(this.capacity)

  protected presentAt(row: number): CellValue {
    return this.doubles[row]
  }

  take(rows: number): ColumnData {
    const doubles = this.doubles.subarray(0, rows)
    this.doubles = new Float64Array(this.capacity)
    return { ...NOTHING, present: this.takePresent(rows), doubles }
  }
}

/** `integer` and `time`. */
export class IntegerColumn extends WordsColumn {
  put(row: number, value: number | undefined): void {
    const { present, words } = this
    if (value === undefined) return
    if (present !== undefined) present[row] = 1
    words[2 * row] = value
    words[2 * row + 1] = Math.floor(value / HALF)
  }

  protected override presentAt(row: number): CellValue {
    return numberAt(this.words, row)
  }
}

const MOST = 10n ** 18n
const POWERS = Array.from({ length: 31 }, (_, exponent) => 10 ** exponent)

/** Prices and sizes: exact decimals, or doubles where they are asked for. */
export interface ScaledColumn {
  /** Digits behind the point that it holds. */
  readonly scale: number
  /** `units` of 10^-scale. Throws ExportProblem for what the column cannot hold exactly. */
  readonly put: (row: number, units: number, scale: number) => void
}

const refuse = (shape: ColumnShape, units: number | bigint, scale: number): never => {
  throw new ExportProblem(
    `${decimalText(units, scale)} in column ${shape.name} is no decimal of 18 digits with ${String(shape.scale)} behind the point: ` +
      'name others with --price-scale and --size-scale, or add --floats.',
  )
}

export class DecimalColumn extends WordsColumn implements ScaledColumn {
  readonly scale = this.shape.scale

  put(row: number, units: number, scale: number): void {
    const { present, words, shape } = this
    if (present !== undefined) present[row] = 1
    const value = units * (POWERS[shape.scale - scale] ?? NaN)
    if (value <= Number.MAX_SAFE_INTEGER && value >= -Number.MAX_SAFE_INTEGER) {
      words[2 * row] = value
      words[2 * row + 1] = Math.floor(value / HALF)
    } else this.putWide(row, units, scale)
  }

  private putWide(row: number, units: number, scale: number): void {
    const { words, shape } = this
    const finer = 10n ** BigInt(Math.max(0, shape.scale - scale))
    const coarser = 10n ** BigInt(Math.max(0, scale - shape.scale))
    const scaled = BigInt(units) * finer
    const value = scaled / coarser
    if (value * coarser !== scaled || value >= MOST || value <= -MOST) refuse(shape, units, scale)
    words[2 * row] = Number(BigInt.asIntN(32, value))
    words[2 * row + 1] = Number(value >> 32n)
  }
}

/** `number`, and prices and sizes as doubles. */
export class NumberColumn extends DoublesColumn implements ScaledColumn {
  readonly scale = 0

  put(row: number, units: number, scale: number): void {
    if (this.present !== undefined) this.present[row] = 1
    this.doubles[row] = decimalNumber(units, scale)
  }
}

/** Sums of any size. */
export class TotalColumn extends WordsColumn {
  constructor(shape: ColumnShape, capacity: number) {
    super(shape, capacity, 4)
  }

  put(row: number, units: bigint, scale: number): void {
    const { present, words, shape } = this
    if (present !== undefined) present[row] = 1
    if (scale > shape.scale) refuse(shape, units, scale)
    let value = units * 10n ** BigInt(shape.scale - scale)
    if (value >= 10n ** 38n || value <= -(10n ** 38n)) refuse(shape, units, scale)
    for (let word = 0; word < 4; word++) {
      words[4 * row + word] = Number(BigInt.asIntN(32, value))
      value >>= 32n
    }
  }
}

/** Sums as doubles. */
export class TotalNumberColumn extends DoublesColumn {
  put(row: number, units: bigint, scale: number): void {
    if (this.present !== undefined) this.present[row] = 1
    this.doubles[row] = Number(decimalText(units, scale))
  }
}

/** `flag` and `category`: the flag, or the place of the word in the values. */
export class ByteColumn extends Column {
  private bytes = new Uint8Array(this.capacity)

  put(row: number, value: number): void {
    if (this.present !== undefined) this.present[row] = 1
    this.bytes[row] = value
  }

  /** By its word; undefined: none. Throws where the values do not hold it. */
  putWord(row: number, word: string | undefined): void {
    if (word === undefined) return
    const place = this.shape.values.indexOf(word)
    if (place < 0) throw new Error(`column ${this.shape.name} does not know "${word}"`)
    this.put(row, place)
  }

  protected presentAt(row: number): CellValue {
    return this.shape.kind === 'flag' ? this.bytes[row] : this.shape.values[this.bytes[row] ?? 0]
  }

  take(rows: number): ColumnData {
    const bytes = this.bytes.subarray(0, rows)
    this.bytes = new Uint8Array(this.capacity)
    return { ...NOTHING, present: this.takePresent(rows), bytes }
  }
}

const FIRST_TEXT_BYTES = 1 << 16
const MOST_LOOPED = 64

/** `text`: each text is held once a batch where whoever fills it in remembers its place. */
export class TextColumn extends Column {
  private indexes = new Int32Array(this.capacity)
  private texts = Buffer.alloc(FIRST_TEXT_BYTES)
  private starts = new Int32Array(this.capacity + 1)
  private count = 0
  /** Counts batches: places of an earlier one mean nothing. */
  generation = 0

  /** Adds a text to the batch; its place. */
  add(text: string): number {
    const start = this.starts[this.count] ?? 0
    if (this.count + 1 >= this.starts.length) this.growStarts()
    // No character takes more than three bytes for each of its code units.
    const needed = start + 3 * text.length
    if (needed > this.texts.length) this.grow(needed)
    this.starts[this.count + 1] = start + this.write(text, start)
    return this.count++
  }

  /** Bytes written. Ids are short and plain: a loop is sooner done than a call of Node's. */
  private write(text: string, start: number): number {
    const { texts } = this
    const { length } = text
    if (length > MOST_LOOPED) return texts.write(text, start, 'utf8')
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index)
      if (code > 127) return texts.write(text, start, 'utf8')
      texts[start + index] = code
    }
    return length
  }

  put(row: number, place: number): void {
    if (this.present !== undefined) this.present[row] = 1
    this.indexes[row] = place
  }

  private growStarts(): void {
    const wider = new Int32Array(2 * this.starts.length)
    wider.set(this.starts)
    this.starts = wider
  }

  private grow(needed: number): void {
    const wider = Buffer.alloc(2 ** Math.ceil(Math.log2(needed)))
    this.texts.copy(wider)
    this.texts = wider
  }

  protected presentAt(row: number): CellValue {
    const place = this.indexes[row] ?? 0
    return this.texts.toString('utf8', this.starts[place], this.starts[place + 1])
  }

  take(rows: number): ColumnData {
    const indexes = this.indexes.subarray(0, rows)
    const end = this.starts[this.count] ?? 0
    const texts = new Uint8Array(end)
    texts.set(this.texts.subarray(0, end))
    const textStarts = this.starts.slice(0, this.count + 1)
    const textCount = this.count
    this.indexes = new Int32Array(this.capacity)
    this.count = 0
    this.generation++
    return { ...NOTHING, present: this.takePresent(rows), indexes, texts, textStarts, textCount }
  }
}
