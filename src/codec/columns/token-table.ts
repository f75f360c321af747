/**
 * How numbers of one column are stored: a token byte for each, which names a range (where it begins, how many bits
 * tell the place in it), and those bits. Owns the table of ranges and its stored form.
 */
import { type ByteSink, type ByteSource, MalformedColumns } from './byte-stream.ts'

export const MOST_TOKENS = 256
export const POWERS_OF_TEN = Float64Array.from({ length: 23 }, (_, exponent) => 10 ** exponent)

/** One range. NaN as `base`: the symbol of a zero that stands apart. */
export interface TokenRange {
  readonly base: number
  /** Bits behind the token, 0 … 53; they are added to `base`. */
  readonly bits: number
  /** The sum is multiplied by 10 to this power. */
  readonly zeros: number
  /** Digits behind the point of the number, where the column holds them. */
  readonly scale: number
}

const PLAIN_BUCKETS = 128
const ZERO_APART = 255

/**
 * The plain range of a number: 0 for 0, else twice the length in bits of its magnitude, less one for a negative number.
 */
export const bucketOf = (value: number): number => {
  if (value === 0) return 0
  const magnitude = value < 0 ? -value : value
  const length =
    magnitude < 4294967296 ? 32 - Math.clz32(magnitude) : 64 - Math.clz32(Math.floor(magnitude / 4294967296))
  return value < 0 ? length * 2 - 1 : length * 2
}

const bucketBase = (bucket: number): number => {
  if (bucket === 0) return 0
  const length = (bucket + 1) >> 1
  return bucket % 2 === 0 ? 2 ** (length - 1) : 1 - 2 ** length
}

export const bucketBits = (bucket: number): number => (bucket === 0 ? 0 : ((bucket + 1) >> 1) - 1)

const plainBucket = ({ base, bits }: TokenRange): number | undefined => {
  const bucket = bucketOf(base)
  return bucketBase(bucket) === base && bucketBits(bucket) === bits ? bucket : undefined
}

/** Writes the ranges in the order of their tokens. `isScaled`: with zeros and scale of each. */
export const writeTokenTable = (sink: ByteSink, ranges: readonly TokenRange[], isScaled: boolean): void => {
  sink.uint(ranges.length * 2 + (isScaled ? 1 : 0))
  for (const range of ranges) {
    if (isScaled) {
      sink.byte(range.scale)
      sink.byte(range.zeros)
    }
    if (Number.isNaN(range.base)) {
      sink.byte(ZERO_APART)
      continue
    }
    const bucket = plainBucket(range)
    if (bucket !== undefined) {
      sink.byte(bucket)
      continue
    }
    sink.byte(PLAIN_BUCKETS + range.bits)
    sink.int(range.base)
  }
}

const exponentIn = (source: ByteSource): number => {
  const exponent = source.byte()
  if (exponent >= POWERS_OF_TEN.length)
    throw new MalformedColumns('a table holds a number larger than it may be')
  return exponent
}

const readRange = (source: ByteSource, isScaled: boolean): TokenRange => {
  const scale = isScaled ? exponentIn(source) : 0
  const zeros = isScaled ? exponentIn(source) : 0
  const kind = source.byte()
  if (kind === ZERO_APART) return { base: Number.NaN, bits: 0, zeros, scale }
  if (kind < PLAIN_BUCKETS) {
    if (bucketBits(kind) > 53) throw new MalformedColumns('a table names a range that is none')
    return { base: bucketBase(kind), bits: bucketBits(kind), zeros, scale }
  }
  const bits = kind - PLAIN_BUCKETS
  if (bits > 53) throw new MalformedColumns('a table names a range that is none')
  return { base: source.int(), bits, zeros, scale }
}

export const readTokenTable = (
  source: ByteSource,
): { readonly ranges: readonly TokenRange[]; readonly isScaled: boolean } => {
  const head = source.uint(MOST_TOKENS * 2 + 1)
  const isScaled = head % 2 === 1
  const ranges: TokenRange[] = []
  for (let token = 0; token < head >> 1; token++) ranges.push(readRange(source, isScaled))
  return { ranges, isScaled }
}
