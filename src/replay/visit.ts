/**
 * Replays streams to a visitor: synchronously, entry by entry, no object per event. Owns the loop; streams and their
 * merging are ReplayRun's.
 */
import type { EventStore } from '../log/event-store.ts'
import type { MarketSink } from '../market/event.ts'
import type { ReplayLane } from './replay-lane.ts'
import type { ReplayOptions } from './replay-options.ts'
import { ReplayRun } from './replay-run.ts'
import type { ReplaySummary } from './replay-summary.ts'
import type { ReplayVisitor } from './stream-state.ts'
import { checkIsSynchronous, refuseAnswer, SINK_METHODS, VISITOR_METHODS } from './visitor-check.ts'

/** Why the loop over one stream's entries was left. */
type Turn =
  /** Another stream comes first, or this one has no head. */
  'next' | 'fetch' | 'wait' | 'breathe' | 'stopped'

/** Entries between two breaths. */
const BREATH = 16_384

class VisitLoop {
  private readonly run: ReplayRun
  private readonly visitor: ReplayVisitor
  private readonly tellsTransactions: boolean
  private wait: Promise<void> | undefined
  private isDue = false
  private untilBreath = BREATH

  constructor(run: ReplayRun, visitor: ReplayVisitor) {
    this.run = run
    this.visitor = visitor
    this.tellsTransactions = visitor.transactionEnded !== undefined
  }

  async play(): Promise<void> {
    const { run } = this
    const { breathe, onEntries } = run.options
    for (let lane = run.next(); lane !== undefined; lane = run.next()) {
      switch (this.advance(lane)) {
        case 'fetch':
          await lane.player.fetch()
          break
        case 'wait':
          await this.wait
          this.isDue = true
          break
        case 'breathe':
          onEntries?.(BREATH)
          this.untilBreath = BREATH
          await breathe?.()
          break
        case 'next':
        case 'stopped':
      }
    }
    onEntries?.(BREATH - this.untilBreath)
  }

  /** Applies entries of the lane while they come first. */
  private advance(lane: ReplayLane): Turn {
    const { run, visitor } = this
    const { heads, options } = run
    const { player, state } = lane
    for (let { head } = player; head !== undefined; head = player.head) {
      const time = head.receiveTime
      if (!heads.isFirst(time)) return 'next'
      const isInRange = lane.hasBegun || !lane.isInFront(head)
      if (isInRange) {
        if (options.pace !== undefined && !this.isDue) {
          this.wait = options.pace.due(time, options.signal)
          if (this.wait !== undefined) return 'wait'
        }
        this.isDue = false
        if (!lane.hasBegun) this.begin(lane)
        if (visitor.entryBegins !== undefined) refuseAnswer(visitor.entryBegins(state, time), 'entryBegins')
      }
      const hasMore = player.step()
      if (isInRange && visitor.entryEnded !== undefined) refuseAnswer(visitor.entryEnded(state), 'entryEnded')
      this.untilBreath--
      if (run.isStopped) return 'stopped'
      if (!hasMore) return 'fetch'
      if (this.untilBreath <= 0) return 'breathe'
    }
    return 'fetch'
  }

  private begin(lane: ReplayLane): void {
    const { visitor } = this
    const { state } = lane
    const sink: MarketSink | undefined = visitor.sinkOf?.(state)
    refuseAnswer(sink, 'sinkOf')
    checkIsSynchronous(sink, SINK_METHODS)
    const transactionEnded = this.tellsTransactions
      ? (): void => {
          refuseAnswer(visitor.transactionEnded?.(state), 'transactionEnded')
        }
      : undefined
    lane.begin(sink, transactionEnded)
  }
}

/**
 * Applies every entry of the streams up to the end of the range, in the stated order, and tells the visitor. Answers
 * also when it was aborted: `isComplete` says so. Throws ReplayFailure, and what the visitor throws; everything is closed
 * then as at the end.
 */
export const visit = async (
  store: EventStore,
  options: ReplayOptions,
  visitor: ReplayVisitor,
): Promise<ReplaySummary> => {
  checkIsSynchronous(visitor, VISITOR_METHODS)
  const run = await ReplayRun.open(store, options, false)
  try {
    const states = run.lanes.map(({ state }) => state)
    refuseAnswer(visitor.replayBegins?.(states), 'replayBegins')
    await new VisitLoop(run, visitor).play()
    run.checkIsFound()
    if (!run.isStopped) refuseAnswer(visitor.replayEnded?.(run.lastInstant()), 'replayEnded')
    return run.summary()
  } catch (error) {
    throw run.failureOf(error)
  } finally {
    await run.close()
  }
}
