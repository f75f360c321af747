/**
 * Holds the log of a recording that was killed again and again against its witnesses: the journals at each kill, what the
 * status had told, the frames that the venues sent, and the venues' books whenever the flow stood still.
 */
import { isLeft } from 'fp-ts/lib/Either.js'

import type { SimulatedBook, SimulatedRow, SimulatedRows } from '../../simulator/venues/simulated-venue.ts'
import { openStore, venueById } from '../../src/app/production.ts'
import { EntryCursor, type EntryView } from '../../src/log/entry.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { BookKeeper } from '../../src/replay/keeper/book-keeper.ts'
import { readChunks } from '../../src/replay/reading/chunk-reader.ts'
import { runCommand } from '../support/recorder-process.ts'
import { frameHash, type SentConnection } from '../support/sent-frames.ts'
import type { JournaledEntries } from './journal-witness.ts'
import type { RoundFindings } from './round-results.ts'

export interface Kill {
  readonly victim: 'child' | 'supervisor' | 'everything'
  /** Microseconds since the Unix epoch. */
  readonly at: number
  /** What the status had told as journaled. */
  readonly told: readonly { readonly stream: string; readonly lastSeq: number }[]
}

/** A while, in microseconds, in which the venues' books did not change. */
export interface Standstill {
  readonly from: number
  readonly to: number
  readonly books: readonly SimulatedBook[]
  readonly rows: ReadonlyMap<string, SimulatedRows>
}

export interface KillEvidence {
  readonly store: string
  readonly streams: readonly StreamId[]
  /** False: the log holds samples in place of frames. */
  readonly hasFrames: boolean
  /** The venue itself lost something: `verify` says so. */
  readonly hasGaps?: boolean
  readonly kills: readonly Kill[]
  readonly standstills: readonly Standstill[]
  readonly journaled: JournaledEntries
  readonly sent: ReadonlyMap<string, readonly SentConnection[]>
}

interface RecordedConnection {
  readonly hashes: number[]
  /** Everything that was sent until the goodbye was taken. */
  isWhole: boolean
  /** Given up or ended before any kill. */
  isClosed: boolean
  /** Microseconds; of its last frame. */
  lastTime: number
}

/** Promised are 100 ms on a machine that has time; a process that had to wait for a processor loses what it could not write. */
const LOST_TAIL_LIMIT = 5_000_000

class StreamLog {
  readonly failures: string[] = []
  readonly connections = new Map<number, RecordedConnection>()
  entries = 0
  compared = 0
  runs = 0
  crashes = 0
  private readonly stream: StreamId
  private readonly evidence: KillEvidence
  private readonly keeper: BookKeeper
  private readonly journaled: Map<number, number>
  private readonly standstills: Standstill[]
  private lastTime = 0

  constructor(stream: StreamId, evidence: KillEvidence) {
    const venue = venueById(stream.split(':')[0] ?? '')
    if (venue === undefined) throw new Error(`no venue of ${stream}`)
    this.stream = stream
    this.evidence = evidence
    this.keeper = new BookKeeper(venue)
    this.journaled = new Map(evidence.journaled.get(stream))
    this.standstills = [...evidence.standstills]
  }

  take(entry: EntryCursor, records: Uint8Array): void {
    this.entries++
    if (entry.seq !== this.entries)
      this.fail(`entry ${String(this.entries)} has the number ${String(entry.seq)}`)
    if (entry.receiveTime < this.lastTime) this.fail(`the time of entry ${String(entry.seq)} goes back`)
    // A run that crashed ended where its last entry stands, which may be within a standstill.
    this.passTo(entry.receiveTime, entry.kind === 'run-ended')
    this.lastTime = entry.receiveTime
    const journaled = this.journaled.get(entry.seq)
    if (journaled !== undefined) {
      if (journaled !== frameHash(records.subarray(entry.recordStart, entry.recordEnd)))
        this.fail(`entry ${String(entry.seq)} is not the one that was journaled`)
      this.journaled.delete(entry.seq)
    }
    this.keeper.apply(entry)
    this.noteRun(entry)
    if (entry.kind === 'frame') this.noteFrame(entry)
    if (entry.kind === 'closed') this.noteClosed(entry)
    if (entry.kind === 'sample') this.compareSample(entry)
  }

  /** The end of the log. */
  end(): void {
    this.passTo(Infinity, true)
    if (this.journaled.size > 0) this.fail(`${String(this.journaled.size)} journaled entries are lost`)
    for (const { at, told } of this.evidence.kills)
      for (const { stream, lastSeq } of told)
        if (stream === this.stream && lastSeq > this.entries)
          this.fail(`entry ${String(lastSeq)}, told as journaled at ${String(at)}, is lost`)
  }

  private fail(text: string): void {
    if (this.failures.length < 5) this.failures.push(`${this.stream}: ${text}`)
  }

  private noteRun(entry: EntryView): void {
    if (entry.kind === 'run-started') this.runs++
    if (entry.kind === 'run-ended' && entry.text() === '{"cause":"crash"}') this.crashes++
  }

  private noteFrame(entry: EntryView): void {
    const known = this.connections.get(entry.connection)
    const connection = known ?? { hashes: [], isWhole: false, isClosed: false, lastTime: 0 }
    if (known === undefined) this.connections.set(entry.connection, connection)
    connection.hashes.push(frameHash(entry.bytes()))
    connection.lastTime = entry.receiveTime
  }

  private noteClosed(entry: EntryView): void {
    const connection = this.connections.get(entry.connection)
    const { cause, code } = JSON.parse(entry.text()) as { cause: string; code: number }
    if (connection === undefined) return
    connection.isClosed = true
    connection.isWhole = cause === 'shutdown' && code !== 1006
  }

  /** Compares the book with the venue's for every standstill that ends before this time; `isEnd`: that began before it. */
  private passTo(time: number, isEnd: boolean): void {
    for (;;) {
      const [next] = this.standstills
      if (next === undefined || (isEnd ? next.from : next.to) > time) return
      this.standstills.shift()
      if (!this.evidence.hasFrames) continue
      this.compared++
      const book = next.books.find(({ stream }) => stream === this.stream)
      const { valid, reason } = this.keeper.summary()
      if (!valid)
        this.fail(`the book is not valid (${String(reason)}) at the standstill at ${String(next.from)}`)
      else if (this.keeper.digest().digest !== book?.digest)
        this.fail(`the book differs from the venue’s at the standstill at ${String(next.from)}`)
    }
  }

  private compareSample(entry: EntryView): void {
    const now = this.evidence.standstills.find(
      ({ from, to }) => from <= entry.receiveTime && entry.receiveTime <= to,
    )
    const rows = now?.rows.get(this.stream)
    if (rows === undefined) return
    const sample = JSON.parse(entry.text()) as Sample
    this.compared++
    if (sample.invalid !== undefined)
      this.fail(`the sample ${String(entry.seq)} is not valid: ${sample.invalid}`)
    else if (sampledText(sample) !== rowsText(rows, sample))
      this.fail(`the sample ${String(entry.seq)} differs from the venue’s book`)
  }
}

interface Sample {
  readonly invalid?: string
  readonly scales?: readonly [number, number]
  readonly bidPrices?: readonly number[]
  readonly bidSizes?: readonly number[]
  readonly askPrices?: readonly number[]
  readonly askSizes?: readonly number[]
}

const sampledText = ({ bidPrices = [], bidSizes = [], askPrices = [], askSizes = [] }: Sample): string =>
  JSON.stringify([bidPrices, bidSizes, askPrices, askSizes])

/** The engine's best levels, as many as the sample has, in its units. */
const rowsText = (
  { bids, asks }: SimulatedRows,
  { scales = [0, 0], bidPrices = [], askPrices = [] }: Sample,
): string => {
  const sideOf = (rows: readonly SimulatedRow[], most: number): readonly [number[], number[]] => {
    const levels = new Map<number, number>()
    for (const { price, size } of rows) {
      const level = unitsOf(price, scales[0])
      if (!levels.has(level) && levels.size === most) break
      levels.set(level, (levels.get(level) ?? 0) + unitsOf(size, scales[1]))
    }
    return [[...levels.keys()], [...levels.values()]]
  }
  return JSON.stringify([...sideOf(bids, bidPrices.length), ...sideOf(asks, askPrices.length)])
}

const unitsOf = (text: string, scale: number): number => {
  const [whole = '', fraction = ''] = text.split('.')
  return Number(`${whole}${fraction.padEnd(scale, '0')}`)
}

interface MatchedFrames {
  readonly failures: readonly string[]
  readonly frames: number
  /** Microseconds between the first frame that a kill lost and the kill, at worst. */
  readonly worstTail: number
}

/** Every recorded connection is the beginning of one that the venue sent; the longest choose first. */
const matchFrames = (
  stream: string,
  log: StreamLog,
  sent: readonly SentConnection[],
  kills: readonly Kill[],
): MatchedFrames => {
  const failures: string[] = []
  const free = new Set(sent)
  let frames = 0
  let worstTail = 0
  const longestFirst = [...log.connections].sort(
    ([, one], [, other]) => other.hashes.length - one.hashes.length,
  )
  for (const [number, { hashes, isWhole, isClosed, lastTime }] of longestFirst) {
    frames += hashes.length
    const match = [...free].find((one) => hashes.every((hash, index) => one.hashes[index] === hash))
    if (match === undefined) {
      failures.push(`${stream}: the frames of connection ${String(number)} are none that the venue sent`)
      continue
    }
    free.delete(match)
    const lost = match.hashes.length - hashes.length
    if (isWhole && lost > 0)
      failures.push(
        `${stream}: ${String(lost)} frames of connection ${String(number)} are lost, without a kill`,
      )
    const kill = kills.find(({ at }) => at >= lastTime)
    const firstLost = match.times[hashes.length]
    if (!isClosed && kill !== undefined && firstLost !== undefined)
      worstTail = Math.max(worstTail, kill.at - firstLost)
  }
  if (worstTail > LOST_TAIL_LIMIT)
    failures.push(`${stream}: a frame sent ${String(worstTail / 1000)} ms before a kill was not journaled`)
  return { failures, frames, worstTail }
}

export const auditKills = async (evidence: KillEvidence): Promise<RoundFindings> => {
  const { store, streams, kills, standstills, journaled, sent, hasFrames } = evidence
  const opened = await openStore(store, 'read')()
  if (isLeft(opened)) return { figures: {}, failures: [JSON.stringify(opened.left)] }
  const failures: string[] = []
  let [entries, frames, compared, worstTail, witnessed] = [0, 0, 0, 0, 0]
  try {
    for (const stream of streams) {
      const log = new StreamLog(stream, evidence)
      for await (const { records } of readChunks(opened.right, stream)) {
        const cursor = new EntryCursor(records)
        while (cursor.next()) log.take(cursor, records)
      }
      log.end()
      for (const failure of log.failures) failures.push(failure)
      entries += log.entries
      compared += log.compared
      witnessed += journaled.get(stream)?.size ?? 0
      if (compared === 0) failures.push(`${stream}: no book was compared`)
      if (!hasFrames) continue
      const matched = matchFrames(stream, log, sent.get(stream.split(':')[0] ?? '') ?? [], kills)
      for (const failure of matched.failures) failures.push(failure)
      frames += matched.frames
      worstTail = Math.max(worstTail, matched.worstTail)
    }
  } finally {
    await opened.right.close()
  }
  const { code, stdout } = await runCommand('verify', '--store', store)
  if (code !== (evidence.hasGaps === true ? 3 : 0))
    failures.push(`verify ended with exit code ${String(code)}: ${stdout.slice(0, 500)}`)
  const figures = {
    kills: kills.length,
    'of the supervisor': kills.filter(({ victim }) => victim === 'supervisor').length,
    'of everything': kills.filter(({ victim }) => victim === 'everything').length,
    entries,
    frames,
    'journaled entries found again': witnessed,
    'books compared': compared,
    standstills: standstills.length,
    'most ms lost before a kill': Math.round(worstTail / 1000),
  }
  return { figures, failures }
}
