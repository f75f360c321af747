/**
 * Takes the chunks of one stream from the journal to the store, one at a time and in order: sealed, compared
 * with the live book, stored, then discarded from the journal. The journal is the spool: however long the store is away,
 * a chunk that waits costs a number here and nothing else. What goes to a server is fixed on disk before its first attempt.
 */
import { isLeft } from 'fp-ts/lib/Either.js'

import type { Seq } from '../../log/entry.ts'
import { describeStoreError, type EventStore, type StoreError, StoreFailure } from '../../log/event-store.ts'
import type { SpooledChunk } from '../../log/sealed-spool.ts'
import { Backoff } from '../../transport/backoff.ts'
import type { WriteLog } from '../recorder-log.ts'
import { answerTo, isNoRoom, type LogEnd } from '../recovery.ts'
import type { Scheduler } from '../scheduler.ts'
import type { LiveDigest } from '../thread-messages.ts'
import { LiveCheck } from './live-check.ts'
import { MismatchNotes } from './mismatch-notes.ts'
import { SealQueue, type SealQueueOptions } from './seal-queue.ts'
import type { SealedChunk } from './stream-sealer.ts'

const RETRY_DELAYS = { first: 500, most: 30_000 }
/** At shutdown a store that is away is tried this often; then its chunks stay in the journal for the next start. */
const LAST_TRIES = 4

/** The store is there, and the sealer stands at the end of what it holds; or the stream is another recorder's. */
export type Resumed =
  | { readonly kind: 'goes-on'; readonly store: EventStore; readonly stored: LogEnd }
  | { readonly kind: 'fenced' }

export interface ChunkWriterOptions extends SealQueueOptions {
  /** Undefined: it is away still, and `resume` is asked for it. */
  readonly store: EventStore | undefined
  /** Throws StoreFailure while the store is away. */
  readonly resume?: (() => Promise<Resumed>) | undefined
  readonly scheduler: Scheduler
  readonly random: () => number
  readonly writeLog: WriteLog
  /** Nothing more can be stored or journaled; one sentence. */
  readonly onFailure: (sentence: string, hasNoRoom: boolean) => void
  /** Another recorder has gone on with the stream. */
  readonly onFenced?: (() => void) | undefined
  /** Number of this run, for the mark of what is stored. */
  readonly epoch?: number | undefined
  /** What an earlier process was about to store when it ended. */
  readonly unsettled?: SpooledChunk | undefined
}

export class ChunkWriter {
  private readonly options: ChunkWriterOptions
  private readonly delays: Backoff
  private readonly queue: SealQueue
  private readonly liveCheck: LiveCheck
  private readonly mismatchNotes = new MismatchNotes()
  private store: EventStore | undefined
  private stored: LogEnd
  private working: Promise<void> | undefined
  private attempt: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined
  private waitingSince: number | undefined
  private waitingFor: string | undefined
  private wake: (() => void) | undefined
  private triesLeft = Number.POSITIVE_INFINITY
  private hasFailed = false
  /** The book at the end of the last chunk, as sealed. */
  lastDigest: { readonly digest: string; readonly digestSeq: Seq } | undefined

  constructor(options: ChunkWriterOptions, stored: LogEnd) {
    this.options = options
    this.store = options.store
    this.delays = new Backoff({ ...RETRY_DELAYS, random: options.random })
    this.stored = stored
    this.queue = new SealQueue(options)
    if (options.store !== undefined) this.queue.begin(stored)
    const { stream: about, writeLog } = options
    this.liveCheck = new LiveCheck((header) => {
      this.mismatchNotes.add(header)
      const message = `The live book at entry ${String(header.lastSeq)} is not the one that replaying the entries gives; please report this, the entries themselves are unharmed.`
      writeLog({ level: 'error', about, message })
    })
  }

  /** Chunks whose live book was not what the seal found. */
  get mismatches(): number {
    return this.liveCheck.mismatches
  }

  /** Chunks that wait for the seal or the store. */
  get waitingChunks(): number {
    return this.queue.length
  }

  /** A chunk ends with this entry, which the journal has. `isLive`: `noteLive` will be called for it. */
  endChunk(seq: Seq, isLive: boolean): void {
    this.queue.push(seq, isLive)
    this.working ??= this.work()
  }

  /** The live book at the end of a chunk; it may come before or after the seal. */
  noteLive(live: LiveDigest): void {
    this.liveCheck.noteLive(live)
    if (!this.mismatchNotes.isEmpty) this.working ??= this.work()
  }

  /** Why chunks wait and for how long, while the store does not take them. */
  get waiting(): { readonly why: string; readonly milliseconds: number } | undefined {
    if (this.waitingFor === undefined || this.waitingSince === undefined) return undefined
    return { why: this.waitingFor, milliseconds: Math.round(performance.now() - this.waitingSince) }
  }

  /** Settles when no chunk waits, or the store failed. */
  async drained(): Promise<void> {
    await this.working
  }

  /** As `drained`, or when the store was found to be away. */
  async attempted(): Promise<void> {
    if (this.waitingFor !== undefined) return
    let resolve: () => void = () => undefined
    const promise = new Promise<void>((done) => (resolve = done))
    this.attempt = { promise, resolve }
    await Promise.race([promise, this.drained()])
  }

  /** No further attempt is made; settles when the last one is over. */
  async halt(): Promise<void> {
    this.hasFailed = true
    this.wake?.()
    await this.working
  }

  /** Settles when everything that can be stored is. False: chunks remain in the journal. */
  async finish(): Promise<boolean> {
    this.triesLeft = LAST_TRIES
    this.delays.reset()
    this.wake?.()
    await this.working
    return this.queue.length === 0
  }

  private async work(): Promise<void> {
    const { stream: about, writeLog } = this.options
    try {
      const store = await this.reach()
      if (store === undefined) return
      let goesOn = true
      // Chunks may end while the notes are written.
      while (goesOn) {
        goesOn = await this.storeAll(store)
        await this.mismatchNotes.write(store, this.stored.lastSeq, (message) => {
          writeLog({ level: 'warn', about, message })
        })
        goesOn &&= this.queue.length > 0 && !this.hasFailed
      }
    } catch (error) {
      this.fail(
        error instanceof StoreFailure ? error.message : `Sealing stopped: ${String(error)}.`,
        isNoRoom(error),
      )
    } finally {
      this.working = undefined
    }
  }

  /** Until none waits; false: given up for now. */
  private async storeAll(store: EventStore): Promise<boolean> {
    const { journal } = this.options
    while (!this.hasFailed) {
      const next = await this.queue.first()
      if (next === undefined) return true
      // What is stored must not be ahead of what a crash would leave.
      await journal.written()
      this.noteSealed(next.sealed, next.isLive)
      if (!(await this.storeIn(store, await this.fix(next.sealed)))) return false
      this.stored = next.stored
      this.queue.shift()
      await this.mark()
      await journal.sealedSpool?.forget()
      await journal.discardThrough(this.stored.lastSeq)
    }
    return false
  }

  /** The store, and the sealer at the end of what it holds; undefined: given up for now. */
  private async reach(): Promise<EventStore | undefined> {
    const { resume, onFenced } = this.options
    while (this.store === undefined && resume !== undefined && !this.hasFailed) {
      try {
        const resumed = await resume()
        if (resumed.kind === 'fenced') {
          this.hasFailed = true
          onFenced?.()
          return undefined
        }
        this.store = resumed.store
        this.stored = resumed.stored
        this.queue.begin(this.stored)
        await this.mark()
        this.noteReached()
      } catch (error) {
        if (!(error instanceof StoreFailure) || answerTo(error.error) === 'stop') throw error
        if (!(await this.isTriedAgain(describeStoreError(error.error)))) return undefined
      }
    }
    return this.store
  }

  /** What is stored is marked as such before the journal lets it go. */
  private async mark(): Promise<void> {
    const { journal, epoch = 0 } = this.options
    await journal.sealedSpool?.keepMark({ ...this.stored, epoch })
  }

  /** Waits for the next attempt; false: there is none. */
  private async isTriedAgain(sentence: string): Promise<boolean> {
    const { stream, writeLog } = this.options
    if (this.waitingFor === undefined) {
      this.waitingSince = performance.now()
      writeLog({ level: 'warn', about: stream, message: `${sentence} Entries wait in the journal.` })
    }
    this.waitingFor = sentence
    this.options.memory?.letAllGo()
    this.attempt?.resolve()
    if (--this.triesLeft <= 0) return false
    await this.pause(this.delays.next())
    return !this.hasFailed
  }

  private noteReached(): void {
    const { stream: about, writeLog } = this.options
    if (this.waitingFor !== undefined)
      writeLog({ level: 'info', about, message: 'The store answers again: what waited is stored now.' })
    this.waitingFor = this.waitingSince = undefined
    this.options.memory?.goOn()
    this.delays.reset()
  }

  private fail(sentence: string, hasNoRoom: boolean): void {
    this.hasFailed = true
    this.options.onFailure(sentence, hasNoRoom)
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
    const { digest, digestSeq } = chunk.header.verdict.book
    this.lastDigest = { digest, digestSeq }
    if (isLive) this.liveCheck.noteSealed(chunk.header)
  }

  /** False: given up for now, the chunk stays in the journal. */
  private async storeIn(store: EventStore, { chunk, keyframes }: SpooledChunk): Promise<boolean> {
    const { stream, writeLog, journal, onFenced } = this.options
    for (;;) {
      const appended = await store.append(chunk)()
      if (!isLeft(appended)) break
      const error = appended.left
      const sentence = describeStoreError(error)
      // Entries of somebody else stand there: the store on this machine cannot have any.
      const isOthers = error.kind === 'does-not-follow' && error.expected > error.found
      if (isOthers && journal.sealedSpool !== undefined) {
        this.hasFailed = true
        onFenced?.()
        return false
      }
      if (answerTo(error) === 'stop') {
        this.fail(sentence, error.kind === 'disk-full')
        return false
      }
      if (!(await this.isTriedAgain(sentence))) return false
    }
    this.noteReached()
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
