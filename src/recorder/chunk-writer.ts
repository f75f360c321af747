/**
 * Takes the chunks of one stream from the journal to the store, one at a time and in order: read, sealed, compared
 * with the live book, stored, then discarded from the journal. The journal is the spool: however long the store is away,
 * a chunk that waits costs a number here and nothing else. What goes to a server is fixed on disk before its first attempt.
 */
import { isLeft } from 'fp-ts/lib/Either.js'

import type { ChunkHeader } from '../log/chunk.ts'
import { recordsAfter, type Seq } from '../log/entry.ts'
import { describeStoreError, type EventStore, type StoreError, StoreFailure } from '../log/event-store.ts'
import type { Journal } from '../log/journal.ts'
import type { SpooledChunk } from '../log/sealed-spool.ts'
import type { StreamId } from '../market/instrument.ts'
import { Backoff } from '../transport/backoff.ts'
import type { WriteLog } from './recorder-log.ts'
import { answerTo } from './recovery.ts'
import type { Scheduler } from './scheduler.ts'
import type { SealedChunk } from './stream-sealer.ts'
import type { LiveDigest, Sealer } from './thread-messages.ts'

const RETRY_DELAYS = { first: 500, most: 30_000 }
/** At shutdown a store that is away is tried this often; then its chunks stay in the journal for the next start. */
const LAST_TRIES = 4

export interface ChunkWriterOptions {
  readonly stream: StreamId
  readonly journal: Journal
  readonly store: EventStore
  readonly sealer: Sealer
  readonly scheduler: Scheduler
  readonly random: () => number
  readonly writeLog: WriteLog
  /** Nothing more can be stored or journaled; one sentence. */
  readonly onFailure: (sentence: string) => void
  /** What an earlier process was about to store when it ended. */
  readonly unsettled?: SpooledChunk | undefined
}

export class ChunkWriter {
  private readonly options: ChunkWriterOptions
  private readonly delays: Backoff
  private readonly chunkEnds: { readonly seq: Seq; readonly isLive: boolean }[] = []
  private readonly liveDigests = new Map<Seq, LiveDigest>()
  private readonly sealed = new Map<Seq, ChunkHeader>()
  /** Stored, and to be noted in the store that they are not as the live book said. */
  private readonly unnoted: ChunkHeader[] = []
  private storedSeq: Seq
  private working: Promise<void> | undefined
  private wake: (() => void) | undefined
  private triesLeft = Number.POSITIVE_INFINITY
  private hasFailed = false
  /** Chunks whose live book was not what the seal found. */
  mismatches = 0
  /** The book at the end of the last chunk, as sealed. */
  lastDigest: { readonly digest: string; readonly digestSeq: Seq } | undefined

  constructor(options: ChunkWriterOptions, storedSeq: Seq) {
    this.options = options
    this.delays = new Backoff({ ...RETRY_DELAYS, random: options.random })
    this.storedSeq = storedSeq
  }

  /** Chunks that wait for the seal or the store. */
  get waitingChunks(): number {
    return this.chunkEnds.length
  }

  /** A chunk ends with this entry, which the journal has. `isLive`: `noteLive` will be called for it. */
  endChunk(seq: Seq, isLive: boolean): void {
    this.chunkEnds.push({ seq, isLive })
    this.working ??= this.work()
  }

  /** The live book at the end of a chunk; it may come before or after the seal. */
  noteLive(live: LiveDigest): void {
    this.liveDigests.set(live.seq, live)
    this.compare(live.seq)
    if (this.unnoted.length > 0) this.working ??= this.work()
  }

  /** Settles when no chunk waits, or the store failed. */
  async drained(): Promise<void> {
    await this.working
  }

  /** Settles when everything that can be stored is. False: chunks remain in the journal. */
  async finish(): Promise<boolean> {
    this.triesLeft = LAST_TRIES
    this.delays.reset()
    this.wake?.()
    await this.working
    return this.chunkEnds.length === 0
  }

  private async work(): Promise<void> {
    try {
      for (let end = this.chunkEnds[0]; end !== undefined && !this.hasFailed; end = this.chunkEnds[0]) {
        const records = await this.readThrough(end.seq)
        const sealed = await this.options.sealer.seal(this.options.stream, records)
        this.noteSealed(sealed, end.isLive)
        if (!(await this.store(await this.fix(sealed)))) break
        this.storedSeq = end.seq
        this.chunkEnds.shift()
        await this.options.journal.sealedSpool?.forget()
        await this.options.journal.discardThrough(end.seq)
      }
      await this.noteMismatches()
    } catch (error) {
      this.fail(
        error instanceof StoreFailure
          ? describeStoreError(error.error)
          : `Sealing stopped: ${String(error)}.`,
      )
    } finally {
      this.working = undefined
    }
  }

  /** Writes into the headers of stored chunks that they are not as the live book said. */
  private async noteMismatches(): Promise<void> {
    const { store, stream, writeLog } = this.options
    for (let header = this.unnoted[0]; header !== undefined; header = this.unnoted[0]) {
      if (header.lastSeq > this.storedSeq) return
      this.unnoted.shift()
      const noted = await store.putHeader({ ...header, verdict: { ...header.verdict, sealMismatches: 1 } })()
      if (!isLeft(noted)) continue
      const message = `That could not be noted in the store: ${describeStoreError(noted.left)}`
      writeLog({ level: 'warn', about: stream, message })
    }
  }

  private fail(sentence: string): void {
    this.hasFailed = true
    this.options.onFailure(sentence)
  }

  /** The records behind the last stored entry, through `end`. */
  private async readThrough(end: Seq): Promise<Uint8Array> {
    const { journal } = this.options
    const parts: Uint8Array[] = []
    for await (const { records, lastSeq } of journal.read(this.storedSeq)) {
      const behind = lastSeq > end ? recordsAfter(records, end).length : 0
      parts.push(records.subarray(0, records.length - behind))
      if (lastSeq >= end) break
    }
    return Buffer.concat(parts)
  }

  /** The bytes to send: those of the first attempt, whichever process made it. */
  private async fix(sealed: SealedChunk): Promise<SpooledChunk> {
    const { journal, unsettled } = this.options
    const { firstSeq, lastSeq } = sealed.chunk.header
    const earlier = unsettled?.chunk.header
    if (unsettled !== undefined && earlier?.firstSeq === firstSeq && earlier.lastSeq === lastSeq)
      return unsettled
    await journal.sealedSpool?.keep(sealed)
    return sealed
  }

  private noteSealed({ chunk }: SealedChunk, isLive: boolean): void {
    const { lastSeq, verdict } = chunk.header
    const { digest, digestSeq } = verdict.book
    this.lastDigest = { digest, digestSeq }
    if (!isLive) return
    this.sealed.set(lastSeq, chunk.header)
    this.compare(lastSeq)
  }

  private compare(seq: Seq): void {
    const live = this.liveDigests.get(seq)
    const sealed = this.sealed.get(seq)
    if (live === undefined || sealed === undefined) return
    this.liveDigests.delete(seq)
    this.sealed.delete(seq)
    if (live.digest === sealed.verdict.book.digest) return
    this.mismatches++
    this.unnoted.push(sealed)
    this.options.writeLog({
      level: 'error',
      about: this.options.stream,
      message: `The live book at entry ${String(seq)} is not the one that replaying the entries gives; please report this, the entries themselves are unharmed.`,
    })
  }

  /** False: given up for now, the chunk stays in the journal. */
  private async store({ chunk, keyframes }: SpooledChunk): Promise<boolean> {
    const { store, stream, writeLog } = this.options
    for (let isFirst = true; ; isFirst = false) {
      const appended = await store.append(chunk)()
      if (!isLeft(appended)) break
      const sentence = describeStoreError(appended.left)
      if (answerTo(appended.left) === 'stop') {
        this.fail(sentence)
        return false
      }
      if (isFirst)
        writeLog({ level: 'warn', about: stream, message: `${sentence} Entries wait in the journal.` })
      if (--this.triesLeft <= 0) return false
      await this.pause(this.delays.next())
    }
    this.delays.reset()
    for (const keyframe of keyframes) {
      const kept = await store.putKeyframe(keyframe)()
      if (isLeft(kept)) writeLog({ level: 'warn', about: stream, message: keyframeWarning(kept.left) })
    }
    return true
  }

  private async pause(milliseconds: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.options.scheduler.after(milliseconds, resolve)
      this.wake = () => {
        cancel()
        resolve()
      }
    })
    this.wake = undefined
  }
}

const keyframeWarning = (error: StoreError): string =>
  `A keyframe could not be stored, so that seeking takes longer: ${describeStoreError(error)}`
