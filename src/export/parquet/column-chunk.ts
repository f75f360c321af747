/** One column of one row group: its pages, and what the file's metadata says of them. */
import type { ColumnData } from '../columns/column-data.ts'
import type { ColumnShape } from '../columns/definition.ts'
import { ByteWriter } from './byte-writer.ts'
import { presentCount } from './column-values.ts'
import type { Compress } from './compressor.ts'
import { encodeValues } from './encode-values.ts'
import { writePresence } from './run-encoding.ts'
import { ThriftWriter } from './thrift.ts'

/** Numbers of the format. */
const ENCODING = { plain: 0, rle: 3, deltas: 5, dictionary: 8 } as const
const PAGE = { data: 0, dictionary: 2 } as const

/** What the metadata says of a column chunk. */
export interface ChunkMetadata {
  readonly encodings: readonly number[]
  readonly rows: number
  readonly nulls: number
  readonly uncompressedBytes: number
  readonly compressedBytes: number
  /** Of its first page, from where the chunk begins. */
  readonly hasDictionary: boolean
  /** Where the data page stands, from where the chunk begins. */
  readonly dataOffset: number
  readonly least: Uint8Array | undefined
  readonly greatest: Uint8Array | undefined
}

/** The pages as they stand in the file, and what is told of them. */
export interface ColumnChunk {
  readonly pieces: readonly Uint8Array[]
  readonly metadata: ChunkMetadata
}

interface Page {
  readonly header: Uint8Array
  readonly body: Uint8Array
  readonly uncompressedBytes: number
}

const pageOf = (
  content: Uint8Array,
  compress: Compress,
  kind: keyof typeof PAGE,
  values: number,
  encoding: number,
): Page => {
  const body = compress(content)
  const header = new ThriftWriter()
  header.int32(1, PAGE[kind])
  header.int32(2, content.length)
  header.int32(3, body.length)
  header.struct(kind === 'data' ? 5 : 7, () => {
    header.int32(1, values)
    header.int32(2, encoding)
    if (kind === 'dictionary') return
    header.int32(3, ENCODING.rle)
    header.int32(4, ENCODING.rle)
  })
  const bytes = header.end()
  return { header: bytes, body, uncompressedBytes: bytes.length + content.length }
}

const content = new ByteWriter(1 << 20)

/** Encodes a column of `rows` rows. */
export const encodeColumn = (
  shape: ColumnShape,
  data: ColumnData,
  rows: number,
  compress: Compress,
): ColumnChunk => {
  const values = presentCount(data.present, rows)
  const encoded = encodeValues(shape, data, rows, values)
  const pages: Page[] = []
  if (encoded.dictionary !== undefined) {
    const { bytes, entries } = encoded.dictionary
    pages.push(pageOf(bytes, compress, 'dictionary', entries, ENCODING.plain))
  }
  const dataOffset = pages.reduce((sum, { header, body }) => sum + header.length + body.length, 0)
  content.length = 0
  if (data.present !== undefined) writePresence(content, data.present, rows, values)
  content.bytes(encoded.values)
  pages.push(pageOf(content.view(), compress, 'data', rows, encoded.encoding))
  return {
    pieces: pages.flatMap(({ header, body }) => [header, body]),
    metadata: {
      encodings: [...new Set([ENCODING.plain, ENCODING.rle, encoded.encoding])],
      rows,
      nulls: rows - values,
      uncompressedBytes: pages.reduce((sum, page) => sum + page.uncompressedBytes, 0),
      compressedBytes: pages.reduce((sum, { header, body }) => sum + header.length + body.length, 0),
      hasDictionary: encoded.dictionary !== undefined,
      dataOffset,
      least: encoded.least,
      greatest: encoded.greatest,
    },
  }
}
