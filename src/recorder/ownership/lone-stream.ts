/**
 * Keeps one stream recorded into a store that is on this machine alone: whoever has the journal has the stream. Everything
 * that is in the journal is stored before the run begins.
 */
import type { EventStore } from '../../log/event-store.ts'
import { resumeSealer } from '../recovery.ts'
import { StreamRecorder } from '../stream-recorder.ts'
import type { OpenJournal, RunOptions } from '../stream-recorder-options.ts'
import { emptyStatus, type StreamStatus } from '../stream-status.ts'

export interface LoneStreamOptions {
  readonly run: RunOptions
  readonly openJournal: OpenJournal
  /** Rejects with StoreFailure. */
  readonly reach: () => Promise<EventStore>
}

export class LoneStream {
  private readonly options: LoneStreamOptions
  private recorder: StreamRecorder | undefined
  private starting: Promise<void> = Promise.resolve()
  private hasFailed = false

  constructor(options: LoneStreamOptions) {
    this.options = options
  }

  /** Settles when recording has begun. Rejects with StoreFailure when it cannot. */
  async keep(): Promise<void> {
    this.starting = this.start()
    await this.starting
  }

  status(): StreamStatus {
    const { stream, mode } = this.options.run.config
    return (
      this.recorder?.status() ?? {
        ...emptyStatus(stream, mode),
        ...(this.hasFailed ? { state: 'failed' } : {}),
      }
    )
  }

  noteClock(offset: number): void {
    this.recorder?.noteClock(offset)
  }

  /** Settles when nothing is open any more. */
  async stop(): Promise<void> {
    await this.starting.catch(() => undefined)
    await this.recorder?.stop()
  }

  private async start(): Promise<void> {
    const { run, openJournal, reach } = this.options
    const { config, sealer, venue } = run
    const journal = await openJournal(config.stream).catch((error: unknown) => {
      this.hasFailed = true
      throw error
    })
    try {
      const store = await reach()
      const stored = await resumeSealer(store, config.stream, venue, sealer)
      const onFenced = (): void => undefined
      this.recorder = await StreamRecorder.start({
        ...run,
        journal,
        store,
        stored,
        shared: undefined,
        onFenced,
      })
    } catch (error) {
      this.hasFailed = true
      // Gives the stream free for another process.
      await journal.close().catch(() => undefined)
      throw error
    }
  }
}
