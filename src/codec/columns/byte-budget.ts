/** Where the bytes of a columnar payload go: for whoever wants to make it smaller. */
import { slotsOf } from '../template/skeleton.ts'
import { BlockReader } from './block-stream.ts'
import { COLUMNS_HEAD } from './columns-head.ts'
import type { Layout } from './layout.ts'
import { type ContentLimits, openDirectory } from './open-directory.ts'
import { columnsOf } from './slot-family.ts'

/** What one part of a payload costs. */
export interface BudgetLine {
  readonly name: string
  /** As stored; tokens of columns that share a block by their number. */
  readonly bytes: number
  /** Numbers in the column, 0 where the part is no column. */
  readonly numbers: number
}

const PREDICTIONS = ['', 'raw', 'slot', 'field', 'slope', 'group', 'clock', 'clock step', 'id', 'text', 'number id', 'list'] // prettier-ignore
const HEAD_BYTES = 13

/** Names of all columns: the paths of a family's slots and its prediction. */
const columnNames = (layout: Layout, skeletons: readonly Uint8Array[]): string[] => {
  const paths = layout.families.map(() => new Set<string>())
  for (const { template, slots } of layout.places) {
    const shown = slotsOf(skeletons[template] ?? new Uint8Array(0)) ?? []
    slots.forEach(({ family }, position) => paths[family]?.add(shown[position]?.path ?? ''))
  }
  const names = layout.families.flatMap((family, number) =>
    Array.from({ length: columnsOf(family) }, (_, index) => {
      const path = [...(paths[number] ?? [])].slice(0, 3).join(' ')
      return `${path}: ${PREDICTIONS[family.predictor] ?? ''} ${index === 0 ? '' : String(index + 1)}`.trim()
    }),
  )
  const firstTime = names.length + Math.max(...layout.classColumns) + 1
  while (names.length < layout.columns.length - 2)
    names.push(names.length < firstTime ? 'classes of entries' : 'receive times')
  return [...names, 'lengths of texts', 'lengths of verbatim payloads']
}

const bitsOf = (layout: Layout, column: number, tokens: Uint8Array): number => {
  const ranges = layout.columns[column]?.ranges ?? []
  let bits = 0
  for (const token of tokens) bits += ranges[token]?.bits ?? 0
  return Math.ceil(bits / 8)
}

/** All parts, the largest first. Throws MalformedColumns for a damaged payload. */
export const byteBudget = (payload: Uint8Array, limits: ContentLimits): readonly BudgetLine[] => {
  const { layout, skeletons } = openDirectory(payload, limits)
  const names = columnNames(layout, skeletons)
  const blocks = new BlockReader(payload, COLUMNS_HEAD.length, Number.MAX_SAFE_INTEGER)
  const stored = (name: string): { readonly content: Uint8Array; readonly bytes: number } => {
    const before = blocks.place
    const content = blocks.next(name)
    return { content, bytes: blocks.place - before }
  }
  const lines: BudgetLine[] = [{ name: 'head', bytes: COLUMNS_HEAD.length, numbers: 0 }]
  for (const name of ['directory', 'templates and texts', 'ids that compress', 'ids'])
    lines.push({ name, bytes: stored(name).bytes, numbers: 0 })
  lines.push({ name: 'bits (heads and padding)', bytes: HEAD_BYTES, numbers: 0 })
  blocks.next('bits')
  let column = 0
  for (const count of layout.segments) {
    const { content, bytes } = stored('tokens')
    let from = 0
    for (const end = column + count; column < end; column++) {
      const { length = 0, ranges = [] } = layout.columns[column] ?? {}
      const own = ranges.length === 1 && ranges[0]?.bits === 0 ? 0 : length
      const tokens = content.subarray(from, from + own)
      from += own
      const share = content.length === 0 ? bytes / count : (bytes * own) / content.length
      lines.push({
        name: names[column] ?? '',
        bytes: share + bitsOf(layout, column, tokens),
        numbers: length,
      })
    }
  }
  lines.push({ name: 'verbatim payloads', bytes: stored('verbatim').bytes, numbers: 0 })
  return lines.sort((one, other) => other.bytes - one.bytes)
}
