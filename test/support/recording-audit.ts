/**
 * Holds a recording against what the venue sent, frame by frame, and against the books that the venue had in between.
 * Replays the store as `replay` does; every figure is of one stream.
 */
import { isLeft } from 'fp-ts/lib/Either.js'

import { openStore, venueById } from '../../src/app/production.ts'
import { EntryCursor, type EntryView } from '../../src/log/entry.ts'
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

class StreamAudit {
  readonly keeper: BookKeeper
  private readonly sent: readonly SentConnection[]
  private readonly faults: readonly InjectedFault[]
  private readonly stream: string
  private readonly collector = new EventCollector()
  /** The venue's connections not met yet. */
  private nextSent = 0
  private current: SentConnection | undefined
  private position = 0
  private seen: number[] = []
  private isOpen = false
  private pending: { readonly at: string; readonly position: number } | undefined
  private readonly notices = new Map<number, number[]>()
  private readonly ends = new Map<number, number>()
  private readonly unsettled = new Set<InjectedFault>()
  private before = { gaps: 0, disconnects: 0, undecoded: 0, valid: false }
  frames = 0
  lost = 0
  connections = 0
  resyncs = 0
  compared = 0
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
    this.keeper = new BookKeeper(found, { listener: this.collector })
  }

  take(entry: EntryView): void {
    if (entry.kind === 'opened') this.opened()
    if (entry.kind === 'frame') this.matchFrame(entry)
    const isRemote = entry.kind === 'closed' && this.isOpen
    this.keeper.apply(entry)
    let hasStarted = false
    let hasFailed = false
    for (const event of this.collector.take()) {
      if (event.kind === 'book-started') hasStarted = true
      if (event.kind === 'book-invalid') hasFailed = true
    }
    if (hasStarted) this.resyncs++
    this.note(hasFailed)
    if (entry.kind === 'frame') this.compare(entry.seq)
    if (isRemote) this.closed(entry)
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
      this.nextSent = next + 1
    }
    for (const fault of this.faults)
      if (fault.connection === this.current.number && fault.sent === this.position && !this.before.valid)
        this.unsettled.add(fault)
    this.position++
  }

  private note(hasFailed: boolean): void {
    const { gaps, disconnects, undecodedFrames, valid } = this.keeper.summary()
    const { before } = this
    const isNews =
      gaps > before.gaps ||
      disconnects > before.disconnects ||
      undecodedFrames > before.undecoded ||
      (before.valid && hasFailed)
    this.before = { gaps, disconnects, undecoded: undecodedFrames, valid }
    if (!isNews || this.current === undefined) return
    const known = this.notices.get(this.current.number) ?? []
    known.push(this.position)
    this.notices.set(this.current.number, known)
  }

  private compare(seq: number): void {
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
      if (stream !== this.stream || !valid || !verified) continue
      this.compared++
      if (this.keeper.digest().digest === digest) this.pending = undefined
      else this.pending ??= { at: `seq ${String(seq)}`, position: this.position }
    }
  }

  private closed(entry: EntryView): void {
    this.isOpen = false
    this.pending = undefined
    const { cause, code } = JSON.parse(entry.text()) as { cause: string; code: number }
    if (this.current !== undefined) this.ends.set(this.current.number, this.position)
    const isWhole = cause === 'shutdown' || (cause === 'remote' && code !== 1006)
    if (isWhole && this.current !== undefined) this.lost += this.current.hashes.length - this.position
  }

  fates(): Readonly<Record<string, FaultFate>> {
    const fates: Record<string, { -readonly [K in keyof FaultFate]: number }> = {}
    for (const fault of this.faults) {
      const fate = (fates[fault.fault] ??= {
        injected: 0,
        noticed: 0,
        unsettled: 0,
        harmless: 0,
        unnoticed: 0,
      })
      fate.injected++
      fate[this.fateOf(fault)]++
    }
    return fates
  }

  private fateOf(fault: InjectedFault): 'noticed' | 'unsettled' | 'harmless' | 'unnoticed' {
    const { connection } = fault
    if (connection === 0) return 'harmless'
    const notices = this.notices.get(connection) ?? []
    // Of a connection that was cut the last frames may not have reached the recorder.
    const sent = Math.min(fault.sent ?? 0, this.ends.get(connection) ?? Infinity)
    if (notices.some((position) => position >= sent && position <= sent + NOTICE_WITHIN)) return 'noticed'
    if (isHarmless(fault)) return 'harmless'
    const reached = this.sent.find(({ number }) => number === connection)?.hashes.length ?? 0
    return this.unsettled.has(fault) || (fault.sent ?? 0) >= reached ? 'unsettled' : 'unnoticed'
  }
}

/** `sent` and `faults`: of the stream's venue, which must have this one stream only. */
export const auditRecording = async (
  storeUrl: string,
  stream: StreamId,
  sent: readonly SentConnection[],
  faults: readonly InjectedFault[],
): Promise<RecordingAudit> => {
  const [venue = ''] = stream.split(':')
  const opened = await openStore(storeUrl, 'read')()
  if (isLeft(opened)) throw new Error(JSON.stringify(opened.left))
  const store = opened.right
  const audit = new StreamAudit(
    stream,
    venue,
    sent,
    faults.filter((fault) => fault.venue === venue),
  )
  try {
    for await (const { records } of readChunks(store, stream)) {
      const cursor = new EntryCursor(records)
      while (cursor.next()) audit.take(cursor)
    }
  } finally {
    await store.close()
  }
  const { keeper, frames, lost, connections, resyncs, compared, falselyVerified } = audit
  const summary = keeper.summary()
  const verdict = keeper.takeVerdict()
  const span = Math.max(1, verdict.spanMicros)
  return {
    ...{ entries: summary.entries, frames, lost, connections, resyncs, compared, falselyVerified },
    ...{ gaps: summary.gaps, disconnects: summary.disconnects, undecoded: summary.undecodedFrames },
    ...{ checksums: summary.checksums, valid: summary.valid, verified: summary.verified },
    validShare: verdict.validMicros / span,
    verifiedShare: verdict.verifiedMicros / span,
    faults: audit.fates(),
    digest: verdict.book.digest,
  }
}
