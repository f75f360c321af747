/**
 * DELTA_BINARY_PACKED: whole numbers as steps. The widths are whole bytes, which leaves the compressor behind something to
 * see, and costs no shifting.
 */
import type { ByteWriter } from './byte-writer.ts'

const BLOCK = 128
const MINIBLOCKS = 4
const MINIBLOCK = BLOCK / MINIBLOCKS

const bytesFor = (value: number): number => {
  let bytes = 0
  for (let left = value; left > 0; left = Math.floor(left / 256)) bytes++
  return bytes
}

const least = (values: Float64Array, count: number): number => {
  let found = values[0] ?? 0
  for (let index = 1; index < count; index++) {
    const value = values[index] ?? 0
    if (value < found) found = value
  }
  return found
}

const greatest = (values: Float64Array, from: number, to: number): number => {
  let found = 0
  for (let index = from; index < to; index++) {
    const value = values[index] ?? 0
    if (value > found) found = value
  }
  return found
}

/** `steps`: `count` of them, filled up with zeros to a whole block; they are altered. */
const writeBlock = (out: ByteWriter, steps: Float64Array, count: number): void => {
  const base = least(steps, count)
  for (let index = 0; index < BLOCK; index++) steps[index] = index < count ? (steps[index] ?? 0) - base : 0
  out.zigzag(base)
  const widths = [0, 0, 0, 0]
  for (let block = 0; block < MINIBLOCKS; block++) {
    const from = block * MINIBLOCK
    const width = from < count ? bytesFor(greatest(steps, from, Math.min(count, from + MINIBLOCK))) : 0
    widths[block] = width
    out.byte(8 * width)
  }
  for (let block = 0; block < MINIBLOCKS; block++) {
    const width = widths[block] ?? 0
    if (width > 0) out.lowBytes(steps, block * MINIBLOCK, MINIBLOCK, width)
  }
}

const steps = new Float64Array(BLOCK)

/** `values`: whole numbers below 2^51 either way, so that steps between steps are exact. */
export const encodeDeltas = (out: ByteWriter, values: Float64Array, count: number): void => {
  out.varint(BLOCK)
  out.varint(MINIBLOCKS)
  out.varint(count)
  out.zigzag(values[0] ?? 0)
  let filled = 0
  for (let index = 1; index < count; index++) {
    steps[filled++] = (values[index] ?? 0) - (values[index - 1] ?? 0)
    if (filled < BLOCK) continue
    writeBlock(out, steps, BLOCK)
    filled = 0
  }
  if (filled > 0) writeBlock(out, steps, filled)
}
