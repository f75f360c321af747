/**
 * Puts damaged chunks aside and notes the hole they leave, so that everything behind it can be used again. Deletes
 * nothing, and changes nothing before it is asked to; finding damage is replay/reading/log-walk's.
 */
import { isLeft } from 'fp-ts/lib/Either.js'

import { BLOCK_ENTRIES, CHAIN_START } from '../../log/chain.ts'
import type { Seq } from '../../log/entry.ts'
import { type EventStore, StoreFailure } from '../../log/event-store.ts'
import { firstSeqOf, lastSeqOf, type LogPart, type Tombstone } from '../../log/tombstone.ts'
import type { StreamId } from '../../market/instrument.ts'
import { type Micros, microsOf } from '../../market/time.ts'
import { type Damage, type LogStep, LogWalk } from '../../replay/reading/log-walk.ts'

/** One thing to do: parts to put aside, and what is to stand in their place. */
export interface RepairStep {
  readonly stream: StreamId
  /** What is wrong, one sentence each. */
  readonly details: readonly string[]
  /** Where the parts to put aside begin. */
  readonly firstSeqs: readonly Seq[]
  /** Undefined: they stand where other entries stand already, so that nothing is missing. */
  readonly tombstone: Tombstone | undefined
}

/** The edge of a sound part. */
interface Edge {
  readonly seq: Seq
  readonly head: string
  readonly time: Micros
}

const START: Edge = { seq: 0, head: CHAIN_START, time: microsOf(0) }

/** Damage that stands together, until a sound part follows. */
interface Run {
  readonly firstSeq: Seq
  readonly parts: LogPart[]
  readonly details: string[]
}

class RepairPlanner {
  readonly plan: RepairStep[] = []
  private readonly stream: StreamId
  /** Behind the last sound part. */
  private before = START
  /** The last entry passed. */
  private passed: Seq = 0
  private run: Run | undefined
  /** The hole in the block at hand that its chain cannot be computed over. */
  private hole: Tombstone | undefined

  constructor(stream: StreamId) {
    this.stream = stream
  }

  take(step: LogStep): void {
    if (step.kind === 'damage') {
      this.takeDamage(step.damage)
    } else if (step.kind === 'chunk') {
      const { firstSeq, lastSeq, chainBefore, chainAfter, firstReceiveTime, lastReceiveTime } =
        step.chunk.header
      this.closeRun({ seq: firstSeq, head: chainBefore, time: firstReceiveTime })
      this.before = { seq: lastSeq, head: chainAfter, time: lastReceiveTime }
      this.passed = lastSeq
    } else {
      const { firstSeq, lastSeq, headBefore, headAfter, firstReceiveTime, lastReceiveTime } = step.tombstone
      this.closeRun({ seq: firstSeq, head: headBefore, time: firstReceiveTime })
      this.before = { seq: lastSeq, head: headAfter, time: lastReceiveTime }
      this.passed = lastSeq
      this.hole = step.tombstone
    }
  }

  private takeDamage({ seq, detail, part }: Damage): void {
    const { stream, run } = this
    const isStray = part !== undefined && seq <= this.passed
    if (isStray && run === undefined) {
      this.plan.push({ stream, details: [detail], firstSeqs: [seq], tombstone: undefined })
      return
    }
    this.run ??= { firstSeq: seq, parts: [], details: [] }
    this.run.details.push(detail)
    if (part === undefined) return
    this.run.parts.push(part)
    this.passed = Math.max(this.passed, lastSeqOf(part))
  }

  /** `after`: what the sound part behind it begins with; undefined: the log ends. */
  private closeRun(after: Edge | undefined, knownSeq: Seq = 0): void {
    const { run, before, stream } = this
    if (run === undefined) return
    this.run = undefined
    const first = run.parts[0]
    const last = run.parts.at(-1)
    const firstHeader =
      first?.kind === 'chunk' && first.header.firstSeq === run.firstSeq ? first.header : undefined
    const lastHeader = last?.kind === 'chunk' ? last.header : undefined
    const lastSeq = after === undefined ? Math.max(this.passed, knownSeq) : after.seq - 1
    const firstReceiveTime = firstHeader?.firstReceiveTime ?? before.time
    const tombstone: Tombstone = {
      kind: 'damaged',
      stream,
      firstSeq: run.firstSeq,
      lastSeq,
      firstReceiveTime,
      lastReceiveTime: microsOf(Math.max(lastHeader?.lastReceiveTime ?? after?.time ?? 0, firstReceiveTime)),
      headBefore: before.head,
      headAfter: after?.head ?? lastHeader?.chainAfter ?? before.head,
      restartsChain: after === undefined,
      reason: run.details[0] ?? '',
    }
    this.plan.push({ stream, details: run.details, firstSeqs: run.parts.map(firstSeqOf), tombstone })
    this.hole = tombstone
    if (after === undefined)
      this.before = { seq: lastSeq, head: tombstone.headAfter, time: tombstone.lastReceiveTime }
  }

  /** `knownSeq`: an entry that is known to have been there. */
  finish(knownSeq: Seq): readonly RepairStep[] {
    this.closeRun(undefined, knownSeq)
    this.endBlock()
    return this.plan
  }

  /**
   * A hole in the block that the log ends with leaves no way to go on with its chain: the rest of the block is given
   * up, and the chain begins anew behind it.
   */
  private endBlock(): void {
    const { before, hole, stream } = this
    const blockStart = before.seq - (before.seq % BLOCK_ENTRIES)
    if (hole === undefined || hole.restartsChain || hole.lastSeq <= blockStart) return
    const tombstone: Tombstone = {
      kind: 'unused',
      stream,
      firstSeq: before.seq + 1,
      lastSeq: blockStart + BLOCK_ENTRIES,
      firstReceiveTime: before.time,
      lastReceiveTime: before.time,
      headBefore: before.head,
      headAfter: before.head,
      restartsChain: true,
      reason:
        'The rest of a block of the chain was given up, because entries before it in the block are missing.',
    }
    this.plan.push({ stream, details: [tombstone.reason], firstSeqs: [], tombstone })
  }
}

/** What is to be done about a stream; empty: nothing is damaged. Throws StoreFailure. */
export const planRepair = async (
  store: EventStore,
  stream: StreamId,
  onEntries: (entries: number) => void = () => undefined,
): Promise<readonly RepairStep[]> => {
  const planner = new RepairPlanner(stream)
  for await (const step of new LogWalk(store, stream).steps()) {
    planner.take(step)
    if (step.kind === 'chunk') onEntries(step.chunk.header.entries)
  }
  const keyframes = await store.keyframes(stream)
  return planner.finish(keyframes.at(-1)?.seq ?? 0)
}

/** Does what was planned, one step at a time; each is done wholly or not at all. Throws StoreFailure. */
export const repair = async (store: EventStore, plan: readonly RepairStep[]): Promise<void> => {
  for (const { stream, firstSeqs, tombstone } of plan) {
    const done = await store.quarantine(stream, firstSeqs, tombstone)()
    if (isLeft(done)) throw new StoreFailure(done.left)
  }
}
