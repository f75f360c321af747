/** Plays one stored stream entry by entry: seeks to its start by keyframe, keeps its book, knows its next entry. */
import type { ChunkCursor } from '../../codec/chunk-cursor.ts'
import type { EntryView, Seq } from '../../log/entry.ts'
import type { EventStore } from '../../log/event-store.ts'
import type { Tombstone } from '../../log/tombstone.ts'
import type { StreamId } from '../../market/instrument.ts'
import type { Venue } from '../../venues/venue.ts'
import type { ApplierOptions } from '../keeper/book-applier.ts'
import { BookKeeper } from '../keeper/book-keeper.ts'
import { isAfter, type ReplayRange } from '../position.ts'
import type { ChunkOpener } from './chunk-opener.ts'
import { type OpenedChunk, type OpenedPart, readParts } from './chunk-reader.ts'
import { readKeyframe } from './keyframe-reader.ts'
import { nearestKeyframe } from './nearest-keyframe.ts'

export interface PlayerOptions {
  readonly store: EventStore
  readonly stream: StreamId
  readonly venue: Venue
  readonly range?: ReplayRange | undefined
  readonly listener?: ApplierOptions['listener']
  /**
   * Kept in the state of the player's own keeper; whoever gives it may apply the head to it before `step`, to see what the
   * head will tell.
   */
  readonly probe?: BookKeeper | undefined
  /** Opens the chunks of a longer play ahead of it, elsewhere; left out: they are opened here. */
  readonly opener?: ChunkOpener | undefined
  /** Follow a stream that is being recorded: waits, then is asked again; false ends the play. */
  readonly waitForMore?: (() => Promise<boolean>) | undefined
}

/**
 * One stored stream played entry by entry; see `visit` for the comfortable way.
 * @internal
 */
export class StreamPlayer {
  readonly stream: StreamId
  /** The book as of the last entry applied. */
  readonly keeper: BookKeeper
  private readonly options: PlayerOptions
  private parts: AsyncGenerator<OpenedPart, void> | undefined
  /** The first of them, asked for already. */
  private firstPart: Promise<IteratorResult<OpenedPart, void>> | undefined
  private cursor: ChunkCursor | undefined
  /** The chunk of the cursor. */
  private chunk: OpenedChunk | undefined
  private lastSeq: Seq = 0
  private appliedSeq: Seq = 0
  /** Behind a hole: the next keyframe, where the book is known again; seq 0: none is waited for. */
  private anchorSeq: Seq = 0
  private anchorState: Uint8Array | undefined
  /** When the entry of that keyframe was received. */
  private anchorTime = 0
  private isOver = false
  /** A hole stands in front of the head, and the book was known there. */
  hasBroken = false
  /** Something lies behind the end of the range. */
  isCutShort = false

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
    // The entry a position names belongs to the range, and so do all of its instant: the keyframe stands before them.
    const keyframe = await nearestKeyframe(store, stream, venue, ({ seq, receiveTime }) =>
      from.kind === 'seq' ? seq < from.seq : receiveTime < from.time,
    )
    if (keyframe === undefined) return
    this.lastSeq = keyframe.seq
    await this.readAhead()
    this.restore(keyframe.state)
  }

  /** Resolves when the first chunk is being opened elsewhere, or is there. */
  private async readAhead(): Promise<void> {
    const { opener } = this.options
    if (opener === undefined) return
    await new Promise<void>((resolve) => {
      this.parts = this.read({
        open: (header, payload) => {
          const opening = opener.open(header, payload)
          resolve()
          return opening
        },
      })
      this.firstPart = this.parts.next()
      // A failure shows where it is awaited.
      this.firstPart.catch(() => undefined).finally(resolve)
    })
  }

  private read(opener: ChunkOpener | undefined): AsyncGenerator<OpenedPart, void> {
    const { store, stream, range } = this.options
    const to = range?.to?.kind === 'seq' ? range.to.seq : undefined
    const until = range?.to?.kind === 'time' ? range.to.time : undefined
    return readParts(store, stream, { from: this.lastSeq + 1, to }, opener, until)
  }

  private restore(state: Uint8Array): void {
    this.keeper.restore(state)
    this.options.probe?.restore(state)
  }

  /** The last entry whose effects the keeper has: that of the keyframe sought, then the last one applied. */
  get place(): Seq {
    return this.lastSeq
  }

  /** The play has passed entries that are missing, and none behind them. */
  get isInHole(): boolean {
    return this.appliedSeq !== 0 && this.appliedSeq !== this.keeper.seq
  }

  /** The next entry, not applied yet; undefined when it must be fetched with `fetch`, or the play is over. */
  get head(): EntryView | undefined {
    return this.cursor
  }

  /** Applies the head and moves on inside the chunk. False: the next entry must be fetched. */
  step(): boolean {
    const { cursor } = this
    if (cursor === undefined) return false
    // Where the hole before it ends with a keyframe: known from here on, not at the instants inside the hole.
    if (this.anchorSeq === this.lastSeq && this.anchorState !== undefined) this.dropAnchor(this.anchorState)
    const { probe } = this.options
    if (probe !== undefined && probe.seq < cursor.seq) probe.apply(cursor)
    this.keeper.apply(cursor)
    this.lastSeq = cursor.seq
    this.appliedSeq = cursor.seq
    this.hasBroken = false
    if (this.anchorSeq !== 0) this.meetAnchor(cursor)
    return this.moveOn(cursor)
  }

  /** A run that begins needs no keyframe to be known. */
  private meetAnchor({ seq, kind }: EntryView): void {
    if (seq === this.anchorSeq && this.anchorState !== undefined) this.dropAnchor(this.anchorState)
    else if (kind !== 'run-started') return
    this.anchorSeq = 0
    this.anchorState = undefined
  }

  /** Whoever listens knows nothing of the content yet. */
  private dropAnchor(state: Uint8Array): void {
    this.restore(state)
    this.keeper.tellBook()
    this.anchorSeq = 0
    this.anchorState = undefined
  }

  /**
   * At the end of a play that ends in a hole, for whoever asks for the state alone: takes the keyframe that stands where
   * the hole ends, if its entry lies inside the range. Nothing is told of it.
   */
  settle(): void {
    const to = this.options.range?.to
    if (this.anchorSeq !== this.lastSeq || this.anchorState === undefined) return
    if (to?.kind === 'time' && this.anchorTime > to.time) return
    this.restore(this.anchorState)
  }

  /** Entries are missing: the book is invalid until the venue's next snapshot, the next run or the next keyframe. */
  private async enterHole({ kind, firstReceiveTime, lastSeq }: Tombstone): Promise<void> {
    const { store, stream, venue, range } = this.options
    const to = range?.to
    if (to?.kind === 'time' && firstReceiveTime > to.time) {
      this.isOver = true
      this.isCutShort = true
      return
    }
    this.lastSeq = to?.kind === 'seq' ? Math.min(lastSeq, to.seq) : lastSeq
    // No entry is missing then: the book stays as it is, to the run that begins behind.
    if (kind === 'unused') return
    if (this.keeper.invalidReason !== 'missing-entries') this.hasBroken = true
    this.keeper.skip(this.lastSeq)
    this.options.probe?.skip(this.lastSeq)
    this.anchorSeq = 0
    for (const { seq, receiveTime, decoderVersion } of await store.keyframes(stream)) {
      if (seq < lastSeq || decoderVersion !== venue.decoderVersion) continue
      const state = await readKeyframe(store, stream, seq)
      if (state === undefined) continue
      this.anchorSeq = seq
      this.anchorState = state
      this.anchorTime = receiveTime
      break
    }
  }

  private moveOn(cursor: ChunkCursor): boolean {
    while (cursor.next()) {
      if (cursor.seq <= this.lastSeq) continue
      const to = this.options.range?.to
      if (to !== undefined && isAfter(cursor, to)) {
        this.isOver = true
        this.isCutShort = true
        break
      }
      this.cursor = cursor
      return true
    }
    this.cursor = undefined
    this.chunk?.release()
    this.chunk = undefined
    return false
  }

  /** Fetches chunks until there is a head; false when the play is over. */
  async fetch(): Promise<boolean> {
    const { waitForMore, opener } = this.options
    while (this.cursor === undefined && !this.isOver) {
      this.parts ??= this.read(opener)
      const next = await (this.firstPart ?? this.parts.next())
      this.firstPart = undefined
      if (next.done !== true) {
        const part = next.value
        if (part.kind === 'chunk') {
          this.chunk = part.chunk
          this.moveOn(part.chunk.cursor())
        } else await this.enterHole(part.tombstone)
      } else if (waitForMore !== undefined && (await waitForMore())) this.parts = undefined
      else this.isOver = true
    }
    return this.cursor !== undefined
  }

  /** Frees what the play holds, at its end or before. */
  async close(): Promise<void> {
    await this.parts?.return(undefined)
    this.cursor = undefined
    this.isOver = true
  }
}
