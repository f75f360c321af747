/**
 * Records one stream inside its process: the only writer of its journal. Takes the batches of the feed's thread, hands
 * finished chunks to the chunk writer, tells how the stream does. Threads come as capabilities.
 */
import type { Seq } from '../log/entry.ts'
import { describeStoreError, StoreFailure } from '../log/event-store.ts'
import type { SpooledChunk } from '../log/sealed-spool.ts'
import { BatchIntake } from './batch-intake.ts'
import { Clock } from './clock.ts'
import { ClockSums } from './clock-sums.ts'
import { CHUNK_LIMITS } from './feed/entry-log.ts'
import { FeedConnections } from './feed/feed-connections.ts'
import { describeReport, type FeedReport } from './feed/feed-report.ts'
import { manifestOf, newClaim, stateAfter } from './ownership/run-claim.ts'
import type { BegunRun } from './ownership/run-notes.ts'
import { ProductNotes } from './product-notes.ts'
import { isNoRoom, type LogEnd, recoverJournal } from './recovery.ts'
import { ChunkMemory } from './sealing/chunk-memory.ts'
import { ChunkWriter } from './sealing/chunk-writer.ts'
import type { SharedRun, StreamRecorderOptions, StreamThreads } from './stream-recorder-options.ts'
import { statusOf, type StreamState, type StreamStatus } from './stream-status.ts'
import type { KeptBook } from './thread-messages.ts'
import { threadStarts } from './thread-starts.ts'

export class StreamRecorder {
  /** The run as it is noted in a store that several machines share. */
  begun: BegunRun | undefined
  private readonly options: StreamRecorderOptions
  private readonly memory: ChunkMemory
  private readonly writer: ChunkWriter
  private readonly intake: BatchIntake
  private threads: StreamThreads | undefined
  private readonly connections = new FeedConnections()
  /** How the run ended; undefined: the connections say how it goes. */
  private endState: StreamState | undefined
  private live: KeptBook | undefined
  private readonly productNotes: ProductNotes
  private readonly clockSums: ClockSums
  private firstSeq: Seq = 0
  private hasStarted = false
  private hasFailed = false
  private isFenced = false
  private isStopping = false
  private ending: Promise<unknown> = Promise.resolve()

  private constructor(options: StreamRecorderOptions, unsettled: SpooledChunk | undefined) {
    this.options = options
    const { config, shared, stored, venue } = options
    this.productNotes = new ProductNotes(venue.name, config.pair)
    this.clockSums = new ClockSums({
      ...options,
      latency: () => this.live?.figures.latency ?? null,
      write: (offset, quality) => this.threads?.tellFeed({ kind: 'clock', offset, quality }),
    })
    const { stream } = config
    const onFailure = this.fail.bind(this)
    const onFenced = this.fence.bind(this)
    const { resume, epoch } = shared ?? {}
    const memory = (this.memory = new ChunkMemory(options.heldBytes))
    this.writer = new ChunkWriter(
      { ...options, stream, memory, onFailure, onFenced, resume, epoch, unsettled },
      stored,
    )
    this.intake = new BatchIntake({
      journal: options.journal,
      memory,
      tellFeed: (message) => this.threads?.tellFeed(message),
      onTaken: ({ endsChunk, lastSeq }) => {
        if (endsChunk) this.writer.endChunk(lastSeq, config.mode === 'full')
        this.checkSpool()
      },
      onFailure: (error) => {
        this.fail(sentenceOf(error), isNoRoom(error))
      },
    })
  }

  /** Recovers what the last run left, then starts the stream's threads. Throws StoreFailure. */
  static async start(options: StreamRecorderOptions): Promise<StreamRecorder> {
    const { config, journal, shared, stopSignal, stored, writeLog } = options
    const { stream } = config
    const unsettled = await journal.sealedSpool?.kept()
    const recorder = new StreamRecorder(options, unsettled)
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
    if (shared === undefined) await recorder.runOnceStored(end, stopSignal)
    else await recorder.claim(end, shared, stopSignal)
    return recorder
  }

  private get isOver(): boolean {
    return this.hasFailed || this.isFenced || this.options.stopSignal.aborted
  }

  /** However long the store is away, unless recording is to end. */
  private async runOnceStored(end: LogEnd, stopSignal: AbortSignal): Promise<void> {
    const giveUp = (): void => void this.writer.finish()
    if (stopSignal.aborted) giveUp()
    stopSignal.addEventListener('abort', giveUp)
    await this.writer.drained()
    stopSignal.removeEventListener('abort', giveUp)
    const { config, sealer } = this.options
    if (!this.isOver) this.run(end, await sealer.save(config.stream), true)
  }

  /**
   * The first entry of the run is stored by itself, before any frame: from then on nobody else's entries can follow what
   * stood there before. While the store is away the run begins without; whether it holds shows later.
   */
  private async claim(end: LogEnd, { epoch, recorder }: SharedRun, stopSignal: AbortSignal): Promise<void> {
    if (stopSignal.aborted) return
    const { clock, config, journal, sealer, software, store, venue } = this.options
    const claim = newClaim({ ...manifestOf(this.options), epoch, recorder }, end, new Clock(clock).now())
    const { lastSeq, lastReceiveTime: startedAt } = claim.end
    this.begun = { stream: config.stream, epoch, recorder, software, firstSeq: lastSeq, startedAt }
    journal.append(claim.records.slice(), lastSeq, lastSeq)
    await journal.written()
    this.intake.writtenSeq = lastSeq
    this.writer.endChunk(lastSeq, false)
    if (store !== undefined) await this.writer.attempted()
    if (this.isOver) return
    const isStored = this.writer.waitingChunks === 0
    this.run(claim.end, isStored ? await sealer.save(config.stream) : stateAfter(venue, claim), false)
  }

  /** `writesManifest`: the log does not have this run's first entry yet. */
  private run(end: LogEnd, state: Uint8Array, writesManifest: boolean): void {
    const { lastSeq } = end
    this.firstSeq = writesManifest ? lastSeq + 1 : lastSeq
    this.intake.writtenSeq = lastSeq
    const { feed, keeper } = threadStarts(this.options, end, state, writesManifest)
    const threads = this.options.startThreads(feed, keeper)
    this.threads = threads
    const feedEnded = new Promise<void>((resolve) => {
      threads.onFeed((message) => {
        if (message.kind === 'batch') this.intake.takeCarried(message.batch)
        else if (message.kind === 'report') this.note(message.report)
        else if (message.kind === 'ended') resolve()
        else if (message.kind === 'ask')
          this.options.askGrant(message.what, () => {
            threads.tellFeed({ kind: 'granted', what: message.what })
          })
      })
    })
    const keeperEnded = new Promise<void>((resolve) => {
      threads.onKeeper((message) => {
        if (message.kind === 'summary') this.noteLive(message)
        else if (message.kind === 'digest') this.writer.noteLive(message.live)
        else if (message.kind === 'batch') this.intake.take(message.batch)
        else if (message.kind === 'failed') this.fail(message.sentence, false)
        else if (message.kind === 'started') this.noteStarted()
        else resolve()
      })
    })
    this.ending = Promise.all([feedEnded, keeperEnded])
    this.clockSums.begin()
  }

  /** Writes a clock correction into the stream's log. */
  noteClock(offset: number): void {
    this.threads?.tellFeed({ kind: 'clock', offset })
  }

  status(): StreamStatus {
    const { config } = this.options
    const { live, writer } = this
    const { writtenSeq } = this.intake
    return {
      ...statusOf(config.stream, live?.summary),
      ...live?.figures,
      clock: this.options.clockFigures(),
      mode: config.mode,
      state: this.endState ?? this.connections.state,
      connections: this.endState === undefined ? this.connections.open : 0,
      entries: Math.max(0, writtenSeq - this.firstSeq + 1),
      lastSeq: writtenSeq,
      spooledChunks: writer.waitingChunks,
      spooledBytes: this.options.journal.heldBytes(),
      storeAway: writer.waiting ?? null,
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
    this.memory.letAllGo()
    if (!isStored && !this.hasFailed && !this.isFenced)
      writeLog({
        level: 'warn',
        about: stream,
        message: 'The store is away: the last entries are kept in the journal, the next start stores them.',
      })
    try {
      await journal.close()
    } catch (error) {
      this.fail(sentenceOf(error), isNoRoom(error))
    }
    if (!this.hasFailed) this.endState = this.isFenced ? 'fenced' : 'stopped'
  }

  /** Another recorder has the stream: nothing more is stored in it. May be called more than once. */
  fence(): void {
    if (this.isFenced || this.hasFailed) return
    this.isFenced = true
    this.endState = 'fenced'
    void this.writer.halt()
    this.stopFeed()
    this.options.onFenced()
  }

  private stopFeed(): void {
    if (this.isStopping) return
    this.isStopping = true
    this.clockSums.end()
    this.threads?.tellFeed({ kind: 'stop' })
  }

  /** The run ends as if it had been told to; what waits is stored when the store is back. */
  private checkSpool(): void {
    const { config, journal, onEnded, spoolLimit, writeLog } = this.options
    if (this.isStopping || this.writer.waitingChunks === 0 || journal.heldBytes() <= spoolLimit) return
    this.endState = 'stopped'
    this.stopFeed()
    const megabytes = (spoolLimit / 1e6).toFixed(0)
    const message = `The store has been away for so long that the spool is full (--spool-limit, ${megabytes} MB): recording of this stream ended, and what waits is stored when the store is back.`
    writeLog({ level: 'error', about: config.stream, message })
    onEnded(message)
  }

  /** Entries are still journaled while only the store failed. */
  private fail(sentence: string, hasNoRoom: boolean): void {
    if (this.hasFailed) return
    this.hasFailed = true
    this.endState = 'failed'
    this.options.writeLog({ level: 'error', about: this.options.config.stream, message: sentence })
    this.stopFeed()
    this.options.onFailure(sentence, hasNoRoom)
  }

  private noteLive(live: KeptBook): void {
    this.live = live
    const { product } = live.summary
    const line = product === null ? undefined : this.productNotes.note(product)
    if (line !== undefined) this.options.writeLog({ ...line, about: this.options.config.stream })
  }

  private noteStarted(): void {
    this.connections.noteStarted()
    if (this.hasStarted) return
    this.hasStarted = true
    this.options.onStarted()
  }

  private note(report: FeedReport): void {
    const { config, venue, writeLog, onCouldNotStart } = this.options
    const line = describeReport(venue.name, config, report)
    if (line !== undefined) {
      const { level, message, next = '' } = line
      writeLog({ level, about: config.stream, message: `${message}${next}` })
    }
    this.connections.note(report)
    if (this.isFenced || this.hasStarted || line === undefined) return
    if (this.connections.cannotStart(report)) onCouldNotStart(line.message)
  }
}

const sentenceOf = (error: unknown): string =>
  error instanceof StoreFailure ? describeStoreError(error.error) : `The journal stopped: ${String(error)}.`
