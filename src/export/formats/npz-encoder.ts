/**
 * NumPy's `.npz` with one array `data` of rows as hftbacktest reads them. The number of rows stands in front of them and is
 * known last: `head` then takes the place of the file's first bytes.
 */
import { Buffer } from 'node:buffer'
import { constants, crc32, deflateRawSync } from 'node:zlib'

import type { Batch, ColumnData } from '../columns/column-data.ts'
import { joinedChecksum } from '../npz/checksum.ts'
import { archiveEnd, entryHead, type ZipEntry } from '../npz/zip-records.ts'
import type { FileEncoder } from './format.ts'

const FIELDS = [
  ['ev', '<u8'],
  ['exch_ts', '<i8'],
  ['local_ts', '<i8'],
  ['px', '<f8'],
  ['qty', '<f8'],
  ['order_id', '<u8'],
  ['ival', '<i8'],
  ['fval', '<f8'],
] as const
const ROW_BYTES = 8 * FIELDS.length
const HEAD_BYTES = 256
const NAME = 'data.npy'
/** An empty last block: what stands in front are blocks that are not the last. */
const LAST_BLOCK = Uint8Array.of(3, 0)

/** The head of an array: version 1.0, its length a multiple of 64 whatever the number of rows. */
const arrayHead = (rows: number): Buffer => {
  const fields = FIELDS.map(([name, type]) => `('${name}', '${type}')`).join(', ')
  const text = `{'descr': [${fields}], 'fortran_order': False, 'shape': (${String(rows)},), }`
  const head = Buffer.alloc(HEAD_BYTES, ' ')
  head.write('\x93NUMPY\x01\x00', 0, 'latin1')
  head.writeUInt16LE(HEAD_BYTES - 10, 8)
  head.write(text, 10, 'latin1')
  head.write('\n', HEAD_BYTES - 1, 'latin1')
  return head
}

/** As a block of deflate that is not compressed: its length never changes. */
const storedBlock = (content: Buffer): Buffer => {
  const block = Buffer.alloc(5)
  block.writeUInt16LE(content.length, 1)
  block.writeUInt16LE(0xffff - content.length, 3)
  return Buffer.concat([block, content])
}

const HALF = 4_294_967_296

const putWhole = (view: DataView, at: number, { words }: ColumnData, row: number): void => {
  view.setInt32(at, words?.[2 * row] ?? 0, true)
  view.setInt32(at + 4, words?.[2 * row + 1] ?? 0, true)
}

/** Microseconds as nanoseconds, which pass 2^53. */
const putTime = (view: DataView, at: number, { words }: ColumnData, row: number): void => {
  const low = ((words?.[2 * row] ?? 0) >>> 0) * 1000
  const carry = Math.floor(low / HALF)
  view.setUint32(at, low - carry * HALF, true)
  view.setInt32(at + 4, (words?.[2 * row + 1] ?? 0) * 1000 + carry, true)
}

const putDouble = (view: DataView, at: number, { doubles }: ColumnData, row: number): void => {
  view.setFloat64(at, doubles?.[row] ?? 0, true)
}

const PUTS = [putWhole, putTime, putTime, putDouble, putDouble, putWhole]

/** Takes batches of the columns `ev`, `exch_ts`, `local_ts`, `px`, `qty`, `order_id`; the other two fields are zero. */
export class NpzEncoder implements FileEncoder {
  private rows = 0
  private checksum = 0
  private compressedBytes = 5 + HEAD_BYTES
  private hasBegun = false

  private entry(): ZipEntry {
    const { rows, checksum, compressedBytes } = this
    const bytes = rows * ROW_BYTES
    return {
      name: NAME,
      checksum: joinedChecksum(crc32(arrayHead(rows)), checksum, bytes),
      bytes: HEAD_BYTES + bytes,
      compressedBytes: compressedBytes + LAST_BLOCK.length,
    }
  }

  head(): Uint8Array {
    return Buffer.concat([entryHead(this.entry()), storedBlock(arrayHead(this.rows))])
  }

  private begin(): readonly Uint8Array[] {
    if (this.hasBegun) return []
    this.hasBegun = true
    return [this.head()]
  }

  encode({ rows, columns }: Batch): readonly Uint8Array[] {
    const begun = this.begin()
    const bytes = Buffer.alloc(rows * ROW_BYTES)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    PUTS.forEach((put, field) => {
      const column = columns[field]
      if (column === undefined) throw new Error('a batch has every column')
      for (let row = 0; row < rows; row++) put(view, row * ROW_BYTES + 8 * field, column, row)
    })
    this.rows += rows
    this.checksum = crc32(bytes, this.checksum)
    const compressed = deflateRawSync(bytes, { finishFlush: constants.Z_SYNC_FLUSH })
    this.compressedBytes += compressed.length
    return [...begun, compressed]
  }

  end(): readonly Uint8Array[] {
    return [...this.begin(), LAST_BLOCK, archiveEnd(this.entry())]
  }
}
