/** Opens the payload of a columnar chunk: checks it, decodes its columns, gives entries and rows. */
import { ENTRY_KINDS, LARGEST_KIND_AND_FLAGS } from '../../log/entry.ts'
import { IdTable } from '../template/id-table.ts'
import { TemplateScope } from '../template/template-scope.ts'
import { TextTable } from '../template/text-table.ts'
import { MalformedColumns } from './byte-stream.ts'
import { ColumnSet } from './column-set.ts'
import type { EntryClass } from './entry-columns.ts'
import { joinIds } from './id-planes.ts'
import type { Layout } from './layout.ts'
import { NumberPasses } from './number-passes.ts'
import { type ContentLimits, type Directory, openDirectory } from './open-directory.ts'
import { ReferencePass } from './reference-pass.ts'
import { RowProgram } from './row-program.ts'
import { RowStructure } from './row-structure.ts'
import { columnsOf } from './slot-family.ts'

/** The entries of a chunk, each with its row or its bytes. */
export interface OpenedColumns {
  readonly firstSeq: number
  readonly entries: number
  readonly scope: TemplateScope
  readonly receiveTimes: Float64Array
  /** By entry: as in a record, kind and flags × 256. */
  readonly kindsAndFlags: Uint16Array
  readonly connections: Uint32Array
  /** By entry: the template; -1 - k: the payload number k of those that stayed verbatim. */
  readonly templates: Int32Array
  /** By entry, and one behind: where its row begins. */
  readonly rowStarts: Int32Array
  readonly values: Float64Array
  readonly scales: Uint8Array
  /** Payloads that stayed verbatim, one behind the other, and where each begins (one more: where the last ends). */
  readonly verbatim: Uint8Array
  readonly verbatimStarts: Int32Array
}

const startsOf = (
  columns: ColumnSet,
  column: number,
  count: number,
  most: number,
): Int32Array<ArrayBuffer> => {
  columns.sum(column, most)
  const starts = new Int32Array(count + 1)
  const lengths = columns.numbers(column)
  for (let index = 0; index < count; index++)
    starts[index + 1] = (starts[index] ?? 0) + (lengths[columns.strides[column] === 0 ? 0 : index] ?? 0)
  columns.skip(column)
  return starts
}

const scopeOf = (
  skeletons: readonly Uint8Array[],
  ids: Uint8Array<ArrayBuffer>,
  texts: TextTable,
): TemplateScope => {
  const scope = new TemplateScope(new IdTable(ids), texts)
  skeletons.forEach((skeleton, template) => {
    if (scope.templateOf(skeleton) !== template) throw new MalformedColumns('a template is none')
  })
  return scope
}

interface Opened {
  readonly layout: Layout
  readonly columns: ColumnSet
  readonly scope: TemplateScope
  readonly verbatim: Uint8Array
  readonly verbatimStarts: Int32Array
}

const openTables = ({ layout, skeletons, texts, blocks }: Directory): Opened => {
  const { idMask: mask, idCount } = layout
  const others = blocks.next('ids that compress')
  const random = blocks.next('ids')
  const ids = joinIds({ mask, random, others }, idCount)
  if (ids === undefined) throw new MalformedColumns('there are more or fewer bytes of ids than ids need')
  const columns = new ColumnSet(layout, blocks.next('bits'), blocks)
  const verbatim = blocks.next('verbatim payloads')
  blocks.end()
  const last = layout.columns.length - 1
  const textStarts = startsOf(columns, last - 1, layout.textCount, texts.length)
  const verbatimStarts = startsOf(columns, last, layout.verbatimCount, verbatim.length)
  if (textStarts.at(-1) !== texts.length || verbatimStarts.at(-1) !== verbatim.length)
    throw new MalformedColumns('lengths do not add up to what there is')
  const scope = scopeOf(skeletons, ids, new TextTable(texts, textStarts))
  return { layout, columns, scope, verbatim, verbatimStarts }
}

const checkClasses = (classes: readonly EntryClass[]): void => {
  for (const { kindAndFlags } of classes)
    if ((kindAndFlags & 0xff) >= ENTRY_KINDS.length || kindAndFlags > LARGEST_KIND_AND_FLAGS)
      throw new MalformedColumns('an entry is of a kind this version does not know')
}

/** Numbers are whole and below 2^53: what rendering rests on. */
const checkValues = (values: Float64Array): void => {
  for (let index = 0; index < values.length; index++) {
    const value = values[index] ?? 0
    if (!(value <= Number.MAX_SAFE_INTEGER && value >= -Number.MAX_SAFE_INTEGER))
      throw new MalformedColumns('a scalar is larger than it may be')
  }
}

interface FlatClasses {
  readonly kindsAndFlags: Uint16Array
  readonly connections: Uint32Array
  /** -1: verbatim. */
  readonly places: Int32Array
  readonly templates: Int32Array
  /** By class of the entry before, plus one. */
  readonly classColumns: Int32Array
  readonly timeColumns: Int32Array
}

/** The classes of entries laid out flat, for the loop over entries. */
const flatClasses = (layout: Layout): FlatClasses => {
  const { classes, classColumns, timeColumns, families, places } = layout
  const firstClass = families.reduce((sum, family) => sum + columnsOf(family), 0)
  const firstTime = firstClass + Math.max(...classColumns) + 1
  return {
    kindsAndFlags: Uint16Array.from(classes, ({ kindAndFlags }) => kindAndFlags),
    connections: Uint32Array.from(classes, ({ connection }) => connection),
    places: Int32Array.from(classes, ({ place }) => place),
    templates: Int32Array.from(classes, ({ place }) => places[place]?.template ?? -1),
    classColumns: Int32Array.from(classColumns, (column) => firstClass + column),
    timeColumns: Int32Array.from(timeColumns, (column) => firstTime + column),
  }
}

/** What is known of every entry without its row. */
interface EntryParts {
  /** By entry: its class. */
  readonly numbers: Int32Array
  readonly receiveTimes: Float64Array
}

const readHeads = (
  { entries, firstReceiveTime }: Layout,
  flat: FlatClasses,
  columns: ColumnSet,
): EntryParts => {
  const numbers = new Int32Array(entries)
  const receiveTimes = new Float64Array(entries)
  const { classColumns, timeColumns } = flat
  const classCount = timeColumns.length
  const { cursors, strides, values } = columns
  let receiveTime = firstReceiveTime
  let context = 0
  for (let entry = 0; entry < entries; entry++) {
    const classColumn = classColumns[context] ?? 0
    const classCursor = cursors[classColumn] ?? 0
    cursors[classColumn] = classCursor + (strides[classColumn] ?? 0)
    const number = values[classCursor] ?? -1
    if (!(number >= 0 && number < classCount)) throw new MalformedColumns('an entry has a class that is none')
    const timeColumn = timeColumns[number] ?? 0
    const timeCursor = cursors[timeColumn] ?? 0
    cursors[timeColumn] = timeCursor + (strides[timeColumn] ?? 0)
    const later = receiveTime + (values[timeCursor] ?? -1)
    if (!(later >= receiveTime && later <= Number.MAX_SAFE_INTEGER))
      throw new MalformedColumns('a receive time goes back')
    receiveTime = later
    numbers[entry] = number
    receiveTimes[entry] = later
    context = number + 1
  }
  return { numbers, receiveTimes }
}

interface EntryRows {
  readonly structure: RowStructure
  readonly kindsAndFlags: Uint16Array
  readonly connections: Uint32Array
  readonly templates: Int32Array
  readonly rowStarts: Int32Array
}

const readStructure = (
  layout: Layout,
  flat: FlatClasses,
  numbers: Int32Array,
  structure: RowStructure,
): EntryRows => {
  const { entries, scalars, verbatimCount } = layout
  const kindsAndFlags = new Uint16Array(entries)
  const connections = new Uint32Array(entries)
  const templates = new Int32Array(entries)
  const rowStarts = new Int32Array(entries + 1)
  let at = 0
  let verbatims = 0
  for (let entry = 0; entry < entries; entry++) {
    const number = numbers[entry] ?? 0
    const place = flat.places[number] ?? -1
    kindsAndFlags[entry] = flat.kindsAndFlags[number] ?? 0
    connections[entry] = flat.connections[number] ?? 0
    rowStarts[entry] = at
    if (place < 0) templates[entry] = -1 - verbatims++
    else {
      templates[entry] = flat.templates[number] ?? 0
      at = structure.add(place, at, entry)
    }
  }
  rowStarts[entries] = at
  if (at !== scalars || verbatims !== verbatimCount) throw new MalformedColumns(NOT_SO_MANY)
  return { structure, kindsAndFlags, connections, templates, rowStarts }
}

const NOT_SO_MANY = 'the columns hold more or less than the rows need'

const readEntries = (
  layout: Layout,
  columns: ColumnSet,
): Omit<OpenedColumns, 'firstSeq' | 'scope' | 'verbatim' | 'verbatimStarts'> => {
  const { entries, scalars } = layout
  const flat = flatClasses(layout)
  const { numbers, receiveTimes } = readHeads(layout, flat, columns)
  const values = new Float64Array(scalars)
  const scales = new Uint8Array(scalars)
  const program = new RowProgram(layout)
  const rows = readStructure(layout, flat, numbers, new RowStructure(program, columns, values, entries))
  const { structure, kindsAndFlags, connections, templates, rowStarts } = rows
  const references = new ReferencePass(layout, program, columns, values)
  references.run(structure)
  const passes = new NumberPasses(layout, program, columns, { values, scales, receiveTimes }, Math.max(...references.sizes)) // prettier-ignore
  passes.run(structure)
  references.showNumbers(structure)
  if (!references.isComplete() || !columns.isRead()) throw new MalformedColumns(NOT_SO_MANY)
  checkValues(values)
  return { entries, receiveTimes, kindsAndFlags, connections, templates, rowStarts, values, scales }
}

/** Throws MalformedColumns. */
export const openColumns = (payload: Uint8Array, limits: ContentLimits): OpenedColumns => {
  const { layout, columns, scope, verbatim, verbatimStarts } = openTables(openDirectory(payload, limits))
  const { firstSeq, entries } = layout
  if (firstSeq === 0 || entries === 0 || firstSeq + entries - 1 > Number.MAX_SAFE_INTEGER)
    throw new MalformedColumns('its entries have numbers that none has')
  checkClasses(layout.classes)
  const rows = readEntries(layout, columns)
  const { receiveTimes, kindsAndFlags, connections, templates, rowStarts, values, scales } = rows
  // One literal, not a spread: what reads it stays fast only where all have one shape.
  return { firstSeq, entries, scope, receiveTimes, kindsAndFlags, connections, templates, rowStarts, values, scales, verbatim, verbatimStarts } // prettier-ignore
}
