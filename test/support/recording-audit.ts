/**
 * Holds a recording against what the venue sent, frame by frame, and against the books that the venue had in between.
 * Replays the store as `replay` does; every figure is of one stream.
 */
import { isLeft } from 'fp-ts/lib/Either.js'

import { openStore, venueById } from '../../src/app/production.ts'
import { EntryCursor, type EntryView } from '../../src/log/entry.ts'
import type { EventStore } from '../../src/log/event-store.ts'
import { EventCollector } from '../../src/market/event.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { BookKeeper } from '../../src/replay/keeper/book-keeper.ts'
import { readChunks } from '../../src/replay/reading/chunk-reader.ts'
import { frameHash, type InjectedFault, type Mark, type SentConnection } from './sent-frames.ts'

/** What became of the faults of one kind. */
export interface FaultFate {
  readonly injected: number
  /** The book or a count told of it. */
  readonly noticed: number
  /** The book could not be used then anyway. */
  readonly unsettled: number
  /** Nothing is lost by it, so nothing has to be told. */
  readonly harmless: number
  readonly unnoticed: number
  /** What told of it, and how often: the reasons of invalid books, `undecoded`, `disconnect`. */
  readonly causes: Readonly<Record<string, number>>
}

/** Something that tells of a loss, at so many frames of its connection. */
interface Notice {
  readonly position: number
  readonly causes: readonly string[]
}

export interface RecordingAudit {
  readonly entries: number
  readonly frames: number
  /** Frames that reached the socket and are not in the recording, or differ. */
  readonly lost: number
  readonly connections: number
  readonly resyncs: number
  readonly gaps: number
  readonly disconnects: number
  readonly undecoded: number
  readonly checksums: { readonly right: number; readonly wrong: number }
  readonly validShare: number
  readonly verifiedShare: number
  /** Marks at which a verified book was compared, and those at which it differed for longer than it may. */
  readonly compared: number
  readonly falselyVerified: readonly string[]
  /** Microseconds for which a book said at most that it is valid while it was not the venue's. */
  readonly longestWrong: number
  readonly faults: Readonly<Record<string, FaultFate>>
  readonly valid: boolean
  readonly verified: boolean
  readonly digest: string
}

/** Frames after a fault within which it must show. */
const NOTICE_WITHIN = 30

/** What loses nothing of the book by itself. */
const HARMLESS = ['delay', 'extra-field', 'slow-read', 'slow-write', 'clock-step']

const isHarmless = ({ fault, venue, channel }: InjectedFault): boolean => {
  if (HARMLESS.includes(fault)) return true
  // Numbers that were had already are dropped.
  if (fault === 'duplicate' && venue === 'coinbase') return true
  const isNumbered = venue === 'coinbase' ? channel === 'full' : channel !== 'control'
  if (['lose', 'duplicate', 'swap'].includes(fault)) return !isNumbered
  // Before the first frame of a connection nothing is there to be lost.
  return fault === 'silence' && channel === 'control'
}

const byConnection = (faults: readonly InjectedFault[]): ReadonlyMap<number, readonly InjectedFault[]> => {
  const known = new Map<number, InjectedFault[]>()
  for (const fault of faults) {
    const some = known.get(fault.connection)
    if (some === undefined) known.set(fault.connection, [fault])
    else some.push(fault)
  }
  return known
}

class StreamAudit {
  readonly keeper: BookKeeper
  private readonly sent: readonly SentConnection[]
  private readonly faults: readonly InjectedFault[]
  /** By connection. */
  private readonly faultsOf: ReadonlyMap<number, readonly InjectedFault[]>
  private readonly stream: string
  private readonly collector = new EventCollector()
  /** The venue's connections not met yet. */
  private nextSent = 0
  private current: SentConnection | undefined
  private position = 0
  private seen: number[] = []
  private isOpen = false
  private pending: { readonly at: string; readonly position: number } | undefined
  /** Microseconds; since when a valid book is known to differ. */
  private wrongSince: number | undefined
  private readonly notices = new Map<number, Notice[]>()
  /** The venue's connections of which a frame was recorded. */
  private readonly met = new Set<number>()
  private readonly ends = new Map<number, number>()
  private readonly unsettled = new Set<InjectedFault>()
  private before = { gaps: 0, disconnects: 0, undecoded: 0, valid: false }
  frames = 0
  lost = 0
  connections = 0
  resyncs = 0
  compared = 0
  longestWrong = 0
  readonly falselyVerified: string[] = []

  constructor(
    stream: StreamId,
    venue: string,
    sent: readonly SentConnection[],
    faults: readonly InjectedFault[],
  ) {
    const found = venueById(venue)
    if (found === undefined) throw new Error(`no venue ${venue}`)
    this.stream = stream
    this.sent = sent
    this.faults = faults
    this.faultsOf = byConnection(faults)
    this.keeper = new BookKeeper(found, { listener: this.collector })
  }

  take(entry: EntryView): void {
    if (entry.kind === 'opened') this.opened()
    if (entry.kind === 'frame') this.matchFrame(entry)
    const isRemote = entry.kind === 'closed' && this.isOpen
    const wasValid = this.before.valid
    this.keeper.apply(entry)
    let hasStarted = false
    const reasons: string[] = []
    for (const event of this.collector.take()) {
      if (event.kind === 'book-started') hasStarted = true
      if (event.kind === 'book-invalid') reasons.push(event.reason)
    }
    if (hasStarted) this.resyncs++
    this.note(reasons)
    if (!this.before.valid) this.noteWrong(false, entry.receiveTime)
    if (entry.kind === 'frame') this.compare(entry)
    if (isRemote) this.closed(entry, wasValid)
  }

  private opened(): void {
    this.isOpen = true
    this.connections++
    this.current = undefined
    this.position = 0
    this.seen = []
  }

  private matchFrame(entry: EntryView): void {
    const hash = frameHash(entry.bytes())
    this.frames++
    this.seen.push(hash)
    while (this.current?.hashes[this.position] !== hash) {
      // A connection that the venue accepted and the recorder never saw open is passed over.
      const next = this.sent.findIndex(
        ({ hashes }, index) =>
          index >= this.nextSent && this.seen.every((each, position) => hashes[position] === each),
      )
      const found = this.sent[next]
      if (found === undefined) {
        this.lost++
        return
      }
      this.current = found
      this.met.add(found.number)
      this.nextSent = next + 1
    }
    if (!this.before.valid)
      for (const fault of this.faultsOf.get(this.current.number) ?? [])
        if (fault.sent === this.position) this.unsettled.add(fault)
    this.position++
  }

  private note(reasons: readonly string[]): void {
    const { gaps, disconnects, undecodedFrames, valid } = this.keeper.summary()
    const { before } = this
    const causes = before.valid || gaps > before.gaps ? [...reasons] : []
    if (disconnects > before.disconnects) causes.push('disconnect')
    if (undecodedFrames > before.undecoded) causes.push('undecoded')
    if (gaps > before.gaps && reasons.length === 0) causes.push('gap')
    this.before = { gaps, disconnects, undecoded: undecodedFrames, valid }
    if (causes.length === 0 || this.current === undefined) return
    const known = this.notices.get(this.current.number) ?? []
    known.push({ position: this.position, causes: [...new Set(causes)] })
    this.notices.set(this.current.number, known)
  }

  private compare({ seq, receiveTime }: EntryView): void {
    const { valid, verified } = this.keeper.summary()
    const { pending } = this
    if (!valid || !verified) this.pending = undefined
    // The next numbered frame must show what is wrong; heartbeats may come between.
    else if (pending !== undefined && this.position > pending.position + NOTICE_WITHIN) {
      this.falselyVerified.push(pending.at)
      this.pending = undefined
    }
    const marks: readonly Mark[] = this.current?.marks.get(this.position) ?? []
    for (const { stream, digest } of marks) {
      if (stream !== this.stream || !valid) continue
      const isRight = this.keeper.digest().digest === digest
      this.noteWrong(!isRight, receiveTime)
      if (!verified) continue
      this.compared++
      if (isRight) this.pending = undefined
      else this.pending ??= { at: `seq ${String(seq)}`, position: this.position }
    }
  }

  private noteWrong(isWrong: boolean, receiveTime: number): void {
    if (this.wrongSince !== undefined)
      this.longestWrong = Math.max(this.longestWrong, receiveTime - this.wrongSince)
    this.wrongSince = isWrong ? (this.wrongSince ?? receiveTime) : undefined
  }

  private closed(entry: EntryView, wasValid: boolean): void {
    this.isOpen = false
    this.pending = undefined
    const { cause, code } = JSON.parse(entry.text()) as { cause: string; code: number }
    if (this.current !== undefined) this.ends.set(this.current.number, this.position)
    if (!wasValid)
      for (const fault of this.faultsOf.get(this.current?.number ?? 0) ?? [])
        if ((fault.sent ?? 0) >= this.position) this.unsettled.add(fault)
    const isWhole = cause === 'shutdown' || (cause === 'remote' && code !== 1006)
    if (isWhole && this.current !== undefined) this.lost += this.current.hashes.length - this.position
  }

  fates(): Readonly<Record<string, FaultFate>> {
    const fates: Record<string, { -readonly [K in keyof FaultFate]: FaultFate[K] }> = {}
    for (const fault of this.faults) {
      const fate = (fates[fault.fault] ??= {
        injected: 0,
        noticed: 0,
        unsettled: 0,
        harmless: 0,
        unnoticed: 0,
        causes: {},
      })
      fate.injected++
      fate[this.fateOf(fault)]++
      for (const cause of this.noticeOf(fault)?.causes ?? [])
        fate.causes = { ...fate.causes, [cause]: (fate.causes[cause] ?? 0) + 1 }
    }
    return fates
  }

  /** What told of it, soon enough. */
  private noticeOf({ connection, sent: told = 0 }: InjectedFault): Notice | undefined {
    // Of a connection that was cut the last frames may not have reached the recorder.
    const sent = Math.min(told, this.ends.get(connection) ?? Infinity)
    const notices = this.notices.get(connection) ?? []
    return notices.find(({ position }) => position >= sent && position <= sent + NOTICE_WITHIN)
  }

  private fateOf(fault: InjectedFault): 'noticed' | 'unsettled' | 'harmless' | 'unnoticed' {
    const { connection } = fault
    if (connection === 0) return 'harmless'
    if (this.noticeOf(fault) !== undefined) return 'noticed'
    if (isHarmless(fault)) return 'harmless'
    // Cut before anything of it had arrived: no book stood on it.
    if (!this.met.has(connection)) return 'unsettled'
    const reached = this.sent.find(({ number }) => number === connection)?.hashes.length ?? 0
    return this.unsettled.has(fault) || (fault.sent ?? 0) >= reached ? 'unsettled' : 'unnoticed'
  }
}

/** What is compared; all of it of the stream's venue, which must have this one stream only. */
export interface AuditedStream {
  readonly stream: StreamId
  readonly sent: readonly SentConnection[]
  readonly faults: readonly InjectedFault[]
}

/** Packed records of the whole stream, in order. */
export const auditRecords = async (
  records: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  { stream, sent, faults }: AuditedStream,
): Promise<RecordingAudit> => {
  const [venue = ''] = stream.split(':')
  const own = faults.filter((fault) => fault.venue === venue)
  const audit = new StreamAudit(stream, venue, sent, own)
  for await (const some of records) {
    const cursor = new EntryCursor(some)
    while (cursor.next()) audit.take(cursor)
  }
  const { keeper, frames, lost, connections, resyncs, compared, falselyVerified, longestWrong } = audit
  const summary = keeper.summary()
  const verdict = keeper.takeVerdict()
  const span = Math.max(1, verdict.spanMicros)
  return {
    ...{ entries: summary.entries, frames, lost, connections, resyncs, compared, falselyVerified },
    ...{ gaps: summary.gaps, disconnects: summary.disconnects, undecoded: summary.undecodedFrames },
    ...{ checksums: summary.checksums, valid: summary.valid, verified: summary.verified, longestWrong },
    validShare: verdict.validMicros / span,
    verifiedShare: verdict.verifiedMicros / span,
    faults: audit.fates(),
    digest: verdict.book.digest,
  }
}

async function* storedRecords(store: EventStore, stream: StreamId): AsyncGenerator<Uint8Array> {
  for await (const { records } of readChunks(store, stream)) yield records
}

export const auditRecording = async (
  storeUrl: string,
  stream: StreamId,
  sent: readonly SentConnection[],
  faults: readonly InjectedFault[],
): Promise<RecordingAudit> => {
  const opened = await openStore(storeUrl, 'read')()
  if (isLeft(opened)) throw new Error(JSON.stringify(opened.left))
  const store = opened.right
  try {
    return await auditRecords(storedRecords(store, stream), { stream, sent, faults })
  } finally {
    await store.close()
  }
}
