/** Where the bytes of a chunk go, column by column, as lines of a table. */
import { byteBudget } from '../../src/codec/columns/byte-budget.ts'
import type { Chunk } from '../../src/log/chunk.ts'
import type { Row } from './row.ts'

const MOST_ROWS = 16

/** The parts that take most, in bytes an entry. */
export const budgetRows = (name: string, chunk: Chunk | undefined): readonly Row[] => {
  if (chunk === undefined) return []
  const { entries, rawBytes } = chunk.header
  const perEntry = (bytes: number): string => (bytes / entries).toFixed(3)
  const lines = byteBudget(chunk.payload, { entries, rawBytes })
  const shown = lines.slice(0, MOST_ROWS).map(({ name: part, bytes, numbers }) => ({
    name: `${name}: budget`,
    value: perEntry(bytes),
    note: numbers === 0 ? part : `${part}, ${String(numbers)} numbers`,
  }))
  const rest = lines.slice(MOST_ROWS).reduce((sum, { bytes }) => sum + bytes, 0)
  return [...shown, { name: `${name}: budget`, value: perEntry(rest), note: 'all others' }]
}
