/** One stream of a replay: its player, its state, and what of it lies inside the range. */
import type { EntryView } from '../log/entry.ts'
import type { MarketSink } from '../market/event.ts'
import type { StreamId } from '../market/instrument.ts'
import type { BookKeeper, KeeperSummary } from './keeper/book-keeper.ts'
import { KeptState } from './kept-state.ts'
import { isBefore, type Position } from './position.ts'
import type { StreamPlace } from './position-token.ts'
import { type PlayerOptions, StreamPlayer } from './reading/stream-player.ts'
import { ReplayFailure } from './replay-failure.ts'
import { countsSince, type ReplayCounts, type StreamSummary } from './replay-summary.ts'
import type { StreamState } from './stream-state.ts'

const numberOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null)

export interface LaneOptions extends PlayerOptions {
  /** Where the stream stood when the replay was left. */
  readonly resumed?: StreamPlace | undefined
}

export class ReplayLane {
  readonly stream: StreamId
  readonly player: StreamPlayer
  readonly state: StreamState
  readonly probe: BookKeeper | undefined
  /** An entry of the range has come. */
  hasBegun = false
  private readonly from: Position | undefined
  readonly resumed: StreamPlace | undefined
  private before: KeeperSummary
  /** Where the last told entry stands while later ones are held back; undefined: all applied ones were told. */
  private heldPlace: StreamPlace | undefined

  constructor(options: LaneOptions) {
    this.stream = options.stream
    this.player = new StreamPlayer(options)
    this.state = new KeptState(options.stream, this.player.keeper)
    this.probe = options.probe
    this.from = options.range?.from
    this.resumed = options.resumed
    this.before = this.player.keeper.summary()
  }

  isInFront(head: EntryView): boolean {
    return this.from !== undefined && isBefore(head, this.from)
  }

  /** The first entry of the range is about to be applied: from here on is counted and told. */
  begin(sink: MarketSink | undefined, onTransactionEnded: (() => void) | undefined): void {
    const { keeper } = this.player
    this.hasBegun = true
    this.before = keeper.summary()
    if (this.resumed !== undefined) this.resume(this.resumed)
    keeper.listen(sink, onTransactionEnded)
    const { exchangeTime, venueSequence } = this.state
    if (exchangeTime !== undefined || venueSequence !== undefined) sink?.stamp(exchangeTime, venueSequence)
    this.tellBreak(sink)
  }

  /** Left right in front of a hole: that the book broke there was not told before, and passed before anybody listened. */
  private tellBreak(sink: MarketSink | undefined): void {
    const { resumed, player } = this
    if (resumed === undefined || resumed.seq === 0 || resumed.receiveTime === 0 || !player.hasBroken) return
    this.before = { ...this.before, events: this.before.events - 1 }
    sink?.bookInvalid('missing-entries')
  }

  private resume({ seq, receiveTime, exchangeTime, venueSequence }: StreamPlace): void {
    const { stream, state } = this
    const { keeper } = this.player
    // Of an entry that is gone nobody knows when it was received.
    const isKnown = keeper.seq === seq && receiveTime !== 0 && state.invalidReason !== 'missing-entries'
    if (isKnown && keeper.receiveTime !== receiveTime) {
      const detail = `The position is not one of this store: entry ${String(seq)} of ${stream} is another one.`
      throw new ReplayFailure({ kind: 'bad-position', detail })
    }
    // The keyframe may stand behind what was stamped last.
    if (Number.isNaN(keeper.exchangeTime) && Number.isNaN(keeper.venueSequence))
      keeper.stampedBefore(exchangeTime ?? NaN, venueSequence ?? NaN)
  }

  /** The entries from the head on are not told yet. */
  holdBack(): void {
    this.heldPlace ??= this.appliedPlace()
  }

  /** What was held back is told. */
  letGo(): void {
    this.heldPlace = undefined
  }

  /** Where the stream stands for whoever resumes. */
  place(): StreamPlace {
    return this.heldPlace ?? this.appliedPlace()
  }

  private appliedPlace(): StreamPlace {
    const { stream, resumed } = this
    const { keeper, isInHole } = this.player
    if (!this.hasBegun)
      return resumed ?? { stream, seq: 0, receiveTime: 0, exchangeTime: null, venueSequence: null }
    return {
      stream,
      seq: keeper.seq,
      receiveTime: isInHole ? 0 : keeper.receiveTime,
      exchangeTime: numberOrNull(keeper.exchangeTime),
      venueSequence: numberOrNull(keeper.venueSequence),
    }
  }

  private counts(summary: KeeperSummary): ReplayCounts {
    return countsSince(summary, this.hasBegun ? this.before : summary)
  }

  summary(): StreamSummary {
    const { keeper } = this.player
    const summary = keeper.summary()
    const { lastSeq, lastReceiveTime, valid, reason, verified, bestBid, bestAsk } = summary
    return {
      stream: this.stream,
      ...this.counts(summary),
      lastSeq,
      lastReceiveTime,
      valid,
      reason,
      verified,
      midTransaction: keeper.isMidTransaction(),
      bestBid,
      bestAsk,
      ...keeper.digest(),
    }
  }
}
