/** Opens the payload of a columnar chunk: checks it, decodes its columns, gives entries and rows. */
import { ENTRY_KINDS, LARGEST_KIND_AND_FLAGS } from '../../log/entry.ts'
import { IdTable } from '../template/id-table.ts'
import { TemplateScope } from '../template/template-scope.ts'
import { TextTable } from '../template/text-table.ts'
import { MalformedColumns } from './byte-stream.ts'
import { type ColumnRoom, columnRoom, type TakeRoom } from './column-room.ts'
import { ColumnSet } from './column-set.ts'
import type { EntryClass } from './entry-columns.ts'
import { joinIds } from './id-planes.ts'
import type { Layout } from './layout.ts'
import { type ContentLimits, type Directory, openDirectory } from './open-directory.ts'
import { RowProgram } from './row-program.ts'
import { RowReader } from './row-reader.ts'
import { RowStructure } from './row-structure.ts'
import { columnsOf } from './slot-family.ts'

/** The entries of a chunk, each with its row or its bytes. */
export interface OpenedColumns extends ColumnRoom {
  readonly firstSeq: number
  readonly entries: number
  readonly scope: TemplateScope
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
  const starts = new Int32Array(count + 1)
  for (let index = 0; index < count; index++) {
    const length = columns.next(column)
    const end = (starts[index] ?? 0) + length
    if (!(length >= 0 && end <= most)) throw new MalformedColumns('lengths are larger than they may be')
    starts[index + 1] = end
  }
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

const NOT_SO_MANY = 'the columns hold more or less than the rows need'

class EntryReader {
  readonly receiveTimes: Float64Array
  readonly kindsAndFlags: Uint16Array
  readonly connections: Uint32Array
  readonly templates: Int32Array
  readonly rowStarts: Int32Array
  /** Where the rows of the entries read so far end. */
  end = 0
  private entry = 0
  private verbatims = 0
  private receiveTime: number
  private context = 0
  private readonly layout: Layout
  private readonly flat: FlatClasses
  private readonly columns: ColumnSet
  private readonly structure: RowStructure

  constructor(layout: Layout, columns: ColumnSet, structure: RowStructure, room: ColumnRoom) {
    this.layout = layout
    this.flat = flatClasses(layout)
    this.columns = columns
    this.structure = structure
    this.receiveTime = layout.firstReceiveTime
    this.receiveTimes = room.receiveTimes
    this.kindsAndFlags = room.kindsAndFlags
    this.connections = room.connections
    this.templates = room.templates
    this.rowStarts = room.rowStarts
  }

  /** Reads entries until the structure is full or all are read; false: none was left. */
  next(): boolean {
    const { structure, flat, columns } = this
    const { entries } = this.layout
    const { classColumns, timeColumns, places } = flat
    const classCount = timeColumns.length
    let { entry } = this
    if (entry === entries) return false
    structure.count = 0
    for (; entry < entries && !structure.isFull; entry++) {
      const stored = columns.next(classColumns[this.context] ?? 0)
      const number = stored | 0
      if (number !== stored || number < 0 || number >= classCount)
        throw new MalformedColumns('an entry has a class that is none')
      const later = this.receiveTime + columns.next(timeColumns[number] ?? 0)
      if (!(later >= this.receiveTime && later <= Number.MAX_SAFE_INTEGER))
        throw new MalformedColumns('a receive time goes back')
      this.receiveTime = later
      this.context = number + 1
      this.receiveTimes[entry] = later
      this.kindsAndFlags[entry] = flat.kindsAndFlags[number] ?? 0
      this.connections[entry] = flat.connections[number] ?? 0
      this.rowStarts[entry] = this.end
      const place = places[number] ?? -1
      if (place < 0) this.templates[entry] = -1 - this.verbatims++
      else {
        this.templates[entry] = flat.templates[number] ?? 0
        this.end = structure.add(place, this.end, later)
      }
    }
    this.entry = entry
    this.rowStarts[entry] = this.end
    return true
  }

  isComplete(): boolean {
    return this.end === this.layout.scalars && this.verbatims === this.layout.verbatimCount
  }
}

const readEntries = (layout: Layout, columns: ColumnSet, take: TakeRoom | undefined): ColumnRoom => {
  const { entries, scalars } = layout
  const room = columnRoom(entries, scalars, take)
  const { values, scales } = room
  const program = new RowProgram(layout)
  const structure = new RowStructure(program, columns, { values, scales })
  const heads = new EntryReader(layout, columns, structure, room)
  const rows = new RowReader(layout, program, columns, { values, scales })
  while (heads.next()) rows.run(structure)
  if (!heads.isComplete() || !rows.isComplete() || !columns.isRead()) throw new MalformedColumns(NOT_SO_MANY)
  return room
}

/** Throws MalformedColumns. `take`: where the room comes from; left out: one that is kept from chunk to chunk. */
export const openColumns = (payload: Uint8Array, limits: ContentLimits, take?: TakeRoom): OpenedColumns => {
  const { layout, columns, scope, verbatim, verbatimStarts } = openTables(openDirectory(payload, limits))
  const { firstSeq, entries } = layout
  if (firstSeq === 0 || entries === 0 || firstSeq + entries - 1 > Number.MAX_SAFE_INTEGER)
    throw new MalformedColumns('its entries have numbers that none has')
  checkClasses(layout.classes)
  const arrays = readEntries(layout, columns, take)
  const { room, receiveTimes, kindsAndFlags, connections, templates, rowStarts, values, scales } = arrays
  // One literal, not a spread: what reads it stays fast only where all have one shape.
  return { firstSeq, entries, scope, receiveTimes, kindsAndFlags, connections, templates, rowStarts, values, scales, verbatim, verbatimStarts, room } // prettier-ignore
}
