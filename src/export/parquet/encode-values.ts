/** Chooses how the values of a column are encoded, by what they are, and encodes them. */
import { Buffer } from 'node:buffer'

import type { ColumnData } from '../columns/column-data.ts'
import type { ColumnShape } from '../columns/definition.ts'
import { ByteWriter } from './byte-writer.ts'
import { denseValues, denseWords, extremesOf, numbersOf, placesOfExtremes } from './column-values.ts'
import { encodeDeltas } from './delta-encoding.ts'
import { packBits, writePlaces } from './run-encoding.ts'
import { WordDictionary } from './word-dictionary.ts'

/** The values of a page, and of its dictionary where it has one. */
export interface EncodedValues {
  readonly encoding: number
  /** Valid until the next column is encoded. */
  readonly values: Uint8Array
  readonly dictionary: { readonly bytes: Uint8Array; readonly entries: number } | undefined
  readonly least: Uint8Array | undefined
  readonly greatest: Uint8Array | undefined
}

const PLAIN = 0
const DELTAS = 5
const DICTIONARY = 8

const out = new ByteWriter(1 << 20)
const dictionary = new WordDictionary()

const bytesOf = (words: Int32Array | Float64Array, from: number, to: number): Uint8Array => {
  const size = words.BYTES_PER_ELEMENT
  return new Uint8Array(words.buffer, words.byteOffset + from * size, (to - from) * size)
}

const plain = (values: Uint8Array): EncodedValues => ({
  encoding: PLAIN,
  values,
  dictionary: undefined,
  least: undefined,
  greatest: undefined,
})

/** A dictionary pays while most values come again; the compressor finds the others that do by itself. */
const mostEntries = (values: number): number => Math.max(256, Math.floor(values / 4))

const byPlaces = (places: ArrayLike<number>, count: number, entries: number, bytes: Uint8Array): EncodedValues => {
  out.length = 0
  writePlaces(out, places, count, entries)
  return { ...plain(out.view()), encoding: DICTIONARY, dictionary: { bytes, entries } }
} // prettier-ignore

/** 64-bit values by dictionary, or as they are. */
const encodeWords = (words: Int32Array, values: number): EncodedValues => {
  if (values === 0 || !dictionary.build(words, values, mostEntries(values)))
    return plain(bytesOf(words, 0, 2 * values))
  const { count, places } = dictionary
  return byPlaces(places, values, count, bytesOf(dictionary.words, 0, 2 * count))
}

const withExtremes = (encoded: EncodedValues, words: Int32Array, values: number, numbers: Float64Array | undefined): EncodedValues => {
  if (values === 0) return encoded
  const [least, greatest] = numbers === undefined ? extremesOf(words, values) : placesOfExtremes(numbers)
  const at = (place: number): Uint8Array => bytesOf(words, 2 * place, 2 * place + 2).slice()
  return { ...encoded, least: at(least), greatest: at(greatest) }
} // prettier-ignore

const encodeIntegers = (words: Int32Array, values: number, isStepping: boolean): EncodedValues => {
  const numbers = numbersOf(words, values)
  if (!isStepping || values === 0 || numbers === undefined)
    return withExtremes(encodeWords(words, values), words, values, numbers)
  out.length = 0
  encodeDeltas(out, numbers, values)
  return withExtremes({ ...plain(out.view()), encoding: DELTAS }, words, values, numbers)
}

const encodeDoubles = (doubles: Float64Array, values: number): EncodedValues => {
  const aligned = new Float64Array(doubles.subarray(0, values))
  const encoded = encodeWords(new Int32Array(aligned.buffer), values)
  let least = Infinity
  let greatest = -Infinity
  for (const value of aligned) {
    if (value < least) least = value
    if (value > greatest) greatest = value
  }
  if (!(least <= greatest)) return encoded
  // Zero has two signs: the statistics must hold both.
  const low = Object.is(least, 0) ? -0 : least
  const high = Object.is(greatest, -0) ? 0 : greatest
  return {
    ...encoded,
    least: bytesOf(Float64Array.of(low), 0, 1),
    greatest: bytesOf(Float64Array.of(high), 0, 1),
  }
}

/** 128 bits, the high byte first. */
const encodeTotals = (words: Int32Array, values: number): EncodedValues => {
  const bytes = Buffer.alloc(16 * values)
  for (let value = 0; value < values; value++)
    for (let word = 0; word < 4; word++)
      bytes.writeInt32BE(words[4 * value + word] ?? 0, 16 * value + 4 * (3 - word))
  return plain(bytes)
}

/** Texts one after the other, each with its length in front. */
const plainTexts = (texts: Uint8Array, starts: Int32Array, count: number): Uint8Array => {
  const bytes = Buffer.allocUnsafe(texts.length + 4 * count)
  let at = 0
  for (let place = 0; place < count; place++) {
    const start = starts[place] ?? 0
    const end = starts[place + 1] ?? start
    at = bytes.writeUInt32LE(end - start, at)
    bytes.set(texts.subarray(start, end), at)
    at += end - start
  }
  return bytes.subarray(0, at)
}

const encodeTexts = (data: ColumnData, rows: number, values: number): EncodedValues => {
  const { indexes = new Int32Array(0), texts = new Uint8Array(0), textStarts = new Int32Array(1), textCount } = data // prettier-ignore
  const places = denseValues(indexes, data, rows, values, (length) => new Int32Array(length))
  return byPlaces(places, values, textCount, plainTexts(texts, textStarts, textCount))
}

const encodeCategories = (shape: ColumnShape, data: ColumnData, rows: number, values: number): EncodedValues => {
  const bytes = denseValues(data.bytes ?? new Uint8Array(0), data, rows, values, (length) => new Uint8Array(length))
  const starts = new Int32Array(shape.values.length + 1)
  const texts = Buffer.from(shape.values.join(''), 'utf8')
  shape.values.forEach((word, place) => (starts[place + 1] = (starts[place] ?? 0) + Buffer.byteLength(word)))
  return byPlaces(bytes, values, shape.values.length, plainTexts(texts, starts, shape.values.length))
} // prettier-ignore

const encodeFlags = (data: ColumnData, rows: number, values: number): EncodedValues =>
  plain(packBits(denseValues(data.bytes ?? new Uint8Array(0), data, rows, values, (length) => new Uint8Array(length)), values)) // prettier-ignore

/** `values`: how many of the rows have one. */
export const encodeValues = (
  shape: ColumnShape,
  data: ColumnData,
  rows: number,
  values: number,
): EncodedValues => {
  const { words = new Int32Array(0), doubles = new Float64Array(0), present } = data
  switch (shape.kind) {
    case 'integer':
    case 'time':
      return encodeIntegers(denseWords(words, present, rows, values, 2), values, true)
    case 'decimal':
      return encodeIntegers(denseWords(words, present, rows, values, 2), values, false)
    case 'total':
      return encodeTotals(denseWords(words, present, rows, values, 4), values)
    case 'number':
      return encodeDoubles(
        denseValues(doubles, data, rows, values, (length) => new Float64Array(length)),
        values,
      )
    case 'flag':
      return encodeFlags(data, rows, values)
    case 'category':
      return encodeCategories(shape, data, rows, values)
    case 'text':
      return encodeTexts(data, rows, values)
  }
}
