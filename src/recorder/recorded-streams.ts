/** The streams that a pair's process records, from beginning to end; what each of them is made of is StreamMaker's. */
import { describeStoreError, StoreFailure } from '../log/event-store.ts'
import type { StreamId } from '../market/instrument.ts'
import { isNoRoom } from './recovery.ts'
import { type RecordedStream, StreamMaker, type StreamMakerOptions } from './stream-maker.ts'
import type { StreamStatus } from './stream-status.ts'
import type { StreamConfig } from './thread-messages.ts'

export interface RecordedStreamsOptions extends StreamMakerOptions {
  /** Nothing more can be recorded. */
  readonly onFailure: (error: unknown) => void
}

interface Kept {
  readonly recorded: RecordedStream
  /** Settles when recording it is over, or has begun; see RecordedStream.keep. */
  readonly running: Promise<void>
}

export class RecordedStreams {
  private readonly options: RecordedStreamsOptions
  private readonly maker: StreamMaker
  private readonly current = new Map<StreamId, Kept>()

  /** Throws StoreFailure. */
  constructor(options: RecordedStreamsOptions) {
    this.options = options
    this.maker = new StreamMaker(options)
  }

  /** `takesOver`: connects before the stream is this recorder's. */
  begin(config: StreamConfig, takesOver: boolean): void {
    const { stream } = config
    const recorded = this.maker.make(config, takesOver)
    const running = recorded.keep().catch((error: unknown) => {
      this.noteFailure(stream, error)
    })
    this.current.set(stream, { recorded, running })
  }

  status(): readonly StreamStatus[] {
    return [...this.current.values()].map(({ recorded }) => recorded.status())
  }

  noteClock(offset: number): void {
    for (const { recorded } of this.current.values()) recorded.noteClock(offset)
  }

  /** Flushes, seals and stores; settles when no stream is open any more. */
  async stop(): Promise<void> {
    const kept = [...this.current.values()]
    await Promise.all(kept.map(({ recorded }) => recorded.stop()))
    await Promise.all(kept.map(({ running }) => running))
  }

  /** Where other pairs are recorded in the same process, a stream that fails ends alone. */
  private noteFailure(stream: StreamId, error: unknown): void {
    const { config, capabilities, onFailure } = this.options
    if (config.mode !== 'light' || !(error instanceof StoreFailure)) {
      onFailure(error)
      return
    }
    const { tell } = capabilities
    const sentence = describeStoreError(error.error)
    tell({ kind: 'log', line: { level: 'error', about: stream, message: sentence } })
    tell({ kind: 'ended', stream, sentence, hasNoRoom: isNoRoom(error) })
  }
}
