/**
 * Proves a stored stream: bytes, order, chain, frames rendered again, verdicts derived again, keyframes equal to the
 * replayed state. Changes nothing. Goes on behind damage, so that one bad chunk hides nothing.
 */
import type { ChunkHeader, Verdict } from '../../log/chunk.ts'
import type { Seq } from '../../log/entry.ts'
import { type EventStore, StoreFailure } from '../../log/event-store.ts'
import { lastSeqOf, type TombstoneKind } from '../../log/tombstone.ts'
import type { GapCause } from '../../market/event.ts'
import type { StreamId } from '../../market/instrument.ts'
import type { Venue } from '../../venues/venue.ts'
import { BookKeeper } from '../keeper/book-keeper.ts'
import { sameVerdict } from '../keeper/same-verdict.ts'
import type { OpenedChunk } from '../reading/chunk-reader.ts'
import { readKeyframe } from '../reading/keyframe-reader.ts'
import { type DamageKind, LogRewritten, LogWalk } from '../reading/log-walk.ts'
import { type ExpectedHead, headProblem } from './expected-head.ts'

/**
 * Gaps are losses between venue and recorder; `quarantined`: damage that was put aside; `head-differs`: the log is not
 * the one whose head was asked for; all others are damage of what is stored.
 */
export type ProblemKind =
  GapCause | DamageKind | 'verdict-differs' | 'keyframe-differs' | 'quarantined' | 'head-differs'

export interface StreamProblem {
  readonly kind: ProblemKind
  /** The entry where it shows. */
  readonly seq: Seq
  readonly detail: string
}

/** Entries that are not there any more, and why. */
export interface Hole {
  readonly kind: TombstoneKind
  readonly firstSeq: Seq
  readonly lastSeq: Seq
}

export interface StreamProof {
  readonly stream: StreamId
  /** Entries, chunks and keyframes that were checked. */
  readonly entries: number
  readonly chunks: number
  readonly keyframes: number
  readonly ok: boolean
  readonly problems: readonly StreamProblem[]
  /** Problems past those listed. */
  readonly furtherProblems: number
  readonly holes: readonly Hole[]
  /** Entries behind a hole that the chain cannot be computed over: their bytes and heads are checked alone. */
  readonly unproven: number
  /** Chunks whose verdict, and keyframes whose state, another version of the decoder made: not compared. */
  readonly outdated: { readonly chunks: number; readonly keyframes: number }
  readonly lastSeq: Seq
  /** Head of the chain after entry `lastSeq`, hex; '' when damage hides it. */
  readonly head: string
}

export interface VerifyOptions {
  /** The head that somebody noted earlier. */
  readonly expected?: ExpectedHead | undefined
  readonly onChunk?: ((header: ChunkHeader) => void) | undefined
}

/** Problems kept per stream; further ones are only counted. */
const MOST_PROBLEMS = 1000

/** How often a stream is begun again because it was compacted meanwhile. */
const MOST_TRIES = 10

class StreamVerifier {
  private readonly problems: StreamProblem[] = []
  private readonly holes: Hole[] = []
  private furtherProblems = 0
  private entries = 0
  private chunks = 0
  private keyframes = 0
  private outdatedChunks = 0
  private outdatedKeyframes = 0
  private readonly keeper: BookKeeper
  private readonly walk: LogWalk
  private readonly store: EventStore
  private readonly stream: StreamId
  private readonly venue: Venue
  private readonly options: VerifyOptions
  /** Keyframes to compare, in order. */
  private expectedKeyframes: Seq[] = []
  /** Whether the replayed state is the one that was: not behind missing entries, until a keyframe or a new run. */
  private isKnown = true

  constructor(store: EventStore, stream: StreamId, venue: Venue, options: VerifyOptions) {
    this.store = store
    this.stream = stream
    this.venue = venue
    this.options = options
    this.keeper = new BookKeeper(venue)
    this.walk = new LogWalk(store, stream, options.expected?.seq)
  }

  private report(kind: ProblemKind, seq: Seq, detail: string): void {
    if (this.problems.length < MOST_PROBLEMS) this.problems.push({ kind, seq, detail })
    else this.furtherProblems++
  }

  async run(): Promise<StreamProof> {
    const { walk, stream } = this
    await this.findKeyframes()
    for await (const step of walk.steps()) {
      switch (step.kind) {
        case 'chunk':
          await this.check(step.chunk)
          break
        case 'hole': {
          const { kind, firstSeq, lastSeq, reason } = step.tombstone
          this.holes.push({ kind, firstSeq, lastSeq })
          if (kind === 'damaged') this.report('quarantined', firstSeq, reason)
          this.skip(lastSeq)
          break
        }
        case 'damage': {
          const { kind, seq, detail, part } = step.damage
          this.report(kind, seq, detail)
          this.skip(part === undefined ? seq : lastSeqOf(part))
        }
      }
    }
    await this.passKeyframes(walk.lastSeq)
    const left = this.expectedKeyframes[0]
    if (left !== undefined) this.report('keyframe-differs', left, 'A keyframe stands where no entry does.')
    const { expected } = this.options
    const problem = expected === undefined ? undefined : headProblem(expected, walk)
    if (problem !== undefined) this.report('head-differs', walk.lastSeq, problem)
    const { problems, furtherProblems, holes, entries, chunks, keyframes } = this
    return {
      stream,
      entries,
      chunks,
      keyframes,
      ok: problems.length === 0,
      problems,
      furtherProblems,
      holes,
      unproven: walk.chain.unproven,
      outdated: { chunks: this.outdatedChunks, keyframes: this.outdatedKeyframes },
      lastSeq: walk.lastSeq,
      head: walk.chain.head ?? '',
    }
  }

  private async findKeyframes(): Promise<void> {
    const { store, stream, venue } = this
    for (const { seq, detail } of await store.damagedKeyframes(stream))
      this.report('keyframe-differs', seq, `At entry ${String(seq)} ${detail}`)
    const references = await store.keyframes(stream)
    const current = references.filter(({ decoderVersion }) => decoderVersion === venue.decoderVersion)
    this.outdatedKeyframes = references.length - current.length
    this.expectedKeyframes = current.map(({ seq }) => seq)
  }

  /** Nothing is known of the book behind missing entries. */
  private skip(lastSeq: Seq): void {
    this.keeper.skip(lastSeq)
    this.isKnown = false
  }

  /** Leaves the keyframes through `seq` behind; the book is known again where one stands right there. */
  private async passKeyframes(seq: Seq): Promise<void> {
    for (
      let next = this.expectedKeyframes[0];
      next !== undefined && next <= seq;
      next = this.expectedKeyframes[0]
    ) {
      this.expectedKeyframes.shift()
      if (next === seq && !this.isKnown) await this.compareKeyframe(next)
    }
  }

  private async check(chunk: OpenedChunk): Promise<void> {
    const { header } = chunk
    await this.passKeyframes(header.firstSeq - 1)
    const isJudged = this.isKnown
    this.keeper.takeVerdict()
    const cursor = chunk.cursor()
    while (cursor.next()) {
      this.keeper.apply(cursor)
      if (cursor.kind === 'run-started') this.isKnown = true
      if (cursor.seq === this.expectedKeyframes[0]) {
        this.expectedKeyframes.shift()
        await this.compareKeyframe(cursor.seq)
      }
    }
    this.judge(header, this.keeper.takeVerdict(), isJudged)
    this.entries += header.entries
    this.chunks++
    this.options.onChunk?.(header)
  }

  private async compareKeyframe(seq: Seq): Promise<void> {
    const { keeper, store, stream } = this
    this.keyframes++
    const state = await readKeyframe(store, stream, seq)
    if (state === undefined) {
      this.report('keyframe-differs', seq, `The keyframe at entry ${String(seq)} is damaged.`)
    } else if (!this.isKnown) {
      keeper.restore(state)
      this.isKnown = true
    } else if (!sameBytes(state, keeper.save())) {
      const detail = `The keyframe at entry ${String(seq)} is not the state that replay gives.`
      this.report('keyframe-differs', seq, detail)
    }
  }

  private judge(header: ChunkHeader, verdict: Verdict, isJudged: boolean): void {
    for (const gap of verdict.gaps) {
      const numbers = gap.expected === '' ? gap.found : `expected ${gap.expected}, found ${gap.found}`
      this.report(gap.cause, gap.seq, `The venue's data has a hole or contradiction: ${numbers}.`)
    }
    const stored = header.verdict
    // A newer decoder may judge otherwise; that is no damage.
    if (stored.decoderVersion !== verdict.decoderVersion) {
      this.outdatedChunks++
      return
    }
    if (!isJudged || sameVerdict(stored, verdict)) return
    const span = `entries ${String(header.firstSeq)} to ${String(header.lastSeq)}`
    const detail = `Replaying the chunk of ${span} gives another verdict than was stored.`
    this.report('verdict-differs', header.firstSeq, detail)
  }
}

const sameBytes = (left: Uint8Array, right: Uint8Array): boolean =>
  left.length === right.length && left.every((byte, index) => byte === right[index])

/** Checks one stream wholly, in memory bounded by a chunk and the book. Throws nothing for damage: it is reported. */
export const verifyStream = async (
  store: EventStore,
  stream: StreamId,
  venue: Venue,
  options: VerifyOptions = {},
): Promise<StreamProof> => {
  for (let attempt = 1; ; attempt++)
    try {
      return await new StreamVerifier(store, stream, venue, options).run()
    } catch (error) {
      if (!(error instanceof LogRewritten)) throw error
      if (attempt < MOST_TRIES) continue
      const message = `Stream ${stream} is being rewritten all the time (compacted, repaired): verify it afterwards.`
      throw new StoreFailure({ kind: 'unavailable', message })
    }
}
