/**
 * The book of several connections against those that the venue had: where the messages of all are merged by their number,
 * at each number; where one connection is followed, between that one's frames.
 */
import type { EntryView } from '../../src/log/entry.ts'
import type { MarketEvent } from '../../src/market/event.ts'
import type { BookKeeper } from '../../src/replay/keeper/book-keeper.ts'
import { NOTICE_WITHIN } from './fault-fates.ts'
import type { Mark, SentConnection } from './sent-frames.ts'

/** A place among a connection's frames, behind the entry at hand. */
export interface LinkPlace {
  readonly sent: SentConnection
  readonly position: number
}

export abstract class BookComparison {
  compared = 0
  /** Microseconds. */
  longestWrong = 0
  readonly falselyVerified: string[] = []
  protected readonly stream: string
  protected readonly keeper: BookKeeper
  private wrongSince: number | undefined

  constructor(stream: string, keeper: BookKeeper) {
    this.stream = stream
    this.keeper = keeper
  }

  /** The entry was applied. `place`: of a frame that the venue sent so; `open`: connections. */
  abstract look(
    entry: EntryView,
    place: LinkPlace | undefined,
    events: readonly MarketEvent[],
    open: number,
  ): void

  protected marksAt({ sent, position }: LinkPlace): readonly Mark[] {
    return (sent.marks.get(position) ?? []).filter(({ stream }) => stream === this.stream)
  }

  protected noteWrong(isWrong: boolean, receiveTime: number): void {
    if (this.wrongSince !== undefined) this.noteWrongFor(receiveTime - this.wrongSince)
    this.wrongSince = isWrong ? (this.wrongSince ?? receiveTime) : undefined
  }

  protected noteWrongFor(microseconds: number): void {
    this.longestWrong = Math.max(this.longestWrong, microseconds)
  }
}

/** Numbers begin anew at times: a mark so far from a message of its number, in microseconds, may be of another count. */
const SAME_COUNT = 2_000_000

/** Coinbase: a message is taken whichever connection brings it first. */
export class MergedBook extends BookComparison {
  private readonly marks = new Map<number, Mark[]>()
  /** Numbers that a connection had come to, and since when the book is behind them. */
  private behind: { readonly told: number; readonly since: number }[] = []
  private at = NaN

  constructor(stream: string, keeper: BookKeeper, sent: readonly SentConnection[]) {
    super(stream, keeper)
    for (const connection of sent)
      for (const mark of [...connection.marks.values()].flat()) {
        if (mark.stream !== stream || mark.told === undefined) continue
        const known = this.marks.get(mark.told)
        if (known === undefined) this.marks.set(mark.told, [mark])
        else if (!known.some(({ digest }) => digest === mark.digest)) known.push(mark)
      }
  }

  look({ seq, receiveTime }: EntryView, place: LinkPlace | undefined): void {
    const { keeper } = this
    if (keeper.isValid) {
      this.compare(seq, receiveTime)
      for (const { told = 0 } of place === undefined ? [] : this.marksAt(place))
        if (told > keeper.venueSequence) this.behind.push({ told, since: receiveTime })
    } else {
      this.at = NaN
      this.noteWrong(false, receiveTime)
    }
    this.noteBehind(receiveTime)
  }

  private compare(seq: number, receiveTime: number): void {
    const { keeper } = this
    const { venueSequence } = keeper
    if (venueSequence === this.at) return
    this.at = venueSequence
    const marks = (this.marks.get(venueSequence) ?? []).filter(
      ({ time }) => Math.abs(time - receiveTime) < SAME_COUNT,
    )
    if (marks.length === 0) return
    const { digest } = keeper.digest()
    const isRight = marks.some((mark) => mark.digest === digest)
    this.noteWrong(!isRight, receiveTime)
    if (!keeper.isVerified) return
    this.compared++
    if (!isRight) this.falselyVerified.push(`seq ${String(seq)}`)
  }

  private noteBehind(receiveTime: number): void {
    const { keeper, behind } = this
    if (behind.length === 0) return
    this.behind = keeper.isValid ? behind.filter(({ told }) => told > keeper.venueSequence) : []
    const isOver = ({ told }: { readonly told: number }): boolean =>
      !this.behind.some((left) => left.told === told)
    for (const each of behind) if (isOver(each)) this.noteWrongFor(receiveTime - each.since)
  }
}

const CHANGES = ['order-opened', 'order-changed', 'order-removed', 'level-set']
/** A book's snapshot: its rows are of three. */
const SNAPSHOT = /^\[\d+,\[\[[^\],]+,[^\],]+,[^\],]+\]/
export const isBookSnapshot = (entry: EntryView): boolean => !entry.isBinary && SNAPSHOT.test(entry.text())

/** Bitfinex: the book is one connection's, until it goes over to another's. */
export class FollowedBook extends BookComparison {
  /** Ours; undefined: the next change tells. */
  private followed: number | undefined
  private pending: { readonly at: string; readonly position: number } | undefined

  look(entry: EntryView, place: LinkPlace | undefined, events: readonly MarketEvent[], open: number): void {
    const { keeper } = this
    const { receiveTime } = entry
    const hasStarted = events.some(({ kind }) => kind === 'book-started')
    if (hasStarted || !keeper.isValid) {
      this.noteWrong(false, receiveTime)
      this.pending = undefined
    }
    if (entry.kind !== 'frame') {
      if (hasStarted) this.followed = undefined
      return
    }
    if (hasStarted) this.followed = isBookSnapshot(entry) || open < 2 ? entry.connection : undefined
    else if (events.some(({ kind }) => CHANGES.includes(kind))) this.followed = entry.connection
    if (place !== undefined && entry.connection === this.followed) this.compare(entry, place)
  }

  private compare({ seq, receiveTime }: EntryView, place: LinkPlace): void {
    const { keeper, pending } = this
    if (!keeper.isValid) return
    if (!keeper.isVerified) this.pending = undefined
    else if (pending !== undefined && place.position > pending.position + NOTICE_WITHIN) {
      this.falselyVerified.push(pending.at)
      this.pending = undefined
    }
    for (const { digest } of this.marksAt(place)) {
      const isRight = keeper.digest().digest === digest
      this.noteWrong(!isRight, receiveTime)
      if (!keeper.isVerified) continue
      this.compared++
      if (isRight) this.pending = undefined
      else this.pending ??= { at: `seq ${String(seq)}`, position: place.position }
    }
  }
}
