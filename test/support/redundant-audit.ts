/**
 * Holds a recording with several connections at a time against what the venue sent over each of them, and against the
 * books that it had. What one connection loses another may bring: then nothing may be told as lost.
 */
import { venueById } from '../../src/app/production.ts'
import { EntryCursor, type EntryView } from '../../src/log/entry.ts'
import type { SampledLosses } from '../../src/log/sample.ts'
import { EventCollector } from '../../src/market/event.ts'
import { BookKeeper } from '../../src/replay/keeper/book-keeper.ts'
import { REORDER_WINDOW } from '../../src/venues/coinbase/sequence.ts'
import { FaultFates } from './fault-fates.ts'
import type { AuditedStream, RecordingAudit } from './recording-audit.ts'
import { type BookComparison, FollowedBook, isBookSnapshot, MergedBook } from './redundant-books.ts'
import { linksOf, NONE, type RecordedLink } from './redundant-links.ts'
import type { InjectedFault } from './sent-frames.ts'

export interface RedundantAudit extends Pick<
  RecordingAudit,
  'frames' | 'lost' | 'compared' | 'falselyVerified' | 'longestWrong' | 'faults'
> {
  /** Sentences: what was told as lost although another connection had it. */
  readonly needless: readonly string[]
}

/** An open connection. */
interface OpenLink {
  readonly recorded: RecordedLink | undefined
  position: number
  /** Bitfinex: its own book is there, and nothing has befallen it since. */
  isSettled: boolean
}

type Gap = SampledLosses['gaps'][number]

/** No round has so many messages: numbers of two counts were taken for one. */
const LARGEST_HOLE = 1_000_000

/** Frames after which a connection delivers everything. */
const GROWN = 60

class StreamAudit {
  readonly keeper: BookKeeper
  readonly fates: FaultFates
  readonly books: BookComparison
  readonly needless: string[] = []
  private readonly isMerged: boolean
  private readonly links: ReadonlyMap<number, RecordedLink>
  private readonly open = new Map<number, OpenLink>()
  /** Connections that the entry at hand showed to be spoiled. */
  private readonly givenUp: number[] = []
  private readonly collector = new EventCollector()
  /** Coinbase's messages by number, and when each came first, since it began to count. */
  private came = new Map<number, number>()
  private readonly everCame = new Set<number>()
  /** Told as lost, and until when they might have come. */
  private readonly lostUntil = new Map<number, number>()
  private before = { gaps: 0, disconnects: 0, undecoded: 0, valid: false }
  frames = 0
  lost = 0

  constructor({ stream, sent, faults }: AuditedStream, batches: readonly Uint8Array[]) {
    const [venueName = ''] = stream.split(':')
    const venue = venueById(venueName)
    if (venue === undefined) throw new Error(`no venue ${venueName}`)
    this.isMerged = venueName === 'coinbase'
    const own = faults.filter((fault) => fault.venue === venueName)
    this.fates = new FaultFates(sent, own)
    this.links = linksOf(batches, sent)
    this.keeper = new BookKeeper(venue, {
      listener: this.collector,
      onCommand: (command) => {
        if (command.kind === 'reconnect') this.givenUp.push(command.connection)
      },
    })
    this.books = this.isMerged
      ? new MergedBook(stream, this.keeper, sent)
      : new FollowedBook(stream, this.keeper)
    for (const { lost } of this.links.values()) this.lost += lost
  }

  take(entry: EntryView): void {
    const { keeper, collector, open, before } = this
    if (entry.kind === 'opened')
      open.set(entry.connection, {
        recorded: this.links.get(entry.connection),
        position: 0,
        isSettled: false,
      })
    const link = open.get(entry.connection)
    if (entry.kind === 'frame' && link !== undefined) this.frame(entry, link)
    const others = [...open].filter(([connection]) => connection !== entry.connection)
    const isCovered = others.some(([, other]) => this.isWhole(other))
    const wasValid = before.valid
    keeper.apply(entry)
    const events = collector.take()
    const reasons = events.flatMap((event) => (event.kind === 'book-invalid' ? [event.reason] : []))
    this.note(entry, reasons, isCovered)
    const sent = link?.recorded?.sent
    const place =
      entry.kind === 'frame' && link !== undefined && sent !== undefined
        ? { sent, position: link.position }
        : undefined
    this.books.look(entry, place, events, open.size)
    if (entry.kind === 'closed' && link !== undefined) this.closed(entry, link, wasValid, isCovered)
  }

  /** Nothing has gone wrong on this connection, and it delivers. */
  private isWhole({ recorded, position, isSettled }: OpenLink): boolean {
    const number = recorded?.sent?.number
    if (number === undefined || position < GROWN || this.fates.isSpoiledAt(number, position)) return false
    return this.isMerged || isSettled
  }

  private frame(entry: EntryView, link: OpenLink): void {
    this.frames++
    const { recorded } = link
    const number = recorded?.numbers[link.position] ?? NONE
    if (number !== NONE) this.noteNumber(number, entry)
    if (!this.isMerged && isBookSnapshot(entry)) link.isSettled = true
    const sent = recorded?.sent
    if (sent !== undefined) {
      this.fates.meet(sent.number)
      const isSettled = this.isMerged || link.isSettled
      if (!this.before.valid || !isSettled) this.fates.unsettleAt(sent.number, link.position)
    }
    link.position++
  }

  private noteNumber(number: number, entry: EntryView): void {
    const { came, lostUntil, everCame } = this
    if (!came.has(number)) came.set(number, entry.receiveTime)
    everCame.add(number)
    if (entry.receiveTime < (lostUntil.get(number) ?? 0))
      this.blame(entry, `message ${String(number)} was told as lost too early`)
    lostUntil.delete(number)
  }

  private note(entry: EntryView, reasons: readonly string[], isCovered: boolean): void {
    const { before, keeper, open } = this
    const { gaps, disconnects, undecodedFrames, valid } = keeper.summary()
    const all = before.valid || gaps > before.gaps ? [...reasons] : []
    if (disconnects > before.disconnects) all.push('disconnect')
    if (gaps > before.gaps) {
      if (reasons.length === 0) all.push('gap')
      for (const gap of keeper.takeLosses().gaps) this.judgeGap(gap, entry, isCovered)
    }
    // A book that begins anew before it is invalid for anybody.
    if (isCovered && before.valid && !valid && !this.isMerged && !reasons.includes('run-ended'))
      this.blame(entry, `invalid (${reasons.join(', ')})`)
    for (const [connection, { recorded, position }] of open) {
      const isOwn = connection === entry.connection
      const causes = isOwn && undecodedFrames > before.undecoded ? [...all, 'undecoded'] : all
      if (causes.length > 0 && recorded?.sent !== undefined)
        this.fates.note(recorded.sent.number, position, causes)
      if (isOwn && undecodedFrames > before.undecoded && !this.isMerged && !entry.isBinary)
        this.unsettle(connection)
    }
    for (const connection of this.givenUp.splice(0)) {
      const { recorded, position = 0 } = open.get(connection) ?? {}
      if (recorded?.sent !== undefined) this.fates.note(recorded.sent.number, position, ['given up'])
    }
    this.before = { gaps, disconnects, undecoded: undecodedFrames, valid }
  }

  /** Until its next snapshot its book may not be there. */
  private unsettle(connection: number): void {
    const link = this.open.get(connection)
    if (link !== undefined) link.isSettled = false
  }

  private judgeGap({ cause, expected, found }: Gap, entry: EntryView, isCovered: boolean): void {
    const { came } = this
    if (!this.isMerged) {
      // A wrong checksum proves that the book was wrong, whoever else is right.
      if (isCovered && cause !== 'checksum') this.blame(entry, `a gap (${cause})`)
      return
    }
    const [first, next] = [Number(expected), Number(found)]
    if (cause !== 'venue-sequence') this.blame(entry, `a gap (${cause})`)
    else if (next < first) this.restart(next, entry)
    else if (next - first > LARGEST_HOLE)
      this.blame(entry, `messages ${expected} to ${found} are told as lost`)
    else
      for (let number = first; number < next; number++) {
        if (came.has(number)) this.blame(entry, `message ${String(number)} is told as lost, and came`)
        else this.lostUntil.set(number, this.firstFrom(next) + REORDER_WINDOW)
      }
  }

  /** When the first message came that is this one or behind it. */
  private firstFrom(next: number): number {
    let first = Infinity
    for (const [number, time] of this.came) if (number >= next) first = Math.min(first, time)
    return first
  }

  private restart(first: number, { receiveTime }: EntryView): void {
    this.came = new Map([[first, receiveTime]])
    this.lostUntil.clear()
  }

  private blame({ seq }: EntryView, what: string): void {
    this.needless.push(`seq ${String(seq)}: ${what}, although another connection had it`)
  }

  private closed(entry: EntryView, link: OpenLink, wasValid: boolean, isCovered: boolean): void {
    const { cause, code } = JSON.parse(entry.text()) as { cause: string; code: number }
    this.open.delete(entry.connection)
    if (this.open.size === 0) {
      this.came.clear()
      this.lostUntil.clear()
    }
    if (isCovered && wasValid && !this.keeper.isValid && cause !== 'shutdown')
      this.blame(entry, `invalid when one closed (${cause})`)
    const sent = link.recorded?.sent
    if (sent === undefined) return
    this.fates.endAt(sent.number, link.position)
    this.fates.note(sent.number, link.position, [`closed (${cause})`])
    if (!wasValid) this.fates.unsettleFrom(sent.number, link.position)
    // Code 1006: cut, by the other side or when it had not said goodbye in time.
    if ((cause === 'shutdown' || cause === 'remote') && code !== 1006)
      this.lost += sent.hashes.length - link.position
  }

  /** Whether the messages between the last before a fault and the first behind it came otherwise. */
  readonly isCovered = ({ connection, sent = 0 }: InjectedFault): boolean => {
    const link = [...this.links.values()].find((each) => each.sent?.number === connection)
    if (!this.isMerged || link === undefined) return false
    const next = link.numbers.find((number, position) => position >= sent && number !== NONE)
    if (next === undefined) return false
    const before = link.numbers.slice(0, sent).findLast((number) => number !== NONE) ?? next - 2
    for (let number = before + 1; number < next; number++) if (!this.everCame.has(number)) return false
    return next > before
  }
}

/** Packed records of the whole stream, in order. */
export const auditRedundant = (batches: readonly Uint8Array[], audited: AuditedStream): RedundantAudit => {
  const audit = new StreamAudit(audited, batches)
  for (const records of batches) {
    const cursor = new EntryCursor(records)
    while (cursor.next()) audit.take(cursor)
  }
  const { frames, lost, needless, fates, isCovered } = audit
  const { compared, falselyVerified, longestWrong } = audit.books
  return { frames, lost, needless, compared, falselyVerified, longestWrong, faults: fates.fates(isCovered) }
}
