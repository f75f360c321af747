/** Writes decimals as JSON writes them, into bytes: whole numbers with some of their digits behind a point. */
import { Buffer } from 'node:buffer'

const TEN_4 = 10_000
const TEN_8 = 100_000_000
/** The most digits of a `number`, zeros before and behind the point included. */
export const MAX_NUMBER_DIGITS = 18
/** The most of them behind the point. */
export const MAX_NUMBER_SCALE = MAX_NUMBER_DIGITS - 1
/** No number takes more bytes. */
export const NUMBER_ROOM = 24

const fourDigits = new DataView(
  new Uint8Array(
    Buffer.from(Array.from({ length: TEN_4 }, (_, value) => String(value).padStart(4, '0')).join('')),
  ).buffer,
)
/** By a number below 10,000: its four digits as one little-endian number. */
const FOUR_DIGITS = Int32Array.from({ length: TEN_4 }, (_, value) => fourDigits.getInt32(value * 4, true))

/** Powers of ten that are exact, by exponent. */
export const POWERS_OF_TEN = Float64Array.from({ length: MAX_NUMBER_DIGITS + 1 }, (_, exponent) =>
  Number(`1e${String(exponent)}`),
)

/** The digits of the last number, to the right, zeros before them. */
const digits = new Uint8Array(NUMBER_ROOM).fill(48)
const digitsView = new DataView(digits.buffer)

/** Puts the digits of a safe whole number into `digits`; how many there are. */
const spell = (value: number): number => {
  const high = value < TEN_8 ? 0 : Math.floor(value / TEN_8)
  const low = (value - high * TEN_8) | 0
  const upper = (low / TEN_4) | 0
  digitsView.setInt32(20, FOUR_DIGITS[low - upper * TEN_4] ?? 0, true)
  digitsView.setInt32(16, FOUR_DIGITS[upper] ?? 0, true)
  const top = (high / TEN_4) | 0
  digitsView.setInt32(12, FOUR_DIGITS[high - top * TEN_4] ?? 0, true)
  digitsView.setInt32(8, FOUR_DIGITS[top] ?? 0, true)
  if (high > 0) {
    if (high < TEN_4) return high < 100 ? (high < 10 ? 9 : 10) : high < 1000 ? 11 : 12
    return top < 100 ? (top < 10 ? 13 : 14) : top < 1000 ? 15 : 16
  }
  if (upper === 0) return low < 100 ? (low < 10 ? 1 : 2) : low < 1000 ? 3 : 4
  return upper < 100 ? (upper < 10 ? 5 : 6) : upper < 1000 ? 7 : 8
}

/**
 * Writes the number at `place` of `values`, `scale` of its digits behind the point. Returns where it ends. The value is
 * a safe whole number, the scale at most MAX_NUMBER_SCALE, and there are NUMBER_ROOM bytes of room.
 */
export const writeNumber = (
  values: Float64Array,
  place: number,
  scale: number,
  target: Uint8Array,
  at: number,
): number => {
  const value = values[place] ?? 0
  if (value < 0) target[at++] = 45
  const spelt = spell(Math.abs(value))
  const point = NUMBER_ROOM - scale
  let from = spelt > scale ? NUMBER_ROOM - spelt : point - 1
  while (from < point) target[at++] = digits[from++] ?? 0
  if (scale === 0) return at
  target[at++] = 46
  while (from < NUMBER_ROOM) target[at++] = digits[from++] ?? 0
  return at
}
