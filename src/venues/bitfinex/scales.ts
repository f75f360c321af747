/**
 * Price and size scale of the stream's instrument, derived from its data: Bitfinex lists no tick. They begin at zero
 * with each run, and after a book that no longer fitted, and grow with the first finer value; nothing is ever rounded.
 */
import { MAX_SCALE, neededScale, scaleDecimal } from '../../market/decimal.ts'
import type { MarketSink } from '../../market/event.ts'
import { type Price, priceOf, type Size, sizeOf } from '../../market/price.ts'
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import { rescaled } from './digits.ts'
import type { ExactCell } from './exact-cell.ts'
import type { ExactNumber } from './literals.ts'

const POWERS = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15]

/** Two decimals of at most 15 digits are never one double: below this a division that comes back proves the digits. */
const PROVABLE = 1e15

/** Undefined when the value is finer than the scale or passes 2^53. */
export const unitsOf = (cell: ExactCell, scale: number): number | undefined =>
  cell.scale < 0 ? unitsOfParsed(cell.parsed, scale) : rescaled(cell.digits, cell.scale, scale)

const unitsOfParsed = (value: ExactNumber, scale: number): number | undefined => {
  if (typeof value !== 'number') return scaleDecimal(value.text, scale)
  const power = POWERS[scale] ?? Number.NaN
  const units = Math.round(value * power)
  if (units < PROVABLE && units > -PROVABLE && units / power === value) return units
  return scaleDecimal(String(value), scale)
}

/** JavaScript's own text of a scaled value: `7e-7`, `6000`. The division is rounded once, so it finds the same double. */
export const numberText = (units: number, scale: number): string =>
  String(units / (POWERS[scale] ?? Number.NaN))

/** The scale that holds the value too; undefined when none does. */
const grownScale = (value: ExactCell, scale: number): number | undefined => {
  if (unitsOf(value, scale) !== undefined) return scale
  const needed = neededScale(value.text)
  if (needed === undefined || needed <= scale || needed > MAX_SCALE) return undefined
  return unitsOf(value, needed) === undefined ? undefined : needed
}

export class Scales {
  private priceScale = 0
  private sizeScale = 0
  private isTold = false

  /** Makes room for the values. False when one cannot be held exactly; then nothing has changed. */
  admit(price: ExactCell, size: ExactCell | undefined): boolean {
    const priceScale = grownScale(price, this.priceScale)
    const sizeScale = size === undefined ? this.sizeScale : grownScale(size, this.sizeScale)
    if (priceScale === undefined || sizeScale === undefined) return false
    if (priceScale !== this.priceScale || sizeScale !== this.sizeScale) this.isTold = false
    this.priceScale = priceScale
    this.sizeScale = sizeScale
    return true
  }

  /** Tells the scales if they are new; before the first event that needs them. */
  tell(sink: MarketSink): void {
    if (this.isTold) return
    this.isTold = true
    sink.instrument(this.priceScale, this.sizeScale)
  }

  /** For values admitted before. */
  price(value: ExactCell): Price {
    return priceOf(unitsOf(value, this.priceScale) ?? 0)
  }

  /** For values admitted before. The sign tells a side and is dropped. */
  size(value: ExactCell): Size {
    return sizeOf(Math.abs(unitsOf(value, this.sizeScale) ?? 0))
  }

  reset(): void {
    this.priceScale = 0
    this.sizeScale = 0
    this.isTold = false
  }

  save(writer: StateWriter): void {
    writer.uint(this.priceScale)
    writer.uint(this.sizeScale)
    writer.bool(this.isTold)
  }

  restore(reader: StateReader): void {
    this.priceScale = reader.uint()
    this.sizeScale = reader.uint()
    this.isTold = reader.bool()
  }
}
