/**
 * Notices that a connection's numbers began anew: a socket tells them in order, so numbers that go back and stay back are
 * a new count. The other connections may lag behind with the old one for a while. What a book does about it is its feed's.
 */
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'

/** A message this far behind one that came before it on the same socket was not merely overtaken. */
const LARGEST_STEP_BACK = 1_000
/** So many messages behind, one after the other, were not either. */
const LONGEST_RUN_BACK = 16
/** A connection so near to the number that the new count has come to counts the same: it was none. */
const SAME_COUNT = 100

/** `restart`: with this message the venue counts anew. `old`: it is of the count before, and means nothing any more. */
export type CountVerdict = 'on' | 'restart' | 'old'

interface Count {
  highest: number
  /** Messages since `highest` that were not above it. */
  behind: number
  /** Another connection counts anew, and this one does not yet. */
  isOld: boolean
}

const begin = (count: Count, sequence: number): void => {
  count.highest = sequence
  count.behind = 0
}

export class RestartWatch {
  private readonly counts = new Map<number, Count>()
  private current: Count | undefined
  private currentConnection = 0

  /** Counts a message. `reached`: what the count at hand has come to. */
  judge(connection: number, sequence: number, reached: number): CountVerdict {
    const count = this.countOf(connection)
    if (this.goesBack(count, sequence)) {
      const { isOld } = count
      if (!isOld) for (const other of this.counts.values()) other.isOld = true
      count.isOld = false
      return isOld ? 'on' : 'restart'
    }
    if (count.isOld && (sequence <= reached + SAME_COUNT || this.areAllOld)) {
      count.isOld = false
      begin(count, sequence)
    }
    return count.isOld ? 'old' : 'on'
  }

  private goesBack(count: Count, sequence: number): boolean {
    const isAhead = sequence > count.highest
    if (!isAhead) count.behind++
    const isBack =
      !isAhead && (count.behind >= LONGEST_RUN_BACK || count.highest - sequence > LARGEST_STEP_BACK)
    if (isAhead || isBack) begin(count, sequence)
    return isBack
  }

  private get areAllOld(): boolean {
    for (const { isOld } of this.counts.values()) if (!isOld) return false
    return true
  }

  /** Counts a message as `judge` does if it is the highest of the connection told last; false: not counted. */
  countsOn(connection: number, sequence: number): boolean {
    const { current } = this
    if (current === undefined || this.currentConnection !== connection) return false
    if (sequence <= current.highest || current.isOld) return false
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
    const count = this.counts.get(connection) ?? { highest: -1, behind: 0, isOld: false }
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
    for (const [connection, { highest, behind, isOld }] of this.counts) {
      writer.uint(connection)
      writer.int(highest)
      writer.uint(behind)
      writer.bool(isOld)
    }
  }

  restore(reader: StateReader): void {
    this.reset()
    const size = reader.uint()
    for (let index = 0; index < size; index++)
      this.counts.set(reader.uint(), { highest: reader.int(), behind: reader.uint(), isOld: reader.bool() })
  }
}
