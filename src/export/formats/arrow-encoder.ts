/** Arrow IPC, as a file or as a stream: a record batch a batch. Categories are dictionaries, decimals have 128 bits. */
import {
  Bool,
  type Data,
  type DataType,
  Decimal,
  Dictionary,
  Field,
  Float64,
  Int8,
  Int64,
  makeData,
  makeVector,
  RecordBatch,
  RecordBatchFileWriter,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampMicrosecond,
  Utf8,
  type Vector,
} from 'apache-arrow'

import type { Batch, ColumnData } from '../columns/column-data.ts'
import type { ColumnShape } from '../columns/definition.ts'
import { presentCount } from '../parquet/column-values.ts'
import { packBits } from '../parquet/run-encoding.ts'
import type { FileEncoder, FilePlan } from './format.ts'

const typeOf = ({ kind, scale }: ColumnShape, place: number): DataType => {
  switch (kind) {
    case 'integer':
      return new Int64()
    case 'time':
      return new TimestampMicrosecond('UTC')
    case 'decimal':
      return new Decimal(scale, 18, 128)
    case 'total':
      return new Decimal(scale, 38, 128)
    case 'number':
      return new Float64()
    case 'flag':
      return new Bool()
    case 'category':
      return new Dictionary(new Utf8(), new Int8(), place, false)
    case 'text':
      return new Utf8()
  }
}

/** 64 bits as 128. */
const widened = (words: Int32Array, rows: number): Int32Array => {
  const wide = new Int32Array(4 * rows)
  for (let row = 0; row < rows; row++) {
    const high = words[2 * row + 1] ?? 0
    wide[4 * row] = words[2 * row] ?? 0
    wide[4 * row + 1] = high
    wide[4 * row + 2] = high >> 31
    wide[4 * row + 3] = high >> 31
  }
  return wide
}

interface Texts {
  readonly data: Uint8Array
  readonly valueOffsets: Int32Array
}

/** Each row's text in its place. */
const spreadTexts = (column: ColumnData, rows: number): Texts => {
  const { present, indexes, texts = new Uint8Array(0), textStarts = new Int32Array(1) } = column
  const valueOffsets = new Int32Array(rows + 1)
  for (let row = 0; row < rows; row++) {
    const place = present === undefined || present[row] === 1 ? (indexes?.[row] ?? 0) : -1
    const length = place < 0 ? 0 : (textStarts[place + 1] ?? 0) - (textStarts[place] ?? 0)
    valueOffsets[row + 1] = (valueOffsets[row] ?? 0) + length
  }
  const data = new Uint8Array(valueOffsets[rows] ?? 0)
  for (let row = 0; row < rows; row++) {
    const from = valueOffsets[row] ?? 0
    const length = (valueOffsets[row + 1] ?? 0) - from
    const start = textStarts[indexes?.[row] ?? 0] ?? 0
    for (let byte = 0; byte < length; byte++) data[from + byte] = texts[start + byte] ?? 0
  }
  return { data, valueOffsets }
}

const wordsOf = (words: Int32Array): Uint32Array =>
  new Uint32Array(words.buffer, words.byteOffset, words.length)

const longsOf = (words: Int32Array): BigInt64Array =>
  new BigInt64Array(words.buffer, words.byteOffset, words.length / 2)

const dictionaryOf = (values: readonly string[]): Data<Utf8> => {
  const encoded = new TextEncoder().encode(values.join(''))
  const valueOffsets = new Int32Array(values.length + 1)
  values.forEach((value, index) => {
    valueOffsets[index + 1] = (valueOffsets[index] ?? 0) + new TextEncoder().encode(value).length
  })
  return makeData({ type: new Utf8(), length: values.length, nullCount: 0, valueOffsets, data: encoded })
}

const EMPTY = new Int32Array(0)

const dataOf = (
  shape: ColumnShape,
  type: DataType,
  dictionary: Vector<Utf8> | undefined,
  column: ColumnData,
  rows: number,
): Data => {
  const { present, words = EMPTY, doubles, bytes = new Uint8Array(0) } = column
  const nullCount = rows - presentCount(present, rows)
  const nullBitmap = present === undefined || nullCount === 0 ? undefined : packBits(present, rows)
  const head = { length: rows, nullCount, nullBitmap }
  switch (shape.kind) {
    case 'integer':
      return makeData({ type: type as Int64, ...head, data: longsOf(words) })
    case 'time':
      return makeData({ type: type as TimestampMicrosecond, ...head, data: longsOf(words) })
    case 'decimal':
      return makeData({ type: type as Decimal, ...head, data: wordsOf(widened(words, rows)) })
    case 'total':
      return makeData({ type: type as Decimal, ...head, data: wordsOf(words) })
    case 'number':
      return makeData({ type: type as Float64, ...head, data: doubles })
    case 'flag':
      return makeData({ type: type as Bool, ...head, data: packBits(bytes, rows) })
    case 'category': {
      const data = new Int8Array(bytes.buffer, bytes.byteOffset, rows)
      return makeData({
        type: type as Dictionary<Utf8, Int8>,
        ...head,
        data,
        ...(dictionary && { dictionary }),
      })
    }
    case 'text':
      return makeData({ type: type as Utf8, ...head, ...spreadTexts(column, rows) })
  }
}

/** What is smaller may be the writer's own, which writes over it, or a dictionary; the columns of a batch are nobody's any more. */
const LEAST_OF_BATCH = 1 << 16

/** Hands on what a writer of the library writes. */
class PieceSink {
  pieces: Uint8Array[] = []

  add(chunk: ArrayBufferView): void {
    const piece = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    this.pieces.push(piece.length < LEAST_OF_BATCH ? piece.slice() : piece)
  }

  take(): readonly Uint8Array[] {
    const { pieces } = this
    this.pieces = []
    return pieces
  }
}

class FileWriter extends RecordBatchFileWriter {
  readonly taken = new PieceSink()

  protected override _write(chunk: ArrayBufferView): this {
    if (chunk.byteLength > 0) {
      this.taken.add(chunk)
      this._position += chunk.byteLength
    }
    return this
  }
}

class StreamWriter extends RecordBatchStreamWriter {
  readonly taken = new PieceSink()

  protected override _write(chunk: ArrayBufferView): this {
    if (chunk.byteLength > 0) {
      this.taken.add(chunk)
      this._position += chunk.byteLength
    }
    return this
  }
}

export class ArrowEncoder implements FileEncoder {
  private readonly plan: FilePlan
  private readonly schema: Schema
  private readonly types: readonly DataType[]
  /** The same ones for every batch: a file may hold each once only. */
  private readonly dictionaries: readonly (Vector<Utf8> | undefined)[]
  private readonly writer: FileWriter | StreamWriter

  constructor(plan: FilePlan, form: 'file' | 'stream') {
    this.plan = plan
    this.types = plan.shapes.map(typeOf)
    this.dictionaries = plan.shapes.map(({ kind, values }) =>
      kind === 'category' ? makeVector(dictionaryOf(values)) : undefined,
    )
    const fields = plan.shapes.map((shape, index) => {
      const type = this.types[index]
      if (type === undefined) throw new Error('every column has a type')
      const notes = new Map([
        ['doc', shape.doc],
        ['unit', shape.unit],
      ])
      return new Field(shape.name, type, shape.isOptional, notes)
    })
    this.schema = new Schema(fields, new Map(plan.notes))
    this.writer = form === 'file' ? new FileWriter() : new StreamWriter()
    this.writer.reset(undefined, this.schema)
  }

  encode({ rows, columns }: Batch): readonly Uint8Array[] {
    const children = this.plan.shapes.map((shape, index) => {
      const [type, data] = [this.types[index], columns[index]]
      if (type === undefined || data === undefined) throw new Error('a batch has every column')
      return dataOf(shape, type, this.dictionaries[index], data, rows)
    })
    const struct = makeData({ type: new Struct(this.schema.fields), length: rows, nullCount: 0, children })
    this.writer.write(new RecordBatch(this.schema, struct))
    return this.writer.taken.take()
  }

  end(): readonly Uint8Array[] {
    this.writer.finish()
    return this.writer.taken.take()
  }
}
