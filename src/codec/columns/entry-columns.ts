/**
 * The columns of the entries themselves: which class each is of (kind, flags, connection, place), told by the class of
 * the entry before, and how long after that entry it came, told by its own class.
 */
import { type Place } from './place.ts'
import { ColumnBuffer } from './row-writer.ts'

/** Entries that have these in common. */
export interface EntryClass {
  /** As in a record: kind, flags × 256. */
  readonly kindAndFlags: number
  readonly connection: number
  /** -1: verbatim. */
  readonly place: number
}

/** What is stored of entries beside their rows. */
export interface EntryHeads {
  readonly kindsAndFlags: Uint16Array
  readonly connections: Uint32Array
  readonly receiveTimes: Float64Array
}

/** Contexts so rare share one column. */
const OWN_COLUMN = 256

/** By context: its column. Contexts that come often have their own, all others share one. */
const columnsByContext = (
  counts: readonly number[],
): { readonly byContext: readonly number[]; readonly columns: number } => {
  let columns = 0
  const own = counts.map((count) => (count >= OWN_COLUMN ? columns++ : -1))
  const isShared = own.includes(-1)
  return {
    byContext: own.map((column) => (column < 0 ? columns : column)),
    columns: isShared ? columns + 1 : columns,
  }
}

export interface EntryColumns {
  readonly classes: readonly EntryClass[]
  /** By class of the entry before, plus one; at 0: before the first. */
  readonly classColumns: readonly number[]
  /** By class: among the time columns. */
  readonly timeColumns: readonly number[]
  /** Class columns, then time columns. */
  readonly columns: readonly ColumnBuffer[]
}

/** Gives entries their classes, in the order of first sight. */
class Classifier {
  readonly classes: EntryClass[] = []
  private origin = -1
  /** By place, of the origin at hand: kind, flags and connection. */
  private known = new Map<number, number>()
  private readonly byOrigin = new Map<number, Map<number, number>>()

  classOf(kindAndFlags: number, connection: number, place: number): number {
    const origin = connection * 65_536 + kindAndFlags
    if (origin !== this.origin) this.turnTo(origin)
    const known = this.known.get(place)
    if (known !== undefined) return known
    const number = this.classes.length
    this.known.set(place, number)
    this.classes.push({ kindAndFlags, connection, place })
    return number
  }

  private turnTo(origin: number): void {
    this.origin = origin
    this.known = this.byOrigin.get(origin) ?? new Map<number, number>()
    this.byOrigin.set(origin, this.known)
  }
}

// Loops over entries stand in functions of their own: these stay compiled from chunk to chunk.
const classify = (
  classifier: Classifier,
  ofEntry: Int32Array,
  { kindsAndFlags, connections }: EntryHeads,
  places: readonly (Place | undefined)[],
): void => {
  for (let entry = 0; entry < ofEntry.length; entry++)
    ofEntry[entry] = classifier.classOf(
      kindsAndFlags[entry] ?? 0,
      connections[entry] ?? 0,
      places[entry]?.number ?? -1,
    )
}

const countsOf = (ofEntry: Int32Array, classes: number): readonly number[] => {
  const counts = new Int32Array(classes)
  for (let entry = 0; entry < ofEntry.length; entry++) {
    const number = ofEntry[entry] ?? 0
    counts[number] = (counts[number] ?? 0) + 1
  }
  return [...counts]
}

/** `after`: by class of the entry before, plus one; `times`: by class. */
const fillColumns = (
  ofEntry: Int32Array,
  receiveTimes: Float64Array,
  after: readonly (ColumnBuffer | undefined)[],
  times: readonly (ColumnBuffer | undefined)[],
): void => {
  let context = 0
  let time = receiveTimes[0] ?? 0
  for (let entry = 0; entry < ofEntry.length; entry++) {
    const number = ofEntry[entry] ?? 0
    after[context]?.push(number)
    const receiveTime = receiveTimes[entry] ?? 0
    times[number]?.push(receiveTime - time)
    time = receiveTime
    context = number + 1
  }
}

export const entryColumns = (heads: EntryHeads, places: readonly (Place | undefined)[]): EntryColumns => {
  const ofEntry = new Int32Array(places.length)
  const classifier = new Classifier()
  classify(classifier, ofEntry, heads, places)
  const { classes } = classifier
  const counts = countsOf(ofEntry, classes.length)
  const before = columnsByContext([0, ...counts])
  const after = columnsByContext(counts)
  const columns = Array.from({ length: before.columns + after.columns }, () => new ColumnBuffer(false))
  const classColumns = before.byContext.map((column) => columns[column])
  const timeColumns = after.byContext.map((column) => columns[before.columns + column])
  fillColumns(ofEntry, heads.receiveTimes, classColumns, timeColumns)
  return { classes, classColumns: before.byContext, timeColumns: after.byContext, columns }
}
