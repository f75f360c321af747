/** Turns the numbers of one column into tokens, ranges and bits. Chooses the ranges by what the numbers are. */
import { BitSink } from './bit-sink.ts'
import { PopularNumbers, SLOTS } from './popular-numbers.ts'
import { bucketOf, MOST_TOKENS, type TokenRange } from './token-table.ts'

/** Numbers of one column on their way to tokens. NaN: a zero that stands apart. */
export interface NumberColumn {
  readonly values: Float64Array
  /** Digits behind the point, where the column is to hold them. */
  readonly scales: Uint8Array | undefined
  readonly length: number
}

export interface TokenColumn {
  readonly ranges: readonly TokenRange[]
  readonly isScaled: boolean
  /** One each; none where the only range has no bits. */
  readonly tokens: Uint8Array
  readonly bits: Uint8Array
}

/** Ranges of one class: a power of zeros taken out, a scale. */
const BUCKETS = 128
const APART = 127
const MOST_ZEROS = 15
/** Lengths in bits that share a range, where there are too many ranges otherwise. */
const STEPS = [1, 8, 53]
/** A popular number must save so many bits. */
const LEAST_SAVING = 48
/** Popular are numbers that are so among the first of a column. */
const MOST_LOOKED_AT = 8192
const NONE_AT_ALL = new Uint8Array(0)
/** No token. */
const NONE = 65_535

// Kept from column to column: small columns would pay for clearing them.
const tally = new Int32Array(65_536)
const tokenOfKey = new Uint8Array(65_536)
const hasBits = new Uint8Array(65_536)
const tokenOfSlot = new Uint16Array(SLOTS)
const numbers = new PopularNumbers()

const withoutZeros = (column: NumberColumn): { values: Float64Array; zeros: Uint8Array } => {
  const values = column.values.slice(0, column.length)
  const zeros = new Uint8Array(column.length)
  for (let index = 0; index < values.length; index++) {
    let value = values[index] ?? 0
    let count = 0
    while (count < MOST_ZEROS && value !== 0 && value % 10 === 0) {
      value /= 10
      count++
    }
    values[index] = value
    zeros[index] = count
  }
  return { values, zeros }
}

const steppedBucket = (bucket: number, step: number): number => {
  if (bucket === 0 || bucket === APART || step === 1) return bucket
  const length = Math.ceil(((bucket + 1) >> 1) / step)
  return bucket % 2 === 0 ? length * 2 : length * 2 - 1
}

const rangeOf = (key: number, step: number): TokenRange => {
  const bucket = key % BUCKETS
  const zeros = Math.floor(key / BUCKETS) % 16
  const scale = Math.floor(key / BUCKETS / 16)
  if (bucket === APART) return { base: Number.NaN, bits: 0, zeros, scale }
  if (bucket === 0) return { base: 0, bits: 0, zeros, scale }
  const length = (bucket + 1) >> 1
  const least = 2 ** ((length - 1) * step)
  const bits = step === 1 ? length - 1 : Math.min(53, length * step)
  return { base: bucket % 2 === 0 ? least : -(least + 2 ** bits - 1), bits, zeros, scale }
}

interface Keyed {
  readonly values: Float64Array
  /** By number: class × BUCKETS + bucket. */
  readonly keys: Uint16Array
  /** By key. */
  readonly counts: ReadonlyMap<number, number>
  readonly step: number
}

// Loops over columns stand in functions of their own: these stay compiled from column to column.
/** Gives every number its key, counts it, and tells in `used` which came. Empty scales or zeros: all 0. */
const fillKeys = (
  keys: Uint16Array,
  used: number[],
  values: Float64Array,
  scales: Uint8Array,
  zeros: Uint8Array,
  step: number,
): void => {
  for (let index = 0; index < keys.length; index++) {
    const value = values[index] ?? 0
    const bucket = value === value ? steppedBucket(bucketOf(value), step) : APART
    const exponents = (scales[index] ?? 0) * 16 + (zeros[index] ?? 0)
    const key = exponents * BUCKETS + bucket
    keys[index] = key
    const seen = tally[key] ?? 0
    if (seen === 0) used.push(key)
    tally[key] = seen + 1
  }
}

const keyed = (column: NumberColumn, takesZeros: boolean, step: number): Keyed => {
  const { scales, length } = column
  const { values, zeros } = takesZeros ? withoutZeros(column) : { values: column.values, zeros: undefined }
  const keys = new Uint16Array(length)
  const used: number[] = []
  fillKeys(keys, used, values, scales ?? NONE_AT_ALL, zeros ?? NONE_AT_ALL, step)
  used.sort((one, other) => one - other)
  const counts = new Map<number, number>()
  for (const key of used) {
    counts.set(key, tally[key] ?? 0)
    tally[key] = 0
  }
  return { values, keys, counts, step }
}

/** Estimated bits, tokens included. */
const costOf = ({ counts, step }: Keyed, length: number): number => {
  let bits = 0
  for (const [key, count] of counts) bits += count * (rangeOf(key, step).bits + Math.log2(length / count))
  return bits + counts.size * 24
}

const best = (column: NumberColumn, mayTakeZeros: boolean): Keyed => {
  let chosen = keyed(column, false, 1)
  if (mayTakeZeros && column.scales !== undefined) {
    const other = keyed(column, true, 1)
    if (costOf(other, column.length) < costOf(chosen, column.length)) chosen = other
  }
  for (const step of STEPS) if (chosen.counts.size > MOST_TOKENS - 16) chosen = keyed(column, false, step)
  return chosen
}

const countNumbers = (values: Float64Array, keys: Uint16Array, looked: number): void => {
  for (let index = 0; index < looked; index++) {
    const key = keys[index] ?? 0
    if (hasBits[key] === 1) numbers.count(values[index] ?? 0, key)
  }
}

/** Slots of numbers worth a token of their own, the most saving first; judged by the first of the column. */
const popularOf = ({ values, keys, counts, step }: Keyed, length: number): readonly number[] => {
  numbers.clear()
  const looked = Math.min(length, MOST_LOOKED_AT)
  for (const key of counts.keys()) hasBits[key] = rangeOf(key, step).bits > 0 ? 1 : 0
  countNumbers(values, keys, looked)
  const savings: { slot: number; saved: number }[] = []
  for (let index = 0; index < numbers.usedCount; index++) {
    const slot = numbers.used[index] ?? 0
    const seen = numbers.counts[slot] ?? 0
    if (seen < 4) continue
    const count = (seen * length) / looked
    const key = numbers.keys[slot] ?? 0
    const share = Math.max(0, Math.log2((counts.get(key) ?? count) / count))
    const saved = count * (rangeOf(key, step).bits - share)
    if (saved >= LEAST_SAVING) savings.push({ slot, saved })
  }
  savings.sort((one, other) => other.saved - one.saved || one.slot - other.slot)
  const room = Math.max(0, MOST_TOKENS - counts.size)
  return savings.slice(0, room).map(({ slot }) => slot)
}

/** Writes the token of every number and the bits behind it. */
const fillTokens = (
  tokens: Uint8Array,
  bits: BitSink,
  { keys, values }: Keyed,
  bases: Float64Array,
  widths: Uint8Array,
  hasPopular: boolean,
): void => {
  for (let index = 0; index < tokens.length; index++) {
    const key = keys[index] ?? 0
    let token = tokenOfKey[key] ?? 0
    const width = widths[token] ?? 0
    if (width > 0) {
      const value = values[index] ?? 0
      const slot = hasPopular ? numbers.find(value, key) : -1
      const own = slot < 0 ? NONE : (tokenOfSlot[slot] ?? NONE)
      if (own === NONE) bits.write(value - (bases[token] ?? 0), width)
      else token = own
    }
    tokens[index] = token
  }
}

/** `mayTakeZeros`: zeros at the end of the numbers may be kept as a power of ten. */
export const tokenise = (column: NumberColumn, mayTakeZeros = false): TokenColumn => {
  const { length } = column
  const chosen = best(column, mayTakeZeros)
  const { counts, step } = chosen
  const ranges = [...counts.keys()].map((key) => rangeOf(key, step))
  ;[...counts.keys()].forEach((key, token) => {
    tokenOfKey[key] = token
  })
  const isScaled = column.scales !== undefined
  if (ranges.length === 1 && ranges[0]?.bits === 0)
    return { ranges, isScaled, tokens: new Uint8Array(0), bits: new Uint8Array(0) }
  const popular = popularOf(chosen, length)
  for (let index = 0; index < numbers.usedCount; index++) tokenOfSlot[numbers.used[index] ?? 0] = NONE
  for (const slot of popular) {
    tokenOfSlot[slot] = ranges.length
    const { scale, zeros } = rangeOf(numbers.keys[slot] ?? 0, step)
    ranges.push({ base: numbers.values[slot] ?? 0, bits: 0, scale, zeros })
  }
  const bases = Float64Array.from(ranges, ({ base }) => base)
  const widths = Uint8Array.from(ranges, (range) => range.bits)
  const tokens = new Uint8Array(length)
  const bits = new BitSink()
  fillTokens(tokens, bits, chosen, bases, widths, popular.length > 0)
  return { ranges, isScaled, tokens, bits: bits.take() }
}
