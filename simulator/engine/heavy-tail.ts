/**
 * Seeded random numbers with heavy tails, and logarithms: only sums, products, quotients and square roots, which are
 * the same on every machine; `Math.log` and `Math.pow` need not be.
 */
import type { Rng } from './random.ts'

const LN2 = 0.6931471805599453

/** More than 0 and at most 1. */
const uniform = (random: Rng): number => (random.next() + 1) / 4294967296

/** u to the power 21/32, near 2/3. */
const nearTwoThirds = (u: number): number => {
  const half = Math.sqrt(u)
  const eighth = Math.sqrt(Math.sqrt(half))
  return half * eighth * Math.sqrt(Math.sqrt(eighth))
}

/** Natural logarithm of a number above 0 and at most 1, to some 12 digits. */
export const lnOfUniform = (u: number): number => {
  let value = u
  let ln = 0
  while (value < 0.5) {
    value *= 2
    ln -= LN2
  }
  // ln(x) = 2 atanh((x - 1) / (x + 1)); the quotient is at most a third here.
  const q = (value - 1) / (value + 1)
  const s = q * q
  return ln + 2 * q * (1 + s * (1 / 3 + s * (1 / 5 + s * (1 / 7 + s * (1 / 9 + s * (1 / 11 + s / 13))))))
}

/** Exponential with this mean. */
export const exponential = (random: Rng, mean: number): number => -mean * lnOfUniform(uniform(random))

/** From 0 up, half of them below 0.58 scales; beyond a scale the share above x falls as x^-1.5. */
export const patient = (random: Rng, scale: number): number =>
  scale * (1 / nearTwoThirds(uniform(random)) - 1)

/** From 0 up, half of them below 2.15 scales; beyond a scale the share above x falls as x^-0.6. */
export const lasting = (random: Rng, scale: number): number => {
  const u = uniform(random)
  return scale * (1 / (u * nearTwoThirds(u)) - 1)
}

const popCount = (word: number): number => {
  let bits = word - ((word >>> 1) & 0x55555555)
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333)
  return Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24
}

const POWERS_OF_TWO = Array.from({ length: 65 }, (_, exponent) => 2 ** (exponent - 32))

/** Near lognormal around 1: one octave up or down has weight as in a bell of standard deviation 4 octaves. */
export const lognormal = (random: Rng): number => {
  const octave = popCount(random.next() | 0) + popCount(random.next() | 0)
  return (POWERS_OF_TWO[octave] ?? 1) * (0.75 + 0.75 * uniform(random))
}
