/**
 * Notices that a connection's numbers began anew: a socket tells them in order, so numbers that go back and stay back are
 * a new count. What a book does about it is its feed's.
 */
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'

/** A message this far behind one that came before it on the same socket was not merely overtaken. */
const LARGEST_STEP_BACK = 1_000
/** So many messages behind, one after the other, were not either. */
const LONGEST_RUN_BACK = 16

interface Count {
  highest: number
  /** Messages since `highest` that were not above it. */
  behind: number
}

export class RestartWatch {
  private readonly counts = new Map<number, Count>()
  private current: Count | undefined
  private currentConnection = 0

  /** Counts a message; true when the numbers of its connection began anew. */
  isRestart(connection: number, sequence: number): boolean {
    const count = this.countOf(connection)
    if (sequence > count.highest) {
      count.highest = sequence
      count.behind = 0
      return false
    }
    count.behind++
    if (count.behind < LONGEST_RUN_BACK && count.highest - sequence <= LARGEST_STEP_BACK) return false
    this.reset()
    this.countOf(connection).highest = sequence
    return true
  }

  /** Counts a message as `isRestart` does if it is the highest of the connection told last; false: not counted. */
  countsOn(connection: number, sequence: number): boolean {
    const { current } = this
    if (current === undefined || this.currentConnection !== connection || sequence <= current.highest)
      return false
    current.highest = sequence
    current.behind = 0
    return true
  }

  /** The highest number that this connection told; -1: none. */
  highestOf(connection: number): number {
    return this.counts.get(connection)?.highest ?? -1
  }

  private countOf(connection: number): Count {
    if (this.current !== undefined && this.currentConnection === connection) return this.current
    const count = this.counts.get(connection) ?? { highest: -1, behind: 0 }
    this.counts.set(connection, count)
    this.current = count
    this.currentConnection = connection
    return count
  }

  /** The connection is gone: its numbers are none any more. */
  forget(connection: number): void {
    this.counts.delete(connection)
    if (this.currentConnection === connection) this.current = undefined
  }

  reset(): void {
    this.counts.clear()
    this.current = undefined
  }

  save(writer: StateWriter): void {
    writer.uint(this.counts.size)
    for (const [connection, { highest, behind }] of this.counts) {
      writer.uint(connection)
      writer.int(highest)
      writer.uint(behind)
    }
  }

  restore(reader: StateReader): void {
    this.reset()
    const size = reader.uint()
    for (let index = 0; index < size; index++)
      this.counts.set(reader.uint(), { highest: reader.int(), behind: reader.uint() })
  }
}
