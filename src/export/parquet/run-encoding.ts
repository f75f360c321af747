/** Parquet's hybrid of runs and packed values: presence of values, and places in a dictionary. */
import type { ByteWriter } from './byte-writer.ts'

const packedHeader = (out: ByteWriter, values: number): void => {
  out.varint(Math.ceil(values / 8) * 2 + 1)
}

/** One bit a row, least significant first. */
export const packBits = (bytes: Uint8Array, rows: number): Uint8Array => {
  const packed = new Uint8Array(Math.ceil(rows / 8))
  for (let row = 0; row < rows; row++)
    if ((bytes[row] ?? 0) !== 0) packed[row >> 3] = (packed[row >> 3] ?? 0) | (1 << (row & 7))
  return packed
}

/** Definition levels of a page: which rows have a value, with the length in front. */
export const writePresence = (out: ByteWriter, present: Uint8Array, rows: number, values: number): void => {
  if (values === rows || values === 0) {
    const start = out.length
    out.uint32(0)
    out.varint(rows * 2)
    out.byte(values === rows ? 1 : 0)
    new DataView(out.view().buffer, out.view().byteOffset).setUint32(start, out.length - start - 4, true)
    return
  }
  const packed = packBits(present, rows)
  const start = out.length
  out.uint32(0)
  packedHeader(out, rows)
  out.bytes(packed)
  new DataView(out.view().buffer, out.view().byteOffset).setUint32(start, out.length - start - 4, true)
}

/** Places in a dictionary in whole bytes, which compress better behind it than bits: the width stands in front. */
export const writePlaces = (
  out: ByteWriter,
  places: ArrayLike<number>,
  count: number,
  entries: number,
): void => {
  const size = entries <= 256 ? 1 : entries <= 65_536 ? 2 : 3
  out.byte(8 * size)
  packedHeader(out, count)
  out.lowBytes(places, 0, count, size)
  for (let rest = count % 8; rest > 0 && rest < 8; rest++) for (let byte = 0; byte < size; byte++) out.byte(0)
}
