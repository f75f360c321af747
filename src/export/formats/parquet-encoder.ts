/** A Parquet file: a row group a batch, columns compressed one by one, statistics of each. */
import { Buffer } from 'node:buffer'

import type { Batch } from '../columns/column-data.ts'
import { encodeColumn } from '../parquet/column-chunk.ts'
import type { Compress } from '../parquet/compressor.ts'
import { fileMetadata, type RowGroup } from '../parquet/footer.ts'
import type { FileEncoder, FilePlan } from './format.ts'

const MAGIC = Buffer.from('PAR1', 'latin1')

export class ParquetEncoder implements FileEncoder {
  private readonly plan: FilePlan
  private readonly compress: Compress
  private readonly groups: RowGroup[] = []
  private offset = 0

  constructor(plan: FilePlan, compress: Compress) {
    this.plan = plan
    this.compress = compress
  }

  private count(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
    for (const { length } of pieces) this.offset += length
    return pieces
  }

  private begin(): readonly Uint8Array[] {
    return this.offset === 0 ? this.count([MAGIC]) : []
  }

  encode({ rows, columns }: Batch): readonly Uint8Array[] {
    const { shapes } = this.plan
    const begun = this.begin()
    const offset = this.offset
    const chunks = shapes.map((shape, index) => {
      const data = columns[index]
      if (data === undefined) throw new Error('a batch has every column')
      return encodeColumn(shape, data, rows, this.compress)
    })
    this.groups.push({ rows, offset, chunks: chunks.map(({ metadata }) => metadata) })
    return [...begun, ...this.count(chunks.flatMap(({ pieces }) => pieces))]
  }

  end(): readonly Uint8Array[] {
    const { shapes, notes, sortedBy } = this.plan
    const place = shapes.findIndex(({ name }) => name === sortedBy)
    const metadata = fileMetadata(shapes, this.groups, notes, place)
    const length = Buffer.alloc(4)
    length.writeUInt32LE(metadata.length)
    return [...this.begin(), metadata, length, MAGIC]
  }
}
