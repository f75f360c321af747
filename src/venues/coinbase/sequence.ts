/**
 * The numbers of one product's messages: what has come without a hole, and the messages kept back, either because
 * they came before their time or because no book is there yet to take them. What a hole means is the feed's to decide.
 */
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import { type Micros, microsOf } from '../../market/time.ts'
import { type CountVerdict, RestartWatch } from './restart-watch.ts'

/** A message kept as it came. */
export interface HeldMessage {
  readonly sequence: number
  readonly receiveTime: Micros
  /** The frame. */
  readonly text: string
}

/** How long a message may be late, in microseconds, and how many may overtake it. */
export const REORDER_WINDOW = 250_000
const REORDER_LIMIT = 1_000

const NONE = -1

/** The name of the timer that ends the wait for late messages. */
export const REORDER_TIMER = 'reorder'

export class SequenceQueue {
  /** The highest number up to which nothing is missing; -1 before the first. */
  private reachedSequence = NONE
  /** Sorted by sequence, no number twice; those before `head` are gone. */
  private messages: HeldMessage[] = []
  private head = 0
  /** How many from `head` on are not above `reached`: a queue that waits for a book. */
  private contiguous = 0
  private holeOpenedAt = microsOf(0)
  private readonly restarts = new RestartWatch()

  /** Undefined before the first message. */
  get reached(): number | undefined {
    return this.reachedSequence === NONE ? undefined : this.reachedSequence
  }

  get size(): number {
    return this.messages.length - this.head
  }

  /** The lowest sequence of a book that what is kept can continue; undefined before the first message. */
  get oldestBook(): number | undefined {
    const first = this.contiguous > 0 ? this.messages[this.head]?.sequence : undefined
    return first === undefined ? this.reached : first - 1
  }

  /** True while a message is kept whose predecessor has not come. */
  get hasHole(): boolean {
    return this.messages.length - this.head > this.contiguous
  }

  /** When the first message behind the hole came. */
  get holeSince(): Micros {
    return this.holeOpenedAt
  }

  /** True when too many or too late messages stand behind the hole to wait any longer. */
  isHoleOverdue(now: Micros): boolean {
    if (!this.hasHole) return false
    return now - this.holeOpenedAt >= REORDER_WINDOW || this.size - this.contiguous > REORDER_LIMIT
  }

  isNext(sequence: number): boolean {
    return this.reachedSequence === NONE || sequence === this.reachedSequence + 1
  }

  isLate(sequence: number): boolean {
    return sequence <= this.reachedSequence
  }

  /** Asked once for each message: whether the venue counts anew. */
  judge(connection: number, sequence: number): CountVerdict {
    return this.restarts.judge(connection, sequence, this.reachedSequence)
  }

  /** The highest number that this connection told; -1: none. */
  readonly highestOf = (connection: number): number => this.restarts.highestOf(connection)

  /** The connection is gone. */
  forget(connection: number): void {
    this.restarts.forget(connection)
  }

  /**
   * True for the next message where nothing is kept and its connection counts on, as nearly always; it counts as taken
   * then. False: nothing was noted.
   */
  takesNext(connection: number, sequence: number): boolean {
    if (sequence !== this.reachedSequence + 1 || this.messages.length !== this.head) return false
    if (this.reachedSequence === NONE || !this.restarts.countsOn(connection, sequence)) return false
    this.reachedSequence = sequence
    return true
  }

  /** The next message was taken without being kept. */
  advance(sequence: number): void {
    this.reachedSequence = sequence
  }

  /** Keeps the next message for a book to come, and counts what it connects to. */
  keep(message: HeldMessage): void {
    const at = this.head + this.contiguous
    if (at === this.messages.length) this.messages.push(message)
    else this.messages.splice(at, 0, message)
    this.contiguous++
    this.reachedSequence = message.sequence
    this.connect()
  }

  /** Keeps a message behind a hole; false where its number is kept already. */
  hold(message: HeldMessage): boolean {
    const { messages } = this
    let at = messages.length
    while (at > this.head && (messages[at - 1]?.sequence ?? 0) > message.sequence) at--
    if (at > this.head && messages[at - 1]?.sequence === message.sequence) return false
    if (!this.hasHole) this.holeOpenedAt = message.receiveTime
    if (at === messages.length) messages.push(message)
    else messages.splice(at, 0, message)
    return true
  }

  /** Takes the kept message that follows `reached`, for a book that takes it now. */
  takeNext(): HeldMessage | undefined {
    const message = this.messages[this.head]
    if (message?.sequence !== this.reachedSequence + 1) return undefined
    this.head++
    this.reachedSequence = message.sequence
    if (this.head === this.messages.length) this.drop()
    return message
  }

  /** A book as of this number is there: forgets what it holds already; the rest is for `takeNext`. */
  startAfter(sequence: number): void {
    let { head } = this
    while ((this.messages[head]?.sequence ?? Infinity) <= sequence) head++
    this.messages = this.messages.slice(head)
    this.head = 0
    this.contiguous = 0
    this.reachedSequence = sequence
  }

  /** Measures the hole anew after messages were taken or came in. */
  refreshHole(): void {
    let since = Infinity
    for (let at = this.head + this.contiguous; at < this.messages.length; at++)
      since = Math.min(since, this.messages[at]?.receiveTime ?? Infinity)
    if (since !== Infinity) this.holeOpenedAt = microsOf(since)
  }

  /** Gives up what is missing: the queue begins anew behind the hole. The numbers at the jump, if there was a hole. */
  loseHole(): { readonly expected: number; readonly found: number } | undefined {
    const beyond = this.messages[this.head + this.contiguous]
    if (beyond === undefined) return undefined
    const expected = this.reachedSequence + 1
    this.messages = this.messages.slice(this.head + this.contiguous)
    this.head = 0
    this.contiguous = 1
    this.reachedSequence = beyond.sequence
    this.connect()
    return { expected, found: beyond.sequence }
  }

  /** Forgets what is kept, not how far the numbers came. */
  drop(): void {
    this.messages = []
    this.head = 0
    this.contiguous = 0
  }

  /** The venue counts anew. */
  restart(): void {
    this.drop()
    this.reachedSequence = NONE
  }

  reset(): void {
    this.restart()
    this.restarts.reset()
  }

  /** Counts the kept messages that follow `reached` without a hole; for a queue whose book was given up. */
  connect(): void {
    for (;;) {
      const next = this.messages[this.head + this.contiguous]
      if (next?.sequence !== this.reachedSequence + 1) break
      this.contiguous++
      this.reachedSequence++
    }
    this.refreshHole()
  }

  save(writer: StateWriter): void {
    this.restarts.save(writer)
    writer.int(this.reachedSequence)
    writer.uint(this.contiguous)
    writer.uint(this.holeOpenedAt)
    writer.uint(this.size)
    for (let at = this.head; at < this.messages.length; at++) {
      const message = this.messages[at]
      if (message === undefined) break
      writer.uint(message.sequence)
      writer.uint(message.receiveTime)
      writer.text(message.text)
    }
  }

  restore(reader: StateReader): void {
    this.restarts.restore(reader)
    this.head = 0
    this.messages = []
    this.reachedSequence = reader.int()
    this.contiguous = reader.uint()
    this.holeOpenedAt = microsOf(reader.uint())
    const size = reader.uint()
    for (let index = 0; index < size; index++)
      this.messages.push({
        sequence: reader.uint(),
        receiveTime: microsOf(reader.uint()),
        text: reader.text(),
      })
  }
}
