/** Reads one column back: tokens, ranges and bits to numbers, in one tight loop. */
import { MalformedColumns } from './byte-stream.ts'
import { tokenBits } from './scratch.ts'
import { POWERS_OF_TEN, type TokenRange } from './token-table.ts'

const INVALID = 255
const TWO_24 = 2 ** 24
const LOW_24 = TWO_24 - 1
const ENDS_EARLY = 'a column ends early'

/** Numbers of all columns, one column behind the other. */
export interface ColumnNumbers {
  readonly values: Float64Array
  /** Digits behind the point, where a column holds them. */
  readonly scales: Uint8Array
}

export class TokenReader {
  private readonly bases = new Float64Array(256)
  private readonly widths = new Uint8Array(256)
  /** Of widths up to 24. */
  private readonly masks = new Int32Array(256)
  private readonly zeros = new Uint8Array(256)
  private readonly scales = new Uint8Array(256)
  private readonly bits: DataView
  private readonly limit: number
  private place = 0

  /** `bits`: the bits of all columns that will be read, each column's beginning at a byte. */
  constructor(bits: Uint8Array) {
    // Reading four bytes at any place of the bits must stay inside the buffer.
    const padded = tokenBits.take(bits.length + 8)
    padded.set(bits)
    padded.fill(0, bits.length)
    this.bits = new DataView(padded.buffer, padded.byteOffset, padded.length)
    this.limit = bits.length * 8
  }

  /** Reads a column of `tokens.length` numbers into `target` from `at` on. */
  read(
    ranges: readonly TokenRange[],
    isScaled: boolean,
    tokens: Uint8Array,
    target: ColumnNumbers,
    at: number,
  ): void {
    this.prepare(ranges)
    this.readValues(tokens, target.values, at)
    if (isScaled) this.applyScales(tokens, target, at)
    else target.scales.fill(0, at, at + tokens.length)
    this.place = Math.ceil(this.place / 8) * 8
  }

  isAtEnd(): boolean {
    return this.place === this.limit
  }

  private prepare(ranges: readonly TokenRange[]): void {
    const { bases, widths, masks, zeros, scales } = this
    widths.fill(INVALID)
    ranges.forEach((range, token) => {
      bases[token] = range.base
      widths[token] = range.bits
      masks[token] = 2 ** Math.min(24, range.bits) - 1
      zeros[token] = range.zeros
      scales[token] = range.scale
    })
  }

  private readValues(tokens: Uint8Array, values: Float64Array, at: number): void {
    const { bases, widths, masks, bits, limit } = this
    let { place } = this
    for (let index = 0; index < tokens.length; index++) {
      const token = tokens[index] ?? 0
      const width = widths[token] ?? 0
      if (width <= 24) {
        // Also without any bits: a jump that cannot be foreseen costs more than reading none.
        const word = bits.getInt32(place >>> 3, true) >>> (place & 7)
        values[at + index] = (bases[token] ?? 0) + (word & (masks[token] ?? 0))
        place += width
        if (place > limit) throw new MalformedColumns(ENDS_EARLY)
        continue
      }
      if (width === INVALID) throw new MalformedColumns('a column holds a token that its table lacks')
      if (place + width > limit) throw new MalformedColumns(ENDS_EARLY)
      values[at + index] = (bases[token] ?? 0) + this.wide(place, width)
      place += width
    }
    this.place = place
  }

  /** 25 to 53 bits, lowest first. */
  private wide(place: number, width: number): number {
    const { bits } = this
    const low = (bits.getInt32(place >>> 3, true) >>> (place & 7)) & LOW_24
    const next = place + 24
    const middle = bits.getInt32(next >>> 3, true) >>> (next & 7)
    if (width <= 48) return low + (middle & ((1 << (width - 24)) - 1)) * TWO_24
    const last = next + 24
    const high = (bits.getInt32(last >>> 3, true) >>> (last & 7)) & ((1 << (width - 48)) - 1)
    return low + (middle & LOW_24) * TWO_24 + high * TWO_24 * TWO_24
  }

  private applyScales(tokens: Uint8Array, target: ColumnNumbers, at: number): void {
    const { zeros, scales } = this
    for (let index = 0; index < tokens.length; index++) {
      const token = tokens[index] ?? 0
      const power = zeros[token] ?? 0
      if (power > 0)
        target.values[at + index] = (target.values[at + index] ?? 0) * (POWERS_OF_TEN[power] ?? 0)
      target.scales[at + index] = scales[token] ?? 0
    }
  }
}
