/** Plays one stored stream entry by entry: seeks to its start by keyframe, keeps its book, knows its next entry. */
import { isLeft } from 'fp-ts/lib/Either.js'

import { decodeKeyframe } from '../codec/keyframe.ts'
import { EntryCursor, type EntryView, type Seq } from '../log/entry.ts'
import type { EventStore } from '../log/event-store.ts'
import type { StreamId } from '../market/instrument.ts'
import type { Venue } from '../venues/venue.ts'
import type { ApplierOptions } from './book-applier.ts'
import { BookKeeper } from './book-keeper.ts'
import { type OpenedChunk, readChunks } from './chunk-reader.ts'
import { isAfter, type ReplayRange } from './position.ts'

export interface PlayerOptions {
  readonly store: EventStore
  readonly stream: StreamId
  readonly venue: Venue
  readonly range?: ReplayRange | undefined
  readonly listener?: ApplierOptions['listener']
  /** Follow a stream that is being recorded: waits, then is asked again; false ends the play. */
  readonly waitForMore?: (() => Promise<boolean>) | undefined
}

export class StreamPlayer {
  readonly stream: StreamId
  /** The book as of the last entry applied. */
  readonly keeper: BookKeeper
  private readonly options: PlayerOptions
  private chunks: AsyncGenerator<OpenedChunk, void> | undefined
  private cursor: EntryCursor | undefined
  private startAfter: Seq = 0
  private lastSeq: Seq = 0
  private isOver = false

  constructor(options: PlayerOptions) {
    this.options = options
    this.stream = options.stream
    this.keeper = new BookKeeper(options.venue, { listener: options.listener })
  }

  /** Restores the nearest keyframe at or before `from`, if any. Call once, first. */
  async seek(): Promise<void> {
    const from = this.options.range?.from
    const { store, stream, venue } = this.options
    if (from === undefined) return
    const references = await store.keyframes(stream)
    for (let index = references.length - 1; index >= 0; index--) {
      const reference = references[index]
      if (reference === undefined || reference.decoderVersion !== venue.decoderVersion) continue
      // The entry a position names belongs to the range, so the keyframe must stand before it.
      if (from.kind === 'seq' ? reference.seq >= from.seq : reference.receiveTime >= from.time) continue
      const state = decodeKeyframe(await store.keyframe(stream, reference.seq))
      if (isLeft(state)) continue
      this.keeper.restore(state.right)
      this.startAfter = this.lastSeq = reference.seq
      return
    }
  }

  /** The last entry whose effects the keeper has: that of the keyframe sought, then the last one applied. */
  get place(): Seq {
    return this.lastSeq
  }

  /** The next entry, not applied yet; undefined when it must be fetched with `fetch`, or the play is over. */
  get head(): EntryView | undefined {
    return this.cursor
  }

  /** Applies the head and moves on inside the chunk. False: the next entry must be fetched. */
  step(): boolean {
    const { cursor } = this
    if (cursor === undefined) return false
    this.keeper.apply(cursor)
    this.lastSeq = cursor.seq
    return this.moveOn(cursor)
  }

  private moveOn(cursor: EntryCursor): boolean {
    while (cursor.next()) {
      if (cursor.seq <= this.startAfter) continue
      const to = this.options.range?.to
      if (to !== undefined && isAfter(cursor, to)) {
        this.isOver = true
        break
      }
      this.cursor = cursor
      return true
    }
    this.cursor = undefined
    return false
  }

  /** Fetches chunks until there is a head; false when the play is over. */
  async fetch(): Promise<boolean> {
    const { store, stream, range, waitForMore } = this.options
    while (this.cursor === undefined && !this.isOver) {
      const to = range?.to?.kind === 'seq' ? range.to.seq : undefined
      this.chunks ??= readChunks(store, stream, { from: this.lastSeq + 1, to })
      const next = await this.chunks.next()
      if (next.done !== true) this.moveOn(new EntryCursor(next.value.records))
      else if (waitForMore !== undefined && (await waitForMore())) this.chunks = undefined
      else this.isOver = true
    }
    return this.cursor !== undefined
  }

  /** Frees what the play holds, at its end or before. */
  async close(): Promise<void> {
    await this.chunks?.return(undefined)
    this.cursor = undefined
    this.isOver = true
  }
}
