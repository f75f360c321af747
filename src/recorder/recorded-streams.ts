/**
 * The streams that a pair's process records, each from beginning to end, in changing company: what becomes of one is nothing
 * to the others. What each of them is made of is StreamMaker's.
 */
import { describeStoreError, StoreFailure } from '../log/event-store.ts'
import type { StreamId } from '../market/instrument.ts'
import type { StreamChange } from './pair-messages.ts'
import { isNoRoom } from './recovery.ts'
import { type RecordedStream, StreamMaker, type StreamMakerOptions } from './stream-maker.ts'
import type { StreamStatus } from './stream-status.ts'
import type { StreamConfig } from './thread-messages.ts'

export interface RecordedStreamsOptions extends StreamMakerOptions {
  /** Nothing more can be recorded. */
  readonly onFailure: (error: unknown) => void
  /** Nothing of this stream is sealed any more, unless it begins anew. */
  readonly forgetSealer: (stream: StreamId) => void
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
  /** What is to become of streams, one thing after the other for each of them. */
  private readonly turns = new Map<StreamId, Promise<void>>()
  private isStopping = false

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

  /** Tells of each stream when it is done. May be called while earlier changes are under way. */
  change({ leaves, begins }: StreamChange): void {
    for (const stream of leaves) this.queue(stream, undefined)
    for (const config of begins) this.queue(config.stream, config)
  }

  status(): readonly StreamStatus[] {
    return [...this.current.values()].map(({ recorded }) => recorded.status())
  }

  noteClock(offset: number): void {
    for (const { recorded } of this.current.values()) recorded.noteClock(offset)
  }

  /** Flushes, seals and stores; settles when no stream is open any more. */
  async stop(): Promise<void> {
    this.isStopping = true
    const kept = [...this.current.values()]
    await Promise.all(kept.map(({ recorded }) => recorded.stop()))
    await Promise.all(kept.map(({ running }) => running))
    await Promise.all(this.turns.values())
  }

  private queue(stream: StreamId, next: StreamConfig | undefined): void {
    const before = this.turns.get(stream)
    const turn = this.turn(stream, next, before).then(() => {
      if (this.turns.get(stream) === turn) this.turns.delete(stream)
    })
    this.turns.set(stream, turn)
  }

  private async turn(
    stream: StreamId,
    next: StreamConfig | undefined,
    before: Promise<void> | undefined,
  ): Promise<void> {
    await before
    const { tell } = this.options.capabilities
    await this.end(stream)
    if (next === undefined) tell({ kind: 'left', stream })
    else if (!this.isStopping) {
      tell({ kind: 'begun', stream })
      this.begin(next, false)
    }
  }

  private async end(stream: StreamId): Promise<void> {
    const kept = this.current.get(stream)
    if (kept === undefined) return
    await kept.recorded.stop()
    await kept.running
    this.current.delete(stream)
    this.options.forgetSealer(stream)
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
