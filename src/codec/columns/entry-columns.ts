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

const classify = (
  heads: EntryHeads,
  places: readonly (Place | undefined)[],
): { readonly classes: EntryClass[]; readonly ofEntry: Int32Array } => {
  const classes: EntryClass[] = []
  const ofEntry = new Int32Array(places.length)
  let lastKey = -1
  let known = new Map<number, number>()
  const byOrigin = new Map<number, Map<number, number>>()
  for (let entry = 0; entry < places.length; entry++) {
    const kindAndFlags = heads.kindsAndFlags[entry] ?? 0
    const connection = heads.connections[entry] ?? 0
    const origin = connection * 65_536 + kindAndFlags
    if (origin !== lastKey) {
      lastKey = origin
      known = byOrigin.get(origin) ?? new Map<number, number>()
      byOrigin.set(origin, known)
    }
    const place = places[entry]?.number ?? -1
    let number = known.get(place)
    if (number === undefined) {
      number = classes.length
      known.set(place, number)
      classes.push({ kindAndFlags, connection, place })
    }
    ofEntry[entry] = number
  }
  return { classes, ofEntry }
}

export const entryColumns = (heads: EntryHeads, places: readonly (Place | undefined)[]): EntryColumns => {
  const { classes, ofEntry } = classify(heads, places)
  const counts = classes.map(() => 0)
  for (const number of ofEntry) counts[number] = (counts[number] ?? 0) + 1
  const before = columnsByContext([0, ...counts])
  const after = columnsByContext(counts)
  const columns = Array.from({ length: before.columns + after.columns }, () => new ColumnBuffer(false))
  let context = 0
  let time = heads.receiveTimes[0] ?? 0
  for (let entry = 0; entry < ofEntry.length; entry++) {
    const number = ofEntry[entry] ?? 0
    columns[before.byContext[context] ?? 0]?.push(number)
    const receiveTime = heads.receiveTimes[entry] ?? 0
    columns[before.columns + (after.byContext[number] ?? 0)]?.push(receiveTime - time)
    time = receiveTime
    context = number + 1
  }
  return { classes, classColumns: before.byContext, timeColumns: after.byContext, columns }
}
