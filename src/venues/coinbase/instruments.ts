/**
 * Price and size scales of one product: from the venue's product list, else from the data. A value finer than the scale
 * announces a finer instrument, nothing is ever rounded. They only grow, but for a book that no longer fits into them.
 */
import { MAX_SCALE, neededScale, scaleDecimal, scaledText } from '../../market/decimal.ts'
import type { MarketSink } from '../../market/event.ts'
import {
  type Price,
  priceFromScaled,
  priceFromText,
  priceOf,
  type Size,
  sizeFromScaled,
  sizeFromText,
  sizeOf,
} from '../../market/price.ts'
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import { type Failure, failureOf } from './failure.ts'

/** No decimal that fits 2^53 units at any scale is longer; longer texts are not even looked at. */
const LONGEST_DECIMAL = 40

export class Scales {
  private priceScale = 0
  private sizeScale = 0
  private isKnown = false
  private isGivenUp = false
  /** What `read` read last. */
  lastPrice: Price = priceOf(0)
  lastSize: Size = sizeOf(0)

  /**
   * Reads a price and a size into `lastPrice` and `lastSize`, growing the scales where one is finer. Fields and no
   * object: this runs once for every order, level and trade.
   */
  read(priceText: string, sizeText: string, sink: MarketSink): Failure | undefined {
    let price = this.price(priceText)
    let size = this.size(sizeText)
    if (price === undefined || size === undefined) {
      const failure = this.grow(priceText, sizeText, sink)
      if (failure !== undefined) return failure
      price = this.price(priceText)
      size = this.size(sizeText)
      if (price === undefined || size === undefined) return failureOf('not-representable', priceText)
    }
    this.lastPrice = price
    this.lastSize = size
    return undefined
  }

  /** As `read`, of decimals whose text need not exist: not negative, of at most MAX_SCALE digits behind the point. */
  readScaled(
    priceValue: number,
    priceDigits: number,
    sizeValue: number,
    sizeDigits: number,
    sink: MarketSink,
  ): Failure | undefined {
    if (this.takeScaled(priceValue, priceDigits, sizeValue, sizeDigits)) return undefined
    return this.read(scaledText(priceValue, priceDigits), scaledText(sizeValue, sizeDigits), sink)
  }

  /** As `readScaled`, but false, and nothing read, where one of them must go through `grow` first. */
  takeScaled(priceValue: number, priceDigits: number, sizeValue: number, sizeDigits: number): boolean {
    const price = this.priceOfScaled(priceValue, priceDigits)
    const size = this.sizeOfScaled(sizeValue, sizeDigits)
    if (price === undefined || size === undefined) return false
    this.lastPrice = price
    this.lastSize = size
    return true
  }

  /** Undefined when the value must go through `grow` first: finer than the scale, too large. */
  priceOfScaled(value: number, digits: number): Price | undefined {
    return this.isKnown ? priceFromScaled(value, digits, this.priceScale) : undefined
  }

  /** Undefined when the value must go through `grow` first. */
  sizeOfScaled(value: number, digits: number): Size | undefined {
    return this.isKnown ? sizeFromScaled(value, digits, this.sizeScale) : undefined
  }

  /** Undefined when the text must go through `grow` first: no decimal, negative, finer than the scale, too large. */
  price(text: string): Price | undefined {
    if (!this.isKnown || text.length > LONGEST_DECIMAL) return undefined
    const price = priceFromText(text, this.priceScale)
    return price !== undefined && price >= 0 ? price : undefined
  }

  /** Undefined when the text must go through `grow` first. */
  size(text: string): Size | undefined {
    if (!this.isKnown || text.length > LONGEST_DECIMAL) return undefined
    const size = sizeFromText(text, this.sizeScale)
    return size !== undefined && size >= 0 ? size : undefined
  }

  /**
   * Makes room for these values and announces the instrument where it changes; afterwards `price` and `size` take
   * them. A failure says which value no scale can hold.
   */
  grow(priceText: string | undefined, sizeText: string | undefined, sink: MarketSink): Failure | undefined {
    const priceScale = priceText === undefined ? this.priceScale : scaleFor(priceText, this.priceScale)
    if (typeof priceScale !== 'number') return priceScale
    const sizeScale = sizeText === undefined ? this.sizeScale : scaleFor(sizeText, this.sizeScale)
    if (typeof sizeScale !== 'number') return sizeScale
    this.atLeast(priceScale, sizeScale, sink)
    return undefined
  }

  /** Announces the instrument when it was unknown or one of these scales is finer. */
  atLeast(priceScale: number, sizeScale: number, sink: MarketSink): void {
    if (this.isKnown && priceScale <= this.priceScale && sizeScale <= this.sizeScale) return
    this.isKnown = true
    this.priceScale = Math.max(this.priceScale, priceScale)
    this.sizeScale = Math.max(this.sizeScale, sizeScale)
    sink.instrument(this.priceScale, this.sizeScale)
  }

  /** A value could not be held beside the others: the next whole book begins with what its own rows need. */
  giveUp(): void {
    this.isGivenUp = true
  }

  /** A whole book comes, and nothing before it counts. */
  startAfresh(): void {
    if (this.isGivenUp) this.reset()
  }

  reset(): void {
    this.isGivenUp = false
    this.priceScale = 0
    this.sizeScale = 0
    this.isKnown = false
  }

  save(writer: StateWriter): void {
    writer.uint(this.priceScale)
    writer.uint(this.sizeScale)
    writer.bool(this.isKnown)
    writer.bool(this.isGivenUp)
  }

  restore(reader: StateReader): void {
    this.priceScale = reader.uint()
    this.sizeScale = reader.uint()
    this.isKnown = reader.bool()
    this.isGivenUp = reader.bool()
  }
}

/** The scale, at least this one, at which the text is a whole number below 2^53. */
export const scaleFor = (text: string, scale: number): number | Failure => {
  const needed = text.length > LONGEST_DECIMAL ? undefined : neededScale(text)
  if (needed === undefined) return failureOf('malformed', `no decimal: ${text}`)
  if (text.startsWith('-') && Number(text) !== 0) return failureOf('malformed', `negative: ${text}`)
  const wanted = Math.max(needed, scale)
  if (wanted > MAX_SCALE || scaleDecimal(text, wanted) === undefined)
    return failureOf('not-representable', text)
  return wanted
}

/** Digits behind the point without zeros at the end; exponents are left to `grow`. */
export const fractionDigits = (text: string): number => {
  const point = text.indexOf('.')
  if (point < 0) return 0
  let end = text.length
  while (text.charCodeAt(end - 1) === 48) end--
  return end - point - 1
}
