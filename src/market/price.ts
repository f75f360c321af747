/** Prices and sizes of an instrument as branded whole numbers. The only file that makes one from a bare number. */
import { convertScale, rescale, scaleDecimal } from './decimal.ts'

declare const brand: unique symbol

/** Price as a whole number of 10^-priceScale units of its instrument. */
export type Price = number & { readonly [brand]: 'Price' }

/** Size as a whole number of 10^-sizeScale units of its instrument; never negative in a book. */
export type Size = number & { readonly [brand]: 'Size' }

/** Undefined when the text is no decimal, is finer than the scale, or passes 2^53. */
export const priceFromText = (text: string, scale: number): Price | undefined =>
  scaleDecimal(text, scale) as Price | undefined

/** Undefined when the text is no decimal, is finer than the scale, or passes 2^53. */
export const sizeFromText = (text: string, scale: number): Size | undefined =>
  scaleDecimal(text, scale) as Size | undefined

/** From a whole number of 10^-from units; undefined when it is finer than the scale, or passes 2^53. */
export const priceFromScaled = (value: number, from: number, scale: number): Price | undefined =>
  convertScale(value, from, scale) as Price | undefined

/** From a whole number of 10^-from units; undefined when it is finer than the scale, or passes 2^53. */
export const sizeFromScaled = (value: number, from: number, scale: number): Size | undefined =>
  convertScale(value, from, scale) as Size | undefined

/** Takes a whole number read back from our own state or computed from sizes and prices of the same instrument. */
export const priceOf = (units: number): Price => units as Price

/** Takes a whole number read back from our own state or computed from sizes of the same instrument. */
export const sizeOf = (units: number): Size => units as Size

/** Undefined past 2^53. */
export const rescalePrice = (price: Price, from: number, to: number): Price | undefined =>
  rescale(price, from, to) as Price | undefined
