/**
 * Records one stream inside its process: the only writer of its journal. Takes the batches of the feed's thread, hands
 * finished chunks to the chunk writer, tells how the stream does. Threads come as capabilities.
 */
import type { Seq } from '../log/entry.ts'
import { describeStoreError, type EventStore, StoreFailure } from '../log/event-store.ts'
import type { Journal } from '../log/journal.ts'
import type { RunManifest } from '../log/payloads.ts'
import type { SpooledChunk } from '../log/sealed-spool.ts'
import type { KeeperSummary } from '../replay/book-keeper.ts'
import type { Venue } from '../venues/venue.ts'
import { ChunkWriter } from './chunk-writer.ts'
import type { ClockAnchor } from './clock.ts'
import { CHUNK_LIMITS, type EntryBatch } from './entry-log.ts'
import { describeReport, type FeedReport } from './feed-report.ts'
import type { WriteLog } from './recorder-log.ts'
import { type LogEnd, recoverJournal, resumeSealer } from './recovery.ts'
import type { Scheduler } from './scheduler.ts'
import { statusOf, type StreamState, type StreamStatus } from './stream-status.ts'
import type {
  FeedStart,
  FromFeed,
  FromKeeper,
  KeeperStart,
  Sealer,
  StreamConfig,
  ToFeed,
} from './thread-messages.ts'

/** So many attempts in a row that could not connect: the stream could not be started. */
const ATTEMPTS_TO_START = 3

/** The feed's and the live book's threads of one stream. */
export interface StreamThreads {
  readonly tellFeed: (message: ToFeed) => void
  readonly onFeed: (listener: (message: FromFeed) => void) => void
  readonly onKeeper: (listener: (message: FromKeeper) => void) => void
  readonly end: () => Promise<void>
}

export interface StreamRecorderOptions {
  readonly config: StreamConfig
  readonly software: string
  readonly venue: Venue
  readonly journal: Journal
  readonly store: EventStore
  readonly sealer: Sealer
  readonly clock: ClockAnchor
  readonly scheduler: Scheduler
  readonly random: () => number
  readonly startThreads: (feed: FeedStart, keeper: KeeperStart) => StreamThreads
  /** Aborted when recording is to end: a start that waits for the store gives up. */
  readonly stopSignal: AbortSignal
  readonly writeLog: WriteLog
  /** The stream delivers, for the first time. */
  readonly onStarted: () => void
  /** It never delivered, and what was tried failed; one sentence. It goes on trying. */
  readonly onCouldNotStart: (sentence: string) => void
  /** Bytes of entries that may wait for the store. */
  readonly spoolLimit: number
  /** Recording ended before its time, cleanly; one sentence. */
  readonly onEnded: (sentence: string) => void
  /** Nothing more can be journaled or stored; one sentence. */
  readonly onFailure: (sentence: string) => void
}

export class StreamRecorder {
  private readonly options: StreamRecorderOptions
  private readonly writer: ChunkWriter
  private threads: StreamThreads | undefined
  private state: StreamState = 'starting'
  private summary: KeeperSummary | undefined
  private firstSeq: Seq = 0
  private writtenSeq: Seq = 0
  private hasStarted = false
  private hasFailed = false
  private hasJournalFailed = false
  private isStopping = false
  private failedAttempts = 0
  private ending: Promise<unknown> = Promise.resolve()

  private constructor(options: StreamRecorderOptions, stored: LogEnd, unsettled: SpooledChunk | undefined) {
    this.options = options
    const onFailure = (sentence: string): void => {
      this.fail(sentence)
    }
    const { stream } = options.config
    this.writer = new ChunkWriter({ ...options, stream, onFailure, unsettled }, stored.lastSeq)
  }

  /** Recovers what the last run left, then starts the stream's threads. Throws StoreFailure. */
  static async start(options: StreamRecorderOptions): Promise<StreamRecorder> {
    const { config, journal, sealer, stopSignal, store, venue, writeLog } = options
    const { stream } = config
    const stored = await resumeSealer(store, stream, venue, sealer)
    const unsettled = await journal.sealedSpool?.kept()
    const recorder = new StreamRecorder(options, stored, unsettled)
    await journal.discardThrough(stored.lastSeq)
    const sealedSeq = unsettled?.chunk.header.lastSeq ?? 0
    const { end, hasCrashed, chunkEnds } = await recoverJournal(journal, stored, CHUNK_LIMITS, sealedSeq)
    if (chunkEnds.length > 0) {
      const found = String(end.lastSeq - stored.lastSeq)
      const why = hasCrashed ? 'did not end by itself' : 'could not store everything'
      writeLog({
        level: 'warn',
        about: stream,
        message: `The last run ${why}: ${found} entries are stored now.`,
      })
    }
    for (const seq of chunkEnds) recorder.writer.endChunk(seq, false)
    await recorder.storeLeftover(stopSignal)
    if (!recorder.hasFailed && !stopSignal.aborted) recorder.run(end, await sealer.save(stream))
    return recorder
  }

  /** However long the store is away, unless recording is to end. */
  private async storeLeftover(stopSignal: AbortSignal): Promise<void> {
    const giveUp = (): void => void this.writer.finish()
    if (stopSignal.aborted) giveUp()
    stopSignal.addEventListener('abort', giveUp)
    await this.writer.drained()
    stopSignal.removeEventListener('abort', giveUp)
  }

  private run(end: LogEnd, state: Uint8Array): void {
    const { clock, config, software, startThreads, venue } = this.options
    const { pair, stream, symbol, feed } = config
    const manifest: RunManifest = {
      software,
      stream,
      venue: venue.id,
      pair,
      symbol,
      feed,
      mode: 'full',
      assumeEmptyBook: false,
    }
    const { lastSeq, lastReceiveTime, lastConnection } = end
    this.firstSeq = lastSeq + 1
    this.writtenSeq = lastSeq
    const threads = startThreads(
      { config, manifest, clock, lastSeq, lastReceiveTime, lastConnection },
      { venue: venue.id, state },
    )
    this.threads = threads
    const feedEnded = new Promise<void>((resolve) => {
      threads.onFeed((message) => {
        if (message.kind === 'batch') this.take(message.batch)
        else if (message.kind === 'report') this.note(message.report)
        else resolve()
      })
    })
    const keeperEnded = new Promise<void>((resolve) => {
      threads.onKeeper((message) => {
        if (message.kind === 'summary') this.summary = message.summary
        else if (message.kind === 'digest') this.writer.noteLive(message.live)
        else if (message.kind === 'started') this.noteStarted()
        else resolve()
      })
    })
    this.ending = Promise.all([feedEnded, keeperEnded])
  }

  /** Writes a clock correction into the stream's log. */
  noteClock(offset: number): void {
    this.threads?.tellFeed({ kind: 'clock', offset })
  }

  status(): StreamStatus {
    const { config } = this.options
    const { summary, writer, writtenSeq } = this
    return {
      ...statusOf(config.stream, summary),
      state: this.state,
      entries: Math.max(0, writtenSeq - this.firstSeq + 1),
      lastSeq: writtenSeq,
      spooledChunks: writer.waitingChunks,
      spooledBytes: this.options.journal.heldBytes(),
      sealMismatches: writer.mismatches,
      digest: writer.lastDigest?.digest ?? null,
      digestSeq: writer.lastDigest?.digestSeq ?? null,
    }
  }

  /** Ends the run: the feed says goodbye, everything is sealed and stored, or stays in the journal. */
  async stop(): Promise<void> {
    const { journal, config, writeLog } = this.options
    const { stream } = config
    this.stopFeed()
    await this.ending
    await this.threads?.end()
    const isStored = await this.writer.finish()
    if (!isStored && !this.hasFailed)
      writeLog({
        level: 'warn',
        about: stream,
        message: 'The store is away: the last entries are kept in the journal, the next start stores them.',
      })
    try {
      await journal.close()
    } catch (error) {
      this.fail(sentenceOf(error))
    }
    if (!this.hasFailed) this.state = 'stopped'
  }

  private stopFeed(): void {
    if (!this.isStopping) this.threads?.tellFeed({ kind: 'stop' })
    this.isStopping = true
  }

  /** The run ends as if it had been told to; what waits is stored when the store is back. */
  private checkSpool(): void {
    const { config, journal, onEnded, spoolLimit, writeLog } = this.options
    if (this.isStopping || this.writer.waitingChunks === 0 || journal.heldBytes() <= spoolLimit) return
    this.stopFeed()
    const megabytes = (spoolLimit / 1e6).toFixed(0)
    const message = `The store has been away for so long that the spool is full (--spool-limit, ${megabytes} MB): recording of this stream ended, and what waits is stored when the store is back.`
    writeLog({ level: 'error', about: config.stream, message })
    onEnded(message)
  }

  private take(batch: EntryBatch): void {
    const { journal } = this.options
    if (this.hasJournalFailed) return
    try {
      if (batch.records.length > 0) journal.append(batch.records, batch.firstSeq, batch.lastSeq)
      if (batch.endsChunk) this.writer.endChunk(batch.lastSeq, true)
      this.checkSpool()
      journal.written().then(
        () => {
          this.writtenSeq = Math.max(this.writtenSeq, batch.lastSeq)
          this.threads?.tellFeed({ kind: 'written', bytes: batch.records.length })
        },
        (error: unknown) => {
          this.failJournal(error)
        },
      )
    } catch (error) {
      this.failJournal(error)
    }
  }

  private failJournal(error: unknown): void {
    if (this.hasJournalFailed) return
    this.hasJournalFailed = true
    this.fail(sentenceOf(error))
  }

  /** Entries are still journaled while only the store failed. */
  private fail(sentence: string): void {
    if (this.hasFailed) return
    this.hasFailed = true
    this.state = 'failed'
    this.options.writeLog({ level: 'error', about: this.options.config.stream, message: sentence })
    this.options.onFailure(sentence)
  }

  private noteStarted(): void {
    this.failedAttempts = 0
    if (this.hasStarted) return
    this.hasStarted = true
    this.options.onStarted()
  }

  private note(report: FeedReport): void {
    const { config, venue, writeLog, onCouldNotStart } = this.options
    const line = describeReport(venue.name, config, report)
    if (line !== undefined) writeLog({ ...line, about: config.stream })
    switch (report.kind) {
      case 'connecting':
        if (this.state !== 'refused') this.state = 'connecting'
        return
      case 'connected':
        this.state = 'live'
        return
      case 'closed':
        this.state = 'waiting'
        return
      case 'refused':
        this.state = 'refused'
        if (!this.hasStarted && line !== undefined) onCouldNotStart(line.message)
        return
      case 'unreachable':
        this.state = 'waiting'
        this.failedAttempts++
        if (!this.hasStarted && this.failedAttempts === ATTEMPTS_TO_START && line !== undefined)
          onCouldNotStart(line.message)
        return
      case 'request-failed':
        return
    }
  }
}

const sentenceOf = (error: unknown): string =>
  error instanceof StoreFailure ? describeStoreError(error.error) : `The journal stopped: ${String(error)}.`
