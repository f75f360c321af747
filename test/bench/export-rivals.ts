/** The same rows of events by other writers of Parquet, in this process. */
import { createRequire } from 'node:module'

import { ByteWriter, parquetWrite } from 'hyparquet-writer'

import { cellText } from '../../src/export/columns/cell-text.ts'
import type { Batch } from '../../src/export/columns/column-data.ts'
import type { FilePlan } from '../../src/export/formats/format.ts'
import { newEncoder } from '../../src/export/formats/new-encoder.ts'

/** The parts of `parquet-wasm` that are used here: its types are those of a browser. */
interface ParquetWasm {
  readonly Table: { readonly fromIPCStream: (bytes: Uint8Array) => object }
  readonly WriterPropertiesBuilder: new () => { setCompression: (codec: number) => { build: () => object } }
  readonly writeParquet: (table: object, properties: object) => Uint8Array
}

const ZSTD = 5

/** What it made: bytes. */
export type Rival = () => Promise<number>

const sum = (pieces: readonly Uint8Array[]): number => pieces.reduce((all, { length }) => all + length, 0)

/** Ours, of whatever format. */
export const byUs = (format: 'parquet' | 'arrow-stream', plan: FilePlan, batch: Batch): Rival => {
  return async () => {
    const encoder = await newEncoder(format, plan)
    return sum(encoder.encode(batch)) + sum(encoder.end())
  }
}

export const byParquetWasm = (plan: FilePlan, batch: Batch): Rival => {
  const library = createRequire(import.meta.url)('parquet-wasm') as ParquetWasm
  return async () => {
    const encoder = await newEncoder('arrow-stream', plan)
    const stream = Buffer.concat([...encoder.encode(batch), ...encoder.end()])
    const properties = new library.WriterPropertiesBuilder().setCompression(ZSTD).build()
    return library.writeParquet(library.Table.fromIPCStream(stream), properties).length
  }
}

export const byHyparquet = (plan: FilePlan, batch: Batch): Rival => {
  const rows = Array.from({ length: batch.rows }, (_, row) => row)
  const columnData = plan.shapes.map((shape, index) => {
    const data = batch.columns[index]
    if (data === undefined) throw new Error('a batch has every column')
    const cell = cellText(shape, data, { times: 'micros', decimals: 'exact' })
    const isNumber = shape.kind === 'integer' || shape.kind === 'time' || shape.kind === 'decimal'
    const values = rows.map((row) => {
      const text = cell(row)
      if (text === undefined) return null
      if (isNumber) return BigInt(text.replace('.', ''))
      return shape.kind === 'flag' ? text === 'true' : text
    })
    const type = isNumber ? ('INT64' as const) : shape.kind === 'flag' ? ('BOOLEAN' as const) : ('STRING' as const)
    return { name: shape.name, data: values, type }
  }) // prettier-ignore
  return async () => {
    const writer = new ByteWriter()
    await parquetWrite({ writer, columnData, codec: 'SNAPPY' })
    return writer.offset
  }
}
