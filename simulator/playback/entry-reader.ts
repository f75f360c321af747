/** Reads several sources as one: entries in the order of their receive times, ties by the place of the source. */
import { EntryCursor, type Seq } from '../../src/index.ts'
import type { FrameSource } from './frame-source.ts'

interface Lane {
  readonly batches: AsyncIterator<Uint8Array>
  cursor: EntryCursor | undefined
  isOver: boolean
  /** The last entry that was passed. */
  place: Seq
}

export class EntryReader {
  /** The place, in the list of sources, of the one that the current entry is of. */
  source = 0
  private readonly lanes: readonly Lane[]
  private current: Lane | undefined
  private dryLanes: number

  /** `places`: the last entry of each source that is not wanted. */
  constructor(sources: readonly FrameSource[], places: readonly Seq[]) {
    this.lanes = sources.map((source, index) => {
      const place = places[index] ?? 0
      return {
        batches: source.batches(place)[Symbol.asyncIterator](),
        cursor: undefined,
        isOver: false,
        place,
      }
    })
    this.dryLanes = this.lanes.length
  }

  /** The last entry of each source that was passed; the current one counts. */
  places(): readonly Seq[] {
    return this.lanes.map((lane) => (lane === this.current ? (lane.cursor?.seq ?? lane.place) : lane.place))
  }

  /** The next entry, valid until the next call; undefined: `fetch` before asking again. */
  next(): EntryCursor | undefined {
    const { current } = this
    if (current?.cursor !== undefined) {
      current.place = current.cursor.seq
      this.advance(current, current.cursor)
    }
    this.current = undefined
    if (this.dryLanes > 0) return undefined
    let chosen: Lane | undefined
    let chosenTime = Infinity
    for (let index = 0; index < this.lanes.length; index++) {
      const lane = this.lanes[index]
      const time = lane?.cursor?.receiveTime ?? Infinity
      if (time >= chosenTime) continue
      chosen = lane
      chosenTime = time
      this.source = index
    }
    this.current = chosen
    return chosen?.cursor
  }

  private advance(lane: Lane, cursor: EntryCursor): void {
    if (cursor.next()) return
    lane.cursor = undefined
    this.dryLanes++
  }

  /** Fetches what is missing. False: every source is at its end. */
  async fetch(): Promise<boolean> {
    for (const lane of this.lanes) {
      while (lane.cursor === undefined && !lane.isOver) {
        const next = await lane.batches.next()
        if (next.done === true) lane.isOver = true
        else {
          const cursor = new EntryCursor(next.value)
          if (!cursor.next()) continue
          lane.cursor = cursor
        }
        this.dryLanes--
      }
    }
    return this.lanes.some(({ isOver }) => !isOver)
  }

  /** Frees what the sources hold. */
  async close(): Promise<void> {
    for (const { batches } of this.lanes) await batches.return?.()
  }
}
