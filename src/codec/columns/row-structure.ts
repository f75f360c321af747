/**
 * The first pass over rows: where every segment of every row stands. Counts of lists and templates of elements are
 * written on the way. Owns the limits on how long rows may be; passes behind it stay inside what it found.
 */
import { MalformedColumns } from './byte-stream.ts'
import type { ColumnSet } from './column-set.ts'
import type { ListPart, RowProgram } from './row-program.ts'
import {
  sortedEntries,
  sortedStarts,
  structureEntries,
  structureSegments,
  structureStarts,
} from './scratch.ts'

/** Lists inside each other that a scan gives. */
const MOST_LISTS = 8

/** Segments in the order of the rows. */
export class RowStructure {
  count = 0
  /** By occurrence: its segment, where it begins, the entry it belongs to. */
  segments: Int32Array
  starts: Int32Array
  entries: Int32Array
  private readonly program: RowProgram
  private readonly columns: ColumnSet
  private readonly values: Float64Array

  /** `expected`: about how many segments there are. */
  constructor(program: RowProgram, columns: ColumnSet, values: Float64Array, expected: number) {
    this.program = program
    this.columns = columns
    this.values = values
    this.segments = structureSegments.take(expected)
    this.starts = structureStarts.take(expected)
    this.entries = structureEntries.take(expected)
  }

  /** Adds the row of an entry that begins at `at`; returns where it ends. */
  add(place: number, at: number, entry: number): number {
    const whole = this.program.wholes[place] ?? -1
    return whole >= 0 ? this.addSegment(whole, at, entry) : this.addParts(place, at, entry, 0)
  }

  private addSegment(segment: number, at: number, entry: number): number {
    const { firstSlots } = this.program
    const end = at + (firstSlots[segment + 1] ?? 0) - (firstSlots[segment] ?? 0)
    if (end > this.values.length) throw new MalformedColumns('rows are longer than they may be')
    const { count } = this
    if (count === this.segments.length) this.grow()
    this.segments[count] = segment
    this.starts[count] = at
    this.entries[count] = entry
    this.count = count + 1
    return end
  }

  private addParts(place: number, at: number, entry: number, lists: number): number {
    for (const part of this.program.parts[place] ?? [])
      at =
        typeof part === 'number' ? this.addSegment(part, at, entry) : this.addList(part, at, entry, lists + 1)
    return at
  }

  private addList({ column, children }: ListPart, at: number, entry: number, lists: number): number {
    const { values, columns, program } = this
    const elements = columns.next(column)
    if (!(elements >= 0 && at + elements < values.length) || lists > MOST_LISTS)
      throw new MalformedColumns('rows are longer than they may be')
    values[at++] = elements
    for (let element = 0; element < elements; element++) {
      const place = children[columns.next(column + 1)]
      if (place === undefined || at >= values.length)
        throw new MalformedColumns('an element has a place that is none')
      values[at++] = program.templates[place] ?? 0
      const whole = program.wholes[place] ?? -1
      at = whole >= 0 ? this.addSegment(whole, at, entry) : this.addParts(place, at, entry, lists)
    }
    return at
  }

  private grow(): void {
    const size = this.count * 2 + 16
    const grown = (array: Int32Array): Int32Array => {
      const larger = new Int32Array(size)
      larger.set(array)
      return larger
    }
    this.segments = grown(this.segments)
    this.starts = grown(this.starts)
    this.entries = grown(this.entries)
  }
}

/** Starts and entries of all occurrences of a segment, in order. */
type Occurrences = (segment: number) => { readonly starts: Int32Array; readonly entries: Int32Array }

/** Sorts what a structure holds by segment. */
export const occurrencesOf = (
  { count, segments, starts, entries }: RowStructure,
  segmentCount: number,
): Occurrences => {
  const ends = new Int32Array(segmentCount + 1)
  for (let index = 0; index < count; index++) {
    const segment = segments[index] ?? 0
    ends[segment + 1] = (ends[segment + 1] ?? 0) + 1
  }
  for (let segment = 0; segment < segmentCount; segment++)
    ends[segment + 1] = (ends[segment + 1] ?? 0) + (ends[segment] ?? 0)
  const next = ends.slice()
  const ownStarts = sortedStarts.take(count)
  const ownEntries = sortedEntries.take(count)
  for (let index = 0; index < count; index++) {
    const segment = segments[index] ?? 0
    const place = next[segment] ?? 0
    next[segment] = place + 1
    ownStarts[place] = starts[index] ?? 0
    ownEntries[place] = entries[index] ?? 0
  }
  return (segment) => {
    const from = ends[segment] ?? 0
    const to = ends[segment + 1] ?? 0
    return { starts: ownStarts.subarray(from, to), entries: ownEntries.subarray(from, to) }
  }
}
