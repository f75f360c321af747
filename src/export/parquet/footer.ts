/** The metadata at the end of a Parquet file: its schema, its row groups, and what it says of itself. */
import type { ColumnShape } from '../columns/definition.ts'
import type { ChunkMetadata } from './column-chunk.ts'
import { ThriftWriter } from './thrift.ts'

/** A row group as it stands in the file. */
export interface RowGroup {
  readonly rows: number
  /** Where its first column chunk begins. */
  readonly offset: number
  /** In the order of the columns, one behind the other. */
  readonly chunks: readonly ChunkMetadata[]
}

/** Physical types by number. */
const TYPE = { boolean: 0, int64: 2, double: 5, bytes: 6, fixed: 7 } as const
const CODEC_ZSTD = 6
const CONVERTED = { text: 0, decimal: 5, micros: 10 } as const

const typeOf = ({ kind }: ColumnShape): number => {
  switch (kind) {
    case 'integer':
    case 'time':
    case 'decimal':
      return TYPE.int64
    case 'total':
      return TYPE.fixed
    case 'number':
      return TYPE.double
    case 'flag':
      return TYPE.boolean
    case 'category':
    case 'text':
      return TYPE.bytes
  }
}

const writeMeaning = (out: ThriftWriter, { kind, scale }: ColumnShape): void => {
  if (kind === 'time') {
    out.int32(6, CONVERTED.micros)
    out.struct(10, () => {
      out.struct(8, () => {
        out.flag(1, true)
        out.struct(2, () => {
          out.struct(2, () => undefined)
        })
      })
    })
  } else if (kind === 'decimal' || kind === 'total') {
    const precision = kind === 'decimal' ? 18 : 38
    out.int32(6, CONVERTED.decimal)
    out.int32(7, scale)
    out.int32(8, precision)
    out.struct(10, () => {
      out.struct(5, () => {
        out.int32(1, scale)
        out.int32(2, precision)
      })
    })
  } else if (kind === 'category' || kind === 'text') {
    out.int32(6, CONVERTED.text)
    out.struct(10, () => {
      out.struct(1, () => undefined)
    })
  }
}

const writeSchema = (out: ThriftWriter, shapes: readonly ColumnShape[]): void => {
  out.list(2, 'struct', shapes.length + 1)
  out.structElement(() => {
    out.binary(4, 'schema')
    out.int32(5, shapes.length)
  })
  for (const shape of shapes)
    out.structElement(() => {
      out.int32(1, typeOf(shape))
      if (shape.kind === 'total') out.int32(2, 16)
      out.int32(3, shape.isOptional ? 1 : 0)
      out.binary(4, shape.name)
      writeMeaning(out, shape)
    })
}

const writeChunk = (out: ThriftWriter, shape: ColumnShape, chunk: ChunkMetadata, offset: number): void => {
  out.structElement(() => {
    out.int64(2, offset)
    out.struct(3, () => {
      out.int32(1, typeOf(shape))
      out.list(2, 'i32', chunk.encodings.length)
      for (const encoding of chunk.encodings) out.int32Element(encoding)
      out.list(3, 'binary', 1)
      out.binaryElement(shape.name)
      out.int32(4, CODEC_ZSTD)
      out.int64(5, chunk.rows)
      out.int64(6, chunk.uncompressedBytes)
      out.int64(7, chunk.compressedBytes)
      out.int64(9, offset + chunk.dataOffset)
      if (chunk.hasDictionary) out.int64(11, offset)
      out.struct(12, () => {
        out.int64(3, chunk.nulls)
        if (chunk.greatest !== undefined) out.binary(5, chunk.greatest)
        if (chunk.least !== undefined) out.binary(6, chunk.least)
      })
    })
  })
}

const writeGroup = (
  out: ThriftWriter,
  shapes: readonly ColumnShape[],
  group: RowGroup,
  sortedBy: number,
): void => {
  out.structElement(() => {
    out.list(1, 'struct', shapes.length)
    let offset = group.offset
    shapes.forEach((shape, index) => {
      const chunk = group.chunks[index]
      if (chunk === undefined) throw new Error('a row group has every column')
      writeChunk(out, shape, chunk, offset)
      offset += chunk.compressedBytes
    })
    out.int64(
      2,
      group.chunks.reduce((sum, { uncompressedBytes }) => sum + uncompressedBytes, 0),
    )
    out.int64(3, group.rows)
    if (sortedBy >= 0) {
      out.list(4, 'struct', 1)
      out.structElement(() => {
        out.int32(1, sortedBy)
        out.flag(2, false)
        out.flag(3, false)
      })
    }
    out.int64(5, group.offset)
    out.int64(6, offset - group.offset)
  })
}

/** `sortedBy`: the place of the column that the rows are sorted by, upwards; -1: by none. */
export const fileMetadata = (
  shapes: readonly ColumnShape[],
  groups: readonly RowGroup[],
  notes: ReadonlyMap<string, string>,
  sortedBy: number,
): Uint8Array => {
  const out = new ThriftWriter()
  out.int32(1, 2)
  writeSchema(out, shapes)
  out.int64(
    3,
    groups.reduce((sum, { rows }) => sum + rows, 0),
  )
  out.list(4, 'struct', groups.length)
  for (const group of groups) writeGroup(out, shapes, group, sortedBy)
  out.list(5, 'struct', notes.size)
  for (const [key, value] of notes)
    out.structElement(() => {
      out.binary(1, key)
      out.binary(2, value)
    })
  out.binary(6, `bookreel version ${notes.get('bookreel.software') ?? '0'} (build none)`)
  out.list(7, 'struct', shapes.length)
  for (let column = 0; column < shapes.length; column++)
    out.structElement(() => {
      out.struct(1, () => undefined)
    })
  return out.end()
}
