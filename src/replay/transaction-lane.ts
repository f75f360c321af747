/**
 * The transactions of one stream of a replay. That one has ended shows in the entry behind it: a second keeper, the probe,
 * takes each entry first and tells, so that the stream's own book is never further than the end of a transaction.
 */
import type { EntryView, Seq } from '../log/entry.ts'
import { EventCollector, type MarketSink } from '../market/event.ts'
import { type Micros, microsOf } from '../market/time.ts'
import type { BookKeeper } from './keeper/book-keeper.ts'
import type { ReplayLane } from './replay-lane.ts'
import type { TransactionStep } from './replay-step.ts'

/** Entries with events that are kept back for the end of a transaction. No engine step is so long. */
const MOST_ENTRIES = 10_000

/** Notes where in an entry a transaction ended. */
class EndNotes implements MarketSink {
  hasEvents = false
  isEndedBefore = false
  isEndedBehind = false

  clear(): void {
    this.hasEvents = false
    this.isEndedBefore = false
    this.isEndedBehind = false
  }

  ended(): void {
    if (this.hasEvents) this.isEndedBehind = true
    else this.isEndedBefore = true
  }

  private note(): void {
    this.hasEvents = true
    this.isEndedBehind = false
  }

  stamp(): void {
    // No event of its own.
  }

  transactionEnded(): void {
    // Told by `ended`, where the book stands.
  }

  instrument(): void {
    this.note()
  }

  bookStarted(): void {
    this.note()
  }

  bookValid(): void {
    this.note()
  }

  bookInvalid(): void {
    this.note()
  }

  orderOpened(): void {
    this.note()
  }

  orderChanged(): void {
    this.note()
  }

  orderReduced(): void {
    this.note()
  }

  orderRemoved(): void {
    this.note()
  }

  levelSet(): void {
    this.note()
  }

  traded(): void {
    this.note()
  }

  check(): void {
    this.note()
  }
}

/** Transactions are steps of their own: their ends need no events. */
class TransactionCollector extends EventCollector {
  override transactionEnded(): void {
    // See above.
  }
}

export class TransactionLane {
  readonly lane: ReplayLane
  private readonly probe: BookKeeper
  private readonly notes = new EndNotes()
  private readonly collector = new TransactionCollector()
  private readonly position: () => string
  private entries = 0
  private firstSeq: Seq = 0
  private lastSeq: Seq = 0
  private receiveTime: Micros = microsOf(0)

  constructor(lane: ReplayLane, probe: BookKeeper, position: () => string) {
    this.lane = lane
    this.probe = probe
    this.position = position
  }

  begin(): void {
    this.lane.begin(this.collector, undefined)
    this.probe.listen(this.notes, () => {
      this.notes.ended()
    })
  }

  /** Before the head is applied: the transaction that it shows to have ended. */
  endBefore(head: EntryView): TransactionStep | undefined {
    this.notes.clear()
    this.probe.apply(head)
    const step = this.notes.isEndedBefore && this.entries > 0 ? this.take(true) : undefined
    this.lane.holdBack()
    return step
  }

  /** After the entry was applied: the transaction that it ended, or what can be kept back no longer. */
  endBehind(): TransactionStep | undefined {
    const { lane, notes } = this
    const { seq, receiveTime, isValid } = lane.state
    if (notes.hasEvents) {
      if (this.entries === 0) this.firstSeq = seq
      this.entries++
      this.lastSeq = seq
      this.receiveTime = receiveTime
    }
    if (this.entries === 0) lane.letGo()
    else if (notes.isEndedBehind) return this.take(true)
    else if (!isValid || this.entries >= MOST_ENTRIES) return this.take(false)
    return undefined
  }

  private take(isWhole: boolean): TransactionStep {
    const { lane, firstSeq, lastSeq, receiveTime, position } = this
    this.entries = 0
    lane.letGo()
    const { stream, state } = lane
    const events = this.collector.take()
    return { kind: 'transaction', stream, firstSeq, lastSeq, receiveTime, isWhole, events, state, position }
  }
}
