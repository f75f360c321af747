/**
 * Replays streams as objects, one step at a time, at the pace of whoever asks. For comfort; `visit` is the fast way. Owns
 * the steps; streams and their merging are ReplayRun's.
 */
import type { EntryView } from '../log/entry.ts'
import type { EventStore } from '../log/event-store.ts'
import { EventCollector } from '../market/event.ts'
import type { ReplayLane } from './replay-lane.ts'
import type { ReplayOptions } from './replay-options.ts'
import { ReplayRun } from './replay-run.ts'
import type { EntryStep, ReplayStep, TransactionStep } from './replay-step.ts'
import type { ReplaySummary } from './replay-summary.ts'
import { TransactionLane } from './transaction-lane.ts'

/** What `replay` is asked for. */
export interface StepOptions extends ReplayOptions {
  /**
   * `entry`, the default: a step for every entry, with or without events. `transaction`: a step for all that the venue
   * meant to be seen together (one engine transaction, one burst), so that no half-applied book is ever seen. What is not
   * known to be complete at the end of the range is not told; the position stands in front of it.
   */
  readonly groupBy?: 'entry' | 'transaction' | undefined
  /** Steps of entries hold their payload as text. */
  readonly withText?: boolean | undefined
}

/** Entries between two breaths. */
const BREATH = 4096

interface Walker {
  /** The first entry of the range of this lane is about to be applied. */
  readonly begin: (lane: ReplayLane) => void
  /** The head is about to be applied; the step that is complete before it. */
  readonly before: (lane: ReplayLane, head: EntryView) => ReplayStep | undefined
  /** The head was applied; the step that is complete now. */
  readonly behind: (lane: ReplayLane) => ReplayStep | undefined
}

const newEntryWalker = (withText: boolean, position: () => string): Walker => {
  const collectors = new Map<ReplayLane, EventCollector>()
  let seen: Pick<EntryStep, 'seq' | 'receiveTime' | 'entryKind' | 'text'> | undefined
  return {
    begin: (lane) => {
      const collector = new EventCollector()
      collectors.set(lane, collector)
      lane.begin(collector, undefined)
    },
    before: (_lane, head) => {
      const { seq, receiveTime, kind: entryKind } = head
      seen = { seq, receiveTime, entryKind, text: withText ? head.text() : undefined }
      return undefined
    },
    behind: (lane) => {
      const { stream, state } = lane
      const events = collectors.get(lane)?.take() ?? []
      return seen === undefined ? undefined : { kind: 'entry', stream, ...seen, events, state, position }
    },
  }
}

const newTransactionWalker = (position: () => string): Walker => {
  const lanes = new Map<ReplayLane, TransactionLane>()
  return {
    begin: (lane) => {
      if (lane.probe === undefined) throw new Error('a lane that tells transactions has a probe')
      const transactions = new TransactionLane(lane, lane.probe, position)
      lanes.set(lane, transactions)
      transactions.begin()
    },
    before: (lane, head) => lanes.get(lane)?.endBefore(head),
    behind: (lane) => lanes.get(lane)?.endBehind(),
  }
}

/** Waits until the head may be applied; false where it may not be any more. */
const isDue = async (run: ReplayRun, head: EntryView): Promise<boolean> => {
  const { pace, signal } = run.options
  await pace?.due(head.receiveTime, signal)
  return !run.isStopped
}

async function* steps(run: ReplayRun, walker: Walker): AsyncGenerator<ReplayStep, void> {
  const { breathe, onEntries } = run.options
  let entries = 0
  for (let lane = run.next(); lane !== undefined; lane = run.next()) {
    const { player } = lane
    const { head } = player
    if (head === undefined) return
    const isInRange = lane.hasBegun || !lane.isInFront(head)
    if (isInRange) {
      if (!(await isDue(run, head))) return
      if (!lane.hasBegun) walker.begin(lane)
      const step = walker.before(lane, head)
      if (step !== undefined) yield step
      if (run.isStopped) return
    }
    const hasMore = player.step()
    const step = isInRange ? walker.behind(lane) : undefined
    if (step !== undefined) yield step
    if (!hasMore && !run.isStopped) await player.fetch()
    if (++entries % BREATH !== 0) continue
    onEntries?.(BREATH)
    await breathe?.()
  }
  onEntries?.(entries % BREATH)
}

export function replay(
  store: EventStore,
  options: StepOptions & { readonly groupBy?: 'entry' | undefined },
): AsyncGenerator<EntryStep, ReplaySummary>
export function replay(
  store: EventStore,
  options: StepOptions & { readonly groupBy: 'transaction' },
): AsyncGenerator<TransactionStep, ReplaySummary>
/**
 * Every step of the streams up to the end of the range, in the stated order; the summary is what the generator returns, also
 * when it was aborted. Throws ReplayFailure. Whoever leaves before the end closes everything by leaving its loop, or by
 * `return()`.
 */
export async function* replay(
  store: EventStore,
  options: StepOptions,
): AsyncGenerator<ReplayStep, ReplaySummary> {
  const byTransaction = options.groupBy === 'transaction'
  const run = await ReplayRun.open(store, options, byTransaction)
  const position = (): string => run.position()
  const walker = byTransaction
    ? newTransactionWalker(position)
    : newEntryWalker(options.withText === true, position)
  try {
    yield* steps(run, walker)
    run.checkIsFound()
    return run.summary()
  } catch (error) {
    throw run.failureOf(error)
  } finally {
    await run.close()
  }
}
