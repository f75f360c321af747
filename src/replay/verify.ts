/**
 * Proves a stored stream: hashes, chain, seq continuity, verdicts derived again, keyframes equal to the replayed
 * state. Changes nothing. Losses that the recorder noticed are reported too; damage ends the check of a stream.
 */
import { isLeft } from 'fp-ts/lib/Either.js'

import { decodeKeyframe } from '../codec/keyframe.ts'
import { Chain, CHAIN_START } from '../log/chain.ts'
import type { ChunkHeader, Verdict } from '../log/chunk.ts'
import { EntryCursor, type Seq } from '../log/entry.ts'
import { type EventStore, StoreFailure } from '../log/event-store.ts'
import type { GapCause } from '../market/event.ts'
import type { StreamId } from '../market/instrument.ts'
import type { Venue } from '../venues/venue.ts'
import { BookKeeper } from './book-keeper.ts'
import { type OpenedChunk, readChunks } from './chunk-reader.ts'

/** Gaps are losses between venue and recorder; all other kinds are damage of what was stored. */
export type ProblemKind =
  GapCause | 'damaged-chunk' | 'missing-entries' | 'chain-broken' | 'verdict-differs' | 'keyframe-differs'

export interface StreamProblem {
  readonly kind: ProblemKind
  /** The entry where it shows. */
  readonly seq: Seq
  readonly detail: string
}

export interface StreamProof {
  readonly stream: StreamId
  readonly entries: number
  readonly chunks: number
  readonly keyframes: number
  readonly ok: boolean
  readonly problems: readonly StreamProblem[]
  /** Head of the chain after the last entry that was proven, hex. */
  readonly head: string
}

/** Problems kept per stream; further ones are only counted in the last line. */
const MOST_PROBLEMS = 1000

class StreamVerifier {
  readonly problems: StreamProblem[] = []
  entries = 0
  chunks = 0
  keyframes = 0
  head = CHAIN_START
  private readonly keeper: BookKeeper
  private readonly chain = new Chain()
  private readonly store: EventStore
  private readonly stream: StreamId
  private readonly venue: Venue
  /** Seqs of keyframes to compare, in order. */
  private expectedKeyframes: Seq[] = []

  constructor(store: EventStore, stream: StreamId, venue: Venue) {
    this.store = store
    this.stream = stream
    this.venue = venue
    this.keeper = new BookKeeper(venue)
  }

  private report(kind: ProblemKind, seq: Seq, detail: string): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push({ kind, seq, detail })
  }

  async run(onChunk: (header: ChunkHeader) => void): Promise<void> {
    try {
      const references = await this.store.keyframes(this.stream)
      this.expectedKeyframes = references
        .filter((reference) => reference.decoderVersion === this.venue.decoderVersion)
        .map((reference) => reference.seq)
      for await (const chunk of readChunks(this.store, this.stream)) {
        if (!(await this.check(chunk))) return
        onChunk(chunk.header)
      }
      const left = this.expectedKeyframes[0]
      if (left !== undefined) this.report('keyframe-differs', left, 'A keyframe stands where no entry does.')
    } catch (error) {
      if (!(error instanceof StoreFailure)) throw error
      const seq = error.error.kind === 'damaged' ? error.error.seq : this.entries + 1
      this.report('damaged-chunk', seq, error.message)
    }
  }

  private async check({ header, records }: OpenedChunk): Promise<boolean> {
    const expected = this.entries + 1
    if (header.firstSeq !== expected) {
      const found = String(header.firstSeq)
      this.report('missing-entries', header.firstSeq, `Entry ${String(expected)} should come, ${found} does.`)
      return false
    }
    if (header.chainBefore !== this.head) {
      this.report(
        'chain-broken',
        header.firstSeq,
        'The chunk does not continue the chain of the entries before it.',
      )
      return false
    }
    this.chain.add(records)
    this.head = this.chain.head()
    if (header.chainAfter !== this.head) {
      this.report(
        'chain-broken',
        header.lastSeq,
        'The entries do not give the chain head that the header names.',
      )
      return false
    }
    await this.replay(records)
    this.judge(header, this.keeper.takeVerdict())
    this.entries = header.lastSeq
    this.chunks++
    return true
  }

  private async replay(records: Uint8Array): Promise<void> {
    const cursor = new EntryCursor(records)
    while (cursor.next()) {
      this.keeper.apply(cursor)
      if (cursor.seq === this.expectedKeyframes[0]) {
        this.expectedKeyframes.shift()
        await this.compareKeyframe(cursor.seq)
      }
    }
  }

  private async compareKeyframe(seq: Seq): Promise<void> {
    this.keyframes++
    const state = decodeKeyframe(await this.store.keyframe(this.stream, seq))
    if (isLeft(state)) this.report('keyframe-differs', seq, state.left.detail)
    else if (!sameBytes(state.right, this.keeper.save()))
      this.report('keyframe-differs', seq, 'The stored keyframe is not the state that replay gives.')
  }

  private judge(header: ChunkHeader, verdict: Verdict): void {
    for (const gap of verdict.gaps) {
      const numbers = gap.expected === '' ? gap.found : `expected ${gap.expected}, found ${gap.found}`
      this.report(gap.cause, gap.seq, `The venue's data has a hole or contradiction: ${numbers}.`)
    }
    const stored = header.verdict
    // A newer decoder may judge otherwise; that is no damage.
    if (stored.decoderVersion !== verdict.decoderVersion) return
    if (JSON.stringify(sorted(stored)) !== JSON.stringify(sorted(verdict)))
      this.report(
        'verdict-differs',
        header.firstSeq,
        'Replaying the chunk gives another verdict than was stored.',
      )
  }
}

const sameBytes = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && left.every((byte, index) => byte === right[index])

/** The same value with the keys of every object in one order. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1))
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]))
}

/** Checks one stream wholly, in memory bounded by a chunk and the book. Throws nothing for damage: it is reported. */
export const verifyStream = async (
  store: EventStore,
  stream: StreamId,
  venue: Venue,
  onChunk: (header: ChunkHeader) => void = () => undefined,
): Promise<StreamProof> => {
  const verifier = new StreamVerifier(store, stream, venue)
  await verifier.run(onChunk)
  const { entries, chunks, keyframes, problems, head } = verifier
  return { stream, entries, chunks, keyframes, ok: problems.length === 0, problems, head }
}
