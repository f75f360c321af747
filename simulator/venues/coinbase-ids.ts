/** Order ids as Coinbase writes them: a UUID that follows from a seed and the engine's order number. */
import { mix32 } from '../engine/random.ts'

/** Four digits for every 16 bits: a feed names an order every microsecond. */
const HEX = Array.from({ length: 65_536 }, (_, word) => word.toString(16).padStart(4, '0'))

const hex16 = (word: number): string => HEX[word & 65_535] ?? ''

/** Different orders below 2^32 of one seed have different ids: the first 32 bits alone tell them apart. */
export const orderUuid = (seed: number, order: number): string => {
  const first = mix32(order ^ seed)
  const second = mix32(first + 0x9e3779b9)
  const third = mix32(second ^ (seed + 0x7f4a7c15))
  const fourth = mix32(third + order)
  const version = ((second & 0x0fff) | 0x4000) >>> 0
  const variant = ((third >>> 16) & 0x3fff) | 0x8000
  const head = `${hex16(first >>> 16)}${hex16(first)}-${hex16(second >>> 16)}-${hex16(version)}-${hex16(variant)}`
  return `${head}-${hex16(third)}${hex16(fourth >>> 16)}${hex16(fourth)}`
}
