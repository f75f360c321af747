/**
 * Where every segment of every row stands, some rows at a time. Counts of lists and templates of elements are written on
 * the way. Owns the limits on how long rows may be; whoever fills the segments stays inside what it found.
 */
import { MalformedColumns } from './byte-stream.ts'
import type { ColumnSet } from './column-set.ts'
import type { RowArrays } from './row-arrays.ts'
import type { ListPart, RowProgram } from './row-program.ts'

/** Lists inside each other that a scan gives. */
const MOST_LISTS = 8
/** So many segments are kept from chunk to chunk: fresh memory costs more than what is done in it. */
const KEPT = 8192

const keptSegments = new Int32Array(KEPT)
const keptStarts = new Int32Array(KEPT)
const keptTimes = new Float64Array(KEPT)

export class RowStructure {
  count = 0
  /** By occurrence: its segment, where it begins, when its entry was received. */
  segments = keptSegments
  starts = keptStarts
  times = keptTimes
  private readonly program: RowProgram
  private readonly columns: ColumnSet
  private readonly values: Float64Array
  private readonly scales: Uint8Array

  constructor(program: RowProgram, columns: ColumnSet, { values, scales }: RowArrays) {
    this.program = program
    this.columns = columns
    this.values = values
    this.scales = scales
  }

  /** Whether what was added is to be taken before more is. */
  get isFull(): boolean {
    return this.count >= KEPT / 2
  }

  /** Adds the row of an entry that begins at `at`; returns where it ends. */
  add(place: number, at: number, time: number): number {
    const whole = this.program.wholes[place] ?? -1
    return whole >= 0 ? this.addSegment(whole, at, time) : this.addParts(place, at, time, 0)
  }

  private addSegment(segment: number, at: number, time: number): number {
    const end = at + (this.program.lengths[segment] ?? 0)
    if (end > this.values.length) throw new MalformedColumns('rows are longer than they may be')
    const { count } = this
    if (count === this.segments.length) this.grow()
    this.segments[count] = segment
    this.starts[count] = at
    this.times[count] = time
    this.count = count + 1
    return end
  }

  private addParts(place: number, at: number, time: number, lists: number): number {
    for (const part of this.program.parts[place] ?? [])
      at =
        typeof part === 'number' ? this.addSegment(part, at, time) : this.addList(part, at, time, lists + 1)
    return at
  }

  private addList({ column, children }: ListPart, at: number, time: number, lists: number): number {
    const { values, scales, columns, program } = this
    const elements = columns.next(column)
    if (!(elements >= 0 && at + elements < values.length) || lists > MOST_LISTS)
      throw new MalformedColumns('rows are longer than they may be')
    scales[at] = 0
    values[at++] = elements
    for (let element = 0; element < elements; element++) {
      const place = children[columns.next(column + 1)]
      if (place === undefined || at >= values.length)
        throw new MalformedColumns('an element has a place that is none')
      scales[at] = 0
      values[at++] = program.templates[place] ?? 0
      const whole = program.wholes[place] ?? -1
      at = whole >= 0 ? this.addSegment(whole, at, time) : this.addParts(place, at, time, lists)
    }
    return at
  }

  private grow(): void {
    const size = this.count * 2
    const grown = (array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> => {
      const larger = new Int32Array(size)
      larger.set(array)
      return larger
    }
    this.segments = grown(this.segments)
    this.starts = grown(this.starts)
    const times = new Float64Array(size)
    times.set(this.times)
    this.times = times
  }
}
