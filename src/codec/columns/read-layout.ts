/**
 * Reads a stored directory, which may be hostile: checks that its numbers fit each other, so that nothing behind it need
 * ask again.
 */
import type { SlotKind } from '../../log/frame-row.ts'
import { ByteSource, MalformedColumns } from './byte-stream.ts'
import type { EntryClass } from './entry-columns.ts'
import type {
  Layout,
  ScopeLayout,
  SlotKinds,
  StoredColumn,
  StoredFollow,
  StoredPlace,
  StoredSlot,
} from './layout.ts'
import { columnsOf, type Family, ID, LIST, MOST_GROUPS, NUMBER_ID, readFamily, TEXT } from './slot-family.ts'
import { readTokenTable } from './token-table.ts'

/** How large the numbers of a layout may be. */
export interface LayoutLimits {
  readonly entries: number
  readonly rawBytes: number
}

const list = <A>(source: ByteSource, most: number, one: (index: number) => A): A[] => {
  // Each takes a byte at least.
  const count = source.uint(Math.min(most, source.remaining))
  const read: A[] = []
  for (let index = 0; index < count; index++) read.push(one(index))
  return read
}

const readFollow = (source: ByteSource, groups: number, slots: number): StoredFollow | undefined => {
  const head = source.uint(groups * 2 + 1)
  if (head < 2) return undefined
  return {
    group: head >> 1,
    takes: head % 2 === 1,
    firstId: source.uint(slots - 1),
    secondId: source.uint(slots) - 1,
  }
}

interface SlotContext {
  readonly families: readonly Family[]
  readonly groupCount: number
  readonly place: number
  readonly slots: number
}

const fits = (kind: SlotKind, family: Family): boolean => {
  if (kind === 'id') return family.predictor === ID
  if (kind === 'text') return family.predictor === TEXT
  if (kind === 'list') return family.predictor === LIST
  return family.predictor < ID || (kind === 'number' && family.predictor === NUMBER_ID)
    ? family.isTime === (kind === 'time')
    : false
}

const readSlot = (source: ByteSource, kind: SlotKind, context: SlotContext): StoredSlot => {
  const { families, groupCount, slots } = context
  const number = source.uint(families.length) - 1
  const family = families[number]
  if (family === undefined) {
    if (kind !== 'number' && kind !== 'time') throw new MalformedColumns('a slot is constant that cannot be')
    const constant = source.int()
    return { family: -1, constant, constantScale: source.byte(), follow: undefined, children: [] }
  }
  if (!fits(kind, family)) throw new MalformedColumns('a slot has a family of another kind')
  const follow = readFollow(source, groupCount, slots)
  const children = list(source, Number.MAX_SAFE_INTEGER, () => source.uint())
  return { family: number, constant: 0, constantScale: 0, follow, children }
}

/** Each place but those of frames is the child of one slot, before it. */
const checkTree = (places: readonly StoredPlace[], classes: readonly EntryClass[]): void => {
  const taken = new Uint8Array(places.length)
  const take = (place: number, after: number): void => {
    if (!(place > after && place < places.length) || taken[place] === 1)
      throw new MalformedColumns('places are no tree')
    taken[place] = 1
  }
  for (const [number, { slots }] of places.entries())
    for (const { children } of slots) for (const child of children) take(child, number)
  for (const { place } of classes)
    if (place >= places.length || (place >= 0 && taken[place] === 1))
      throw new MalformedColumns('an entry has a place that is none')
}

/** Each scalar takes three numbers at most, each entry two. */
const checkLengths = ({ columns, entries, scalars, textCount, verbatimCount }: Layout): void => {
  const length = columns.reduce((sum, column) => sum + column.length, 0)
  if (length > scalars * 3 + entries * 2 + textCount + verbatimCount)
    throw new MalformedColumns('the columns hold more numbers than there are scalars')
}

const readColumn = (source: ByteSource, most: number): StoredColumn => {
  const length = source.uint(most)
  if (length === 0) return { length, ranges: [], isScaled: false }
  const { ranges, isScaled } = readTokenTable(source)
  if (ranges.length === 0) throw new MalformedColumns('a column has no range')
  return { length, ranges, isScaled }
}

/** Throws MalformedColumns. `kindsOf`: the slots of a template, known before the rest of the layout is read. */
export class LayoutReader {
  private readonly source: ByteSource
  private readonly limits: LayoutLimits
  /** More of anything there cannot be. */
  private readonly most: number

  constructor(bytes: Uint8Array, limits: LayoutLimits) {
    this.source = new ByteSource(bytes)
    this.limits = limits
    this.most = limits.rawBytes * 3 + limits.entries * 4 + 64
  }

  /** The first part: what the scope is built from. */
  readScope(): ScopeLayout {
    const { source, limits, most } = this
    const firstSeq = source.uint()
    const firstReceiveTime = source.uint()
    const entries = source.uint(limits.entries)
    const scalars = source.uint(limits.rawBytes)
    const skeletonLengths = list(source, most, () => source.uint(most))
    const textCount = source.uint(limits.rawBytes)
    const idCount = source.uint(Math.floor(limits.rawBytes / 32))
    const idMask = source.uint(65_535)
    return {
      firstSeq,
      firstReceiveTime,
      entries,
      scalars,
      skeletonLengths,
      textCount,
      idCount,
      idMask,
      verbatimCount: source.uint(limits.entries),
    }
  }

  /** The rest. `slotsOf`: the kinds of a template's slots; undefined: there is no such template. */
  readRest(slotsOf: (template: number) => SlotKinds | undefined, scope: ScopeLayout): Layout {
    const { source, most } = this
    const fieldCount = source.uint(most)
    const groupCount = source.uint(MOST_GROUPS)
    const tableCount = source.uint(MOST_GROUPS)
    const families = list(source, most, () => readFamily(source, fieldCount))
    const places = list(source, most, (place) => this.readPlace(place, slotsOf, families, groupCount))
    const classes = list(source, most, () => ({
      kindAndFlags: source.uint(65_535),
      connection: source.uint(2 ** 32 - 1),
      place: source.uint(places.length) - 1,
    }))
    checkTree(places, classes)
    const classColumns = Array.from({ length: classes.length + 1 }, () => source.uint(classes.length))
    const timeColumns = classes.map(() => source.uint(classes.length))
    const columns = list(source, most, () => readColumn(source, most))
    const segments = list(source, most, () => source.uint(columns.length))
    source.end()
    const { firstSeq, firstReceiveTime, entries, scalars, skeletonLengths, textCount, idCount, idMask, verbatimCount } = scope // prettier-ignore
    // One literal, not a spread: what reads the layout stays fast only where all layouts have one shape.
    const layout: Layout = { firstSeq, firstReceiveTime, entries, scalars, skeletonLengths, textCount, idCount, idMask, verbatimCount, fieldCount, groupCount, tableCount, families, places, classes, classColumns, timeColumns, columns, segments } // prettier-ignore
    checkColumns(layout)
    checkLengths(layout)
    return layout
  }

  private readPlace(
    place: number,
    slotsOf: (template: number) => SlotKinds | undefined,
    families: readonly Family[],
    groupCount: number,
  ): StoredPlace {
    const { source } = this
    const template = source.uint()
    const kinds = slotsOf(template)
    if (kinds === undefined) throw new MalformedColumns('a place has a template that is none')
    const context = { families, groupCount, place, slots: kinds.length }
    const slots = kinds.map((kind) => readSlot(source, kind, context))
    const hasLists = kinds.includes('list')
    for (const { follow } of slots) {
      if (follow === undefined) continue
      const { firstId, secondId } = follow
      const areIds = [firstId, secondId].every(
        (id) => id < 0 || isIdFamily(families[slots[id]?.family ?? -1]),
      )
      if (hasLists || !areIds) throw new MalformedColumns('a slot follows an id that is none')
    }
    return { template, slots }
  }
}

const isIdFamily = (family: Family | undefined): boolean =>
  family !== undefined && (family.predictor === ID || family.predictor === NUMBER_ID)

const checkColumns = (
  layout: Pick<Layout, 'families' | 'classColumns' | 'timeColumns' | 'columns' | 'segments' | 'tableCount'>,
): void => {
  const { families, classColumns, timeColumns, columns, segments, tableCount } = layout
  const needed =
    families.reduce((sum, family) => sum + columnsOf(family), 0) +
    Math.max(...classColumns) +
    1 +
    Math.max(-1, ...timeColumns) +
    1 +
    2
  if (columns.length !== needed) throw new MalformedColumns('there are more or fewer columns than are needed')
  if (segments.reduce((sum, count) => sum + count, 0) !== columns.length)
    throw new MalformedColumns('the blocks of columns hold more or fewer than there are')
  if (families.some(({ table }) => table > tableCount))
    throw new MalformedColumns('a family names a table that is none')
}
