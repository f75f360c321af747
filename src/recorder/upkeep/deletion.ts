/**
 * Takes a range of entries out of a log for good and leaves tombstones in its chain. Each step is wholly done or not at
 * all, and all but the last leave every entry where it is: whenever it is stopped, the range stands or is gone.
 */
import { type Either, isLeft } from 'fp-ts/lib/Either.js'

import { BLOCK_ENTRIES } from '../../log/chain.ts'
import type { Seq } from '../../log/entry.ts'
import { type EventStore, type StoreError, StoreFailure } from '../../log/event-store.ts'
import { firstSeqOf, lastSeqOf, type LogPart, type Tombstone } from '../../log/tombstone.ts'
import type { StreamId } from '../../market/instrument.ts'
import { pagedParts } from '../../replay/reading/log-pages.ts'
import type { Venue } from '../../venues/venue.ts'
import { keyframeAt } from './book-anchor.ts'
import { splitChunk } from './chunk-halves.ts'
import type { DeletionPlan } from './deletion-plan.ts'

/** Parts that go at once; of more, the first go first. */
const MOST_AT_ONCE = 2048

export interface DeletionOptions {
  readonly store: EventStore
  readonly venue: Venue
  /** As `planDeletion` or `planRetention` gave it, for the log as it stands. */
  readonly plan: DeletionPlan
  /** Puts a keyframe behind the range, so that the book is known there at once. */
  readonly keepsBook: boolean
  /** One sentence, for those who look for the entries later. */
  readonly reason: string
  /** Told of entries taken out since the last call. */
  readonly onEntries?: ((entries: number) => void) | undefined
}

/** What a deletion did besides taking entries out. */
export interface DeletionResult {
  /** Whether the book behind the range is known at once. */
  readonly bookIsKnown: boolean
}

const settled = (result: Either<StoreError, void>): void => {
  if (isLeft(result)) throw new StoreFailure(result.left)
}

const edges = (part: Exclude<LogPart, { readonly kind: 'unreadable' }>) =>
  part.kind === 'chunk'
    ? {
        ...part.header,
        headBefore: part.header.chainBefore,
        headAfter: part.header.chainAfter,
        restartsChain: false,
      }
    : part.tombstone

class Deletion {
  private readonly options: DeletionOptions
  private readonly stream: StreamId

  constructor(options: DeletionOptions) {
    this.options = options
    this.stream = options.plan.stream
  }

  async run(): Promise<DeletionResult> {
    const { firstSeq, lastSeq } = this.options.plan
    await this.cutBefore(firstSeq)
    await this.cutBefore(lastSeq + 1)
    const bookIsKnown = await this.anchorBook(lastSeq)
    await this.giveUpBlock(lastSeq)
    await this.buryAll()
    return { bookIsKnown }
  }

  /** Sees to it that no chunk goes over the border in front of this entry. */
  private async cutBefore(seq: Seq): Promise<void> {
    const { store, venue } = this.options
    const [part] = await store.parts(this.stream, { from: seq, to: seq }, 1)
    if (part?.kind === 'chunk' && part.header.firstSeq < seq) await splitChunk(store, venue, part.header, seq)
  }

  private async anchorBook(seq: Seq): Promise<boolean> {
    const { store, venue, keepsBook } = this.options
    const standing = (await store.keyframes(this.stream)).find((keyframe) => keyframe.seq === seq)
    if (standing?.decoderVersion === venue.decoderVersion) return true
    if (!keepsBook) return false
    const keyframe = await keyframeAt(store, this.stream, venue, seq)
    if (keyframe !== undefined) settled(await store.putKeyframe(keyframe)())
    return keyframe !== undefined
  }

  /**
   * The block that the log ends in loses entries, so that its chain cannot go on: the rest of its numbers is given up,
   * and the chain begins anew behind them.
   */
  private async giveUpBlock(seq: Seq): Promise<void> {
    const { store } = this.options
    const { stream } = this
    const end = await store.lastSeq(stream)
    const blockSeq = end - (end % BLOCK_ENTRIES)
    if (seq <= blockSeq || seq >= end) return
    const behind = await store.parts(stream, { from: seq + 1 })
    const last = behind.at(-1)
    if (last?.kind !== 'chunk') return
    if (behind.some((part) => part.kind === 'hole' && part.tombstone.restartsChain)) return
    const { lastReceiveTime, chainAfter } = last.header
    const tombstone: Tombstone = {
      kind: 'unused',
      stream,
      firstSeq: end + 1,
      lastSeq: blockSeq + BLOCK_ENTRIES,
      firstReceiveTime: lastReceiveTime,
      lastReceiveTime,
      headBefore: chainAfter,
      headAfter: chainAfter,
      restartsChain: true,
      reason:
        'The rest of a block of the chain was given up, because entries before it in the block were deleted.',
    }
    settled(await store.quarantine(stream, [], tombstone)())
  }

  private async buryAll(): Promise<void> {
    const { store, plan } = this.options
    const { stream } = this
    let parts: LogPart[] = []
    let first: LogPart | undefined
    for await (const part of pagedParts(store, stream, { from: plan.firstSeq, to: plan.lastSeq })) {
      parts.push(part)
      first ??= part
      if (parts.length < MOST_AT_ONCE || lastSeqOf(part) >= plan.lastSeq) continue
      first = await this.bury(first, parts)
      parts = []
    }
    if (first !== undefined && parts.length > 0) await this.bury(first, parts)
  }

  /** `first`: where the hole begins, which may be one made before; the hole as it stands now. */
  private async bury(first: LogPart, parts: readonly LogPart[]): Promise<LogPart> {
    const { store, reason, onEntries } = this.options
    const { stream } = this
    const last = parts.at(-1)
    if (first.kind === 'unreadable' || last === undefined || last.kind === 'unreadable') {
      const seq = firstSeqOf(first)
      throw new StoreFailure({ kind: 'damaged', stream, seq, detail: 'a part of the range cannot be read.' })
    }
    const { lastSeq, lastReceiveTime, headAfter, restartsChain } = edges(last)
    const { firstSeq, firstReceiveTime, headBefore } = edges(first)
    const tombstone: Tombstone = {
      kind: 'deleted',
      stream,
      firstSeq,
      lastSeq,
      firstReceiveTime,
      lastReceiveTime,
      headBefore,
      headAfter,
      restartsChain: restartsChain || lastSeq === (await store.lastSeq(stream)),
      reason,
    }
    settled(await store.bury(tombstone)())
    onEntries?.(parts.reduce((sum, part) => sum + (part.kind === 'chunk' ? part.header.entries : 0), 0))
    return { kind: 'hole', tombstone }
  }
}

/**
 * Takes out what was planned, in memory bounded by the parts that go at once. A plan that `reachesEnd` needs the stream to
 * itself. Throws StoreFailure; what was done before stays, and the same range can be deleted again.
 */
export const deleteEntries = async (options: DeletionOptions): Promise<DeletionResult> =>
  await new Deletion(options).run()
