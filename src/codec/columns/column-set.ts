/** The numbers of all columns of a chunk, decoded, and a reading place in each. */
import type { BlockReader } from './block-stream.ts'
import { MalformedColumns } from './byte-stream.ts'
import type { Layout, StoredColumn } from './layout.ts'
import { columnScales, columnValues } from './scratch.ts'
import { TokenReader } from './token-reader.ts'

export class ColumnSet {
  /** Column behind column. A column of one value alone holds it once. NaN: a zero that stands apart. */
  readonly values: Float64Array
  /** Digits behind the point, where the column holds them. */
  readonly scales: Uint8Array
  /** By column: the next number. Add the stride after reading. */
  readonly cursors: Int32Array
  /** By column: 0 where it holds one value alone. */
  readonly strides: Int32Array
  private readonly starts: Int32Array
  private readonly lengths: Float64Array

  constructor(
    { columns, segments }: Pick<Layout, 'columns' | 'segments'>,
    bits: Uint8Array,
    blocks: BlockReader,
  ) {
    const stored = columns.map((column) => storedLength(column))
    const total = stored.reduce((sum, length) => sum + Math.max(1, length), 0)
    if (total > 2 ** 30) throw new MalformedColumns('the columns hold more numbers than a chunk may')
    this.cursors = new Int32Array(columns.length)
    this.strides = new Int32Array(columns.length)
    this.starts = new Int32Array(columns.length)
    this.lengths = Float64Array.from(columns, ({ length }) => length)
    const segmentTokens = tokenBlocks(columns, segments, blocks)
    this.values = columnValues.take(total)
    this.scales = columnScales.take(total)
    const reader = new TokenReader(bits)
    let at = 0
    let column = 0
    segments.forEach((count, segment) => {
      const tokens = segmentTokens[segment] ?? new Uint8Array(0)
      let from = 0
      for (const end = column + count; column < end; column++) {
        const { ranges, isScaled } = columns[column] ?? { ranges: [], isScaled: false }
        const length = stored[column] ?? 0
        const isSingle = (columns[column]?.length ?? 0) > 0 && length === 0
        const own = isSingle ? new Uint8Array(1) : tokens.subarray(from, from + length)
        reader.read(ranges, isScaled, own, this, at)
        this.starts[column] = this.cursors[column] = at
        this.strides[column] = isSingle ? 0 : 1
        from += length
        at += Math.max(1, length)
      }
    })
    if (!reader.isAtEnd()) throw new MalformedColumns('there are more bits than the columns need')
  }

  /** The next number of a column; NaN behind the last of all. */
  next(column: number): number {
    const cursor = this.cursors[column] ?? 0
    this.cursors[column] = cursor + (this.strides[column] ?? 0)
    return this.values[cursor] ?? Number.NaN
  }

  /** Digits behind the point of a column's next number. */
  nextScale(column: number): number {
    return this.scales[this.cursors[column] ?? 0] ?? 0
  }

  /** Whether every number of every column was read, once. */
  isRead(): boolean {
    for (let column = 0; column < this.cursors.length; column++) {
      const stride = this.strides[column] ?? 0
      const read = (this.cursors[column] ?? 0) - (this.starts[column] ?? 0)
      if (stride === 1 && read !== this.lengths[column]) return false
    }
    return true
  }
}

/** Tokens that are stored: none where all numbers of the column are alike. */
const storedLength = ({ length, ranges }: StoredColumn): number =>
  ranges.length === 1 && ranges[0]?.bits === 0 ? 0 : length

const tokenBlocks = (
  columns: readonly StoredColumn[],
  segments: readonly number[],
  blocks: BlockReader,
): readonly Uint8Array[] => {
  let column = 0
  return segments.map((count) => {
    let length = 0
    for (const end = column + count; column < end; column++) {
      const known = columns[column]
      if (known !== undefined) length += storedLength(known)
    }
    const tokens = blocks.next('tokens')
    if (tokens.length !== length)
      throw new MalformedColumns('a block of tokens is not as long as its columns')
    return tokens
  })
}
