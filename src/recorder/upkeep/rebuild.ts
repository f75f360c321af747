/**
 * Derives verdicts, digests and keyframes of a stored stream again with the present decoder. Entries and chain stay as
 * they are. Each chunk is done with its new header, so that an interrupted rebuild goes on where it stopped.
 */
import { type Either, isLeft } from 'fp-ts/lib/Either.js'

import { encodeKeyframe } from '../../codec/keyframe.ts'
import type { ChunkHeader, Verdict } from '../../log/chunk.ts'
import type { EntryView, Seq } from '../../log/entry.ts'
import { type EventStore, type StoreError, StoreFailure } from '../../log/event-store.ts'
import { lastSeqOf } from '../../log/tombstone.ts'
import type { StreamId } from '../../market/instrument.ts'
import { BookKeeper } from '../../replay/keeper/book-keeper.ts'
import { sameVerdict } from '../../replay/keeper/same-verdict.ts'
import { type OpenedChunk, readParts } from '../../replay/reading/chunk-reader.ts'
import { readKeyframe } from '../../replay/reading/keyframe-reader.ts'
import { nearestKeyframe } from '../../replay/reading/nearest-keyframe.ts'
import type { Venue } from '../../venues/venue.ts'
import { isKeyframeDue, KEYFRAME_CADENCE } from '../sealing/keyframe-cadence.ts'

export interface RebuildOptions {
  readonly store: EventStore
  readonly stream: StreamId
  readonly venue: Venue
  /** Everything, not only what another version of the decoder made or what is damaged. */
  readonly all: boolean
  /** Told of each chunk passed. */
  readonly onChunk?: ((header: ChunkHeader) => void) | undefined
}

/** What a rebuild did. */
export interface RebuildResult {
  readonly stream: StreamId
  readonly chunks: number
  /** Chunks derived again, and those of them whose verdict (the version aside), and whose final book, is another now. */
  readonly rebuilt: number
  readonly changed: number
  readonly changedBooks: number
  readonly keyframesWritten: number
  readonly keyframesRemoved: number
  /** In the chunks derived again. */
  readonly gapsBefore: number
  readonly gapsAfter: number
}

const done = (result: Either<StoreError, void>): void => {
  if (isLeft(result)) throw new StoreFailure(result.left)
}

/** Parts asked for at once. */
const PAGE = 64

class StreamRebuilder {
  private readonly options: RebuildOptions
  private readonly keeper: BookKeeper
  private chunks = 0
  private rebuilt = 0
  private changed = 0
  private changedBooks = 0
  private written = 0
  private removed = 0
  private gapsBefore = 0
  private gapsAfter = 0
  private keyframeSeq: Seq = 0
  /** What an entry of the chunk before cost; 0: there is none. */
  private bytesPerEntry = 0
  /** The last entry the state has. */
  private lastSeq: Seq = 0
  /** Whether the state is known: not behind missing entries, until a keyframe or a new run. */
  private isKnown = true
  /** Keyframes as they stand, those of the present decoder that can be read marked. */
  private readonly standing = new Map<Seq, boolean>()

  constructor(options: RebuildOptions) {
    this.options = options
    this.keeper = new BookKeeper(options.venue)
  }

  async run(): Promise<RebuildResult> {
    const { store, stream, venue } = this.options
    await this.findKeyframes()
    const first = await this.firstOutdated()
    if (first !== undefined) {
      const base = this.options.all
        ? undefined
        : await nearestKeyframe(store, stream, venue, ({ seq }) => seq < first)
      if (base !== undefined) {
        this.keeper.restore(base.state)
        this.keyframeSeq = this.lastSeq = base.seq
      }
      for (const [seq, isUsable] of this.standing) if (isUsable && seq < first) this.standing.delete(seq)
      for await (const part of readParts(store, stream, { from: this.lastSeq + 1 })) {
        if (part.kind === 'chunk') await this.take(part.chunk, first)
        else this.skip(part.tombstone.lastSeq)
      }
      await this.dropKeyframes(Infinity)
    }
    const { chunks, rebuilt, changed, changedBooks, gapsBefore, gapsAfter } = this
    return {
      stream,
      chunks,
      rebuilt,
      changed,
      changedBooks,
      keyframesWritten: this.written,
      keyframesRemoved: this.removed,
      gapsBefore,
      gapsAfter,
    }
  }

  private async findKeyframes(): Promise<void> {
    const { store, stream, venue } = this.options
    for (const { seq } of await store.damagedKeyframes(stream)) this.standing.set(seq, false)
    for (const { seq, decoderVersion } of await store.keyframes(stream)) {
      const isCurrent = decoderVersion === venue.decoderVersion
      this.standing.set(seq, isCurrent && (await readKeyframe(store, stream, seq)) !== undefined)
    }
  }

  /** Where the first chunk begins that must be derived again; undefined: none must. Counts all of them. */
  private async firstOutdated(): Promise<Seq | undefined> {
    const { store, stream, venue, all } = this.options
    const useless = [...this.standing].filter(([, isUsable]) => !isUsable).map(([seq]) => seq)
    let found: Seq | undefined
    for (let from: Seq = 1; ;) {
      const page = await store.parts(stream, { from }, PAGE)
      for (const part of page) {
        if (part.kind !== 'chunk') continue
        const { firstSeq, lastSeq, verdict } = part.header
        this.chunks++
        if (all || verdict.decoderVersion !== venue.decoderVersion) found ??= firstSeq
        if (useless.some((seq) => seq >= firstSeq && seq <= lastSeq)) found ??= firstSeq
      }
      const last = page.at(-1)
      if (last === undefined || page.length < PAGE) return found
      from = lastSeqOf(last) + 1
    }
  }

  private skip(lastSeq: Seq): void {
    this.keeper.skip(lastSeq)
    this.lastSeq = lastSeq
    this.isKnown = false
  }

  /** `first`: chunks before it are only passed through. */
  private async take(chunk: OpenedChunk, first: Seq): Promise<void> {
    const { header } = chunk
    const { venue, onChunk } = this.options
    const isPassed = header.firstSeq < first
    // The state that was there when the entries came is better than what can be known behind the missing ones.
    await this.meetKeyframe(header.firstSeq - 1)
    const isKept = !this.isKnown && header.verdict.decoderVersion === venue.decoderVersion
    this.keeper.takeVerdict()
    await this.replay(chunk, isPassed)
    const verdict = this.keeper.takeVerdict()
    this.bytesPerEntry = header.storedBytes / header.entries
    onChunk?.(header)
    if (isPassed) return
    await this.dropKeyframes(header.lastSeq)
    this.rebuilt++
    if (!isKept) await this.putVerdict(header, verdict)
  }

  private async replay(chunk: OpenedChunk, isPassed: boolean): Promise<void> {
    const { keeper } = this
    const cursor = chunk.cursor()
    while (cursor.next()) {
      const { seq } = cursor
      if (seq <= this.lastSeq) continue
      keeper.apply(cursor)
      this.lastSeq = seq
      if (cursor.kind === 'run-started') this.isKnown = true
      if (await this.meetKeyframe(seq)) continue
      if (
        !isPassed &&
        isKeyframeDue(KEYFRAME_CADENCE, seq - this.keyframeSeq, keeper.book(), this.bytesPerEntry)
      )
        await this.putKeyframe(chunk.header.stream, seq, cursor)
    }
  }

  /** Behind missing entries a keyframe of the present decoder tells the state again. */
  private async meetKeyframe(seq: Seq): Promise<boolean> {
    const { store, stream } = this.options
    if (this.isKnown || this.standing.get(seq) !== true) return false
    const state = await readKeyframe(store, stream, seq)
    if (state === undefined) return false
    this.keeper.restore(state)
    this.isKnown = true
    this.keyframeSeq = seq
    this.standing.delete(seq)
    return true
  }

  private async putKeyframe(stream: StreamId, seq: Seq, { receiveTime }: EntryView): Promise<void> {
    const { store, venue } = this.options
    const { decoderVersion } = venue
    const keyframe = encodeKeyframe({ stream, seq, receiveTime, decoderVersion, state: this.keeper.save() })
    done(await store.putKeyframe(keyframe)())
    this.written++
    this.keyframeSeq = seq
    this.standing.delete(seq)
  }

  /** What stood there through this entry, and was not written anew, is of no use any more. */
  private async dropKeyframes(through: Seq): Promise<void> {
    const { store, stream } = this.options
    for (const seq of this.standing.keys()) {
      if (seq > through) continue
      done(await store.dropKeyframe(stream, seq)())
      this.removed++
      this.standing.delete(seq)
    }
  }

  private async putVerdict(header: ChunkHeader, derived: Verdict): Promise<void> {
    const { decoderVersion } = derived
    const { sealMismatches } = header.verdict
    const verdict = sealMismatches === undefined ? derived : { ...derived, sealMismatches }
    this.gapsBefore += header.verdict.gaps.length
    this.gapsAfter += verdict.gaps.length
    if (!sameVerdict({ ...header.verdict, decoderVersion }, verdict)) this.changed++
    if (header.verdict.book.digest !== verdict.book.digest) this.changedBooks++
    done(await this.options.store.putHeader({ ...header, verdict })())
  }
}

/**
 * Rebuilds one stream, in memory bounded by a chunk and the book. Throws StoreFailure, `damaged` where a chunk cannot be
 * read: it must be repaired first.
 */
export const rebuildStream = async (options: RebuildOptions): Promise<RebuildResult> =>
  await new StreamRebuilder(options).run()
