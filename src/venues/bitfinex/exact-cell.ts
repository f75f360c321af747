/**
 * One number of a row, exact, whichever way its frame was read: as digits and a scale, or as parsed from its text. Owns
 * all that rows ask of a number; what fits a scale is `Scales`'.
 */
import { isPlain, numberOfDigits, textOfDigits } from './digits.ts'
import { approximately, type ExactNumber, isZero } from './literals.ts'

export class ExactCell {
  /** Digits and how many of them stand behind the point; scale -1: the number was parsed. */
  digits = 0
  scale = 0
  /** The number as parsed. Means nothing where there are digits. */
  parsed: ExactNumber = 0

  setDigits(digits: number, scale: number): void {
    this.digits = digits
    this.scale = scale
  }

  setParsed(value: ExactNumber): void {
    this.parsed = value
    this.scale = -1
  }

  /** The nearest double: for ids and counts that are checked to be safe integers. */
  get number(): number {
    return this.scale < 0 ? approximately(this.parsed) : numberOfDigits(this.digits, this.scale)
  }

  /** Not for what is too small for a double. */
  get isPositive(): boolean {
    return this.scale < 0 ? approximately(this.parsed) > 0 : this.digits > 0
  }

  get isNegative(): boolean {
    return this.scale < 0 ? approximately(this.parsed) < 0 : this.digits < 0
  }

  /** Zero in any spelling, and not what is only too small for a double. */
  get isZero(): boolean {
    return this.scale < 0 ? isZero(this.parsed) : this.digits === 0
  }

  /** Whether JavaScript would write the number as its frame does. */
  get isPlain(): boolean {
    return this.scale < 0 ? typeof this.parsed === 'number' : isPlain(this.digits, this.scale)
  }

  /** The number's text in its frame. */
  get text(): string {
    return this.scale < 0 ? String(this.parsed) : textOfDigits(this.digits, this.scale)
  }
}

/** The numbers that a row begins with: orders have id, price, amount; levels price, count, amount. */
export class RowCells {
  readonly first = new ExactCell()
  readonly second = new ExactCell()
  readonly third = new ExactCell()
  /** Trades have id, milliseconds, amount, price. Means nothing where only three columns are read. */
  readonly fourth = new ExactCell()
}
