/** Whether two verdicts say the same. */
import type { Verdict } from '../../log/chunk.ts'

/** The same value with the keys of every object in one order. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]))
}

const replayed = ({ sealMismatches: _, ...shown }: Verdict): string => JSON.stringify(sorted(shown))

/** In every field that replaying shows, whatever the order of keys. */
export const sameVerdict = (left: Verdict, right: Verdict): boolean => replayed(left) === replayed(right)
