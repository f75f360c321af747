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
import { type FaultFate, FaultFates, NOTICE_WITHIN } from './fault-fates.ts'
import { frameHash, type InjectedFault, type Mark, type SentConnection } from './sent-frames.ts'

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

class StreamAudit {
  readonly keeper: BookKeeper
  private readonly sent: readonly SentConnection[]
  readonly fates: FaultFates
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
    this.fates = new FaultFates(sent, faults)
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
      this.fates.meet(found.number)
      this.nextSent = next + 1
    }
    if (!this.before.valid) this.fates.unsettleAt(this.current.number, this.position)
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
    this.fates.note(this.current.number, this.position, causes)
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
    if (this.current !== undefined) this.fates.endAt(this.current.number, this.position)
    if (!wasValid) this.fates.unsettleFrom(this.current?.number ?? 0, this.position)
    // Code 1006: cut, by the other side or when it had not said goodbye in time.
    const isWhole = (cause === 'shutdown' || cause === 'remote') && code !== 1006
    if (isWhole && this.current !== undefined) this.lost += this.current.hashes.length - this.position
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
    faults: audit.fates.fates(),
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
