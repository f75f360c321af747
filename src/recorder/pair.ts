/** Records one pair on all its venues: what the forked process of a pair does. Threads and stores come as capabilities. */
import { isLeft } from 'fp-ts/lib/Either.js'

import { describeStoreError, type EventStore, StoreFailure } from '../log/event-store.ts'
import { AskedGrants } from './asked-grants.ts'
import { anchorAtTick, ClockSteering, STEERING_INTERVAL } from './clock.ts'
import { ClockWatch } from './clock-watch.ts'
import type { PairCapabilities, SealerThread } from './pair-capabilities.ts'
import type { PairConfig, StreamChange } from './pair-messages.ts'
import { RecordedStreams } from './recorded-streams.ts'
import { isNoRoom } from './recovery.ts'
import { MOST_HELD_BYTES } from './sealing/chunk-memory.ts'
import { HeldBytes } from './sealing/held-bytes.ts'

const STATUS_INTERVAL = 250

export class PairRecorder {
  readonly grants: AskedGrants
  private readonly capabilities: PairCapabilities
  private readonly config: PairConfig
  private readonly clock = anchorAtTick()
  private readonly steering = new ClockSteering(this.clock)
  private readonly clockWatch = new ClockWatch()
  private streams: RecordedStreams | undefined
  private stopping: Promise<void> | undefined
  private opening: Promise<EventStore> | undefined
  private endSealer: (() => Promise<void>) | undefined
  private cancelTimers: (() => void)[] = []

  constructor(config: PairConfig, capabilities: PairCapabilities) {
    this.config = config
    this.capabilities = capabilities
    this.grants = new AskedGrants((stream, what) => {
      capabilities.tell({ kind: 'ask', stream, what })
    })
  }

  /** Begins to record; what fails is told. */
  start(): void {
    try {
      this.begin()
    } catch (error) {
      this.tellFailure(error)
    }
  }

  /** Ends streams, and begins with others; the rest notices nothing. Each is told of when it is done. */
  change(change: StreamChange): void {
    if (this.stopping === undefined) this.streams?.change(change)
  }

  /** Flushes, seals and stores; settles when nothing is open any more. May be called more than once. */
  async stop(): Promise<void> {
    this.stopping ??= this.finish()
    await this.stopping
  }

  private begin(): void {
    const { startSealer } = this.capabilities
    const sealing = startSealer()
    this.endSealer = sealing.end
    const streams = (this.streams = this.newStreams(sealing))
    for (const stream of this.config.streams) streams.begin(stream, this.config.takesOver)
    this.every(STATUS_INTERVAL, () => {
      this.tellStatus()
    })
    this.every(STEERING_INTERVAL, () => {
      this.clockWatch.tick()
      const offset = this.steering.tick()
      if (offset !== undefined) streams.noteClock(offset)
    })
  }

  private newStreams({ sealer, forget }: SealerThread): RecordedStreams {
    const { config, capabilities, reach, clock, grants } = this
    return new RecordedStreams({
      config,
      capabilities,
      sealer,
      reach,
      heldBytes: new HeldBytes(MOST_HELD_BYTES),
      clock,
      clockFigures: () => ({ offset: this.steering.offset(), ...this.clockWatch.figures() }),
      grants,
      onFailure: (error) => {
        this.tellFailure(error)
      },
      forgetSealer: forget,
    })
  }

  private tellFailure(error: unknown): void {
    if (!(error instanceof StoreFailure)) throw error
    const { tell } = this.capabilities
    const sentence = describeStoreError(error.error)
    tell({ kind: 'log', line: { level: 'error', about: this.config.pair, message: sentence } })
    tell({ kind: 'failed', sentence, hasNoRoom: isNoRoom(error) })
  }

  /** One for all streams of the process, opened at the first call that finds it there. Rejects with StoreFailure. */
  private readonly reach = async (): Promise<EventStore> => {
    this.opening ??= this.openStore()
    const { opening } = this
    try {
      return await opening
    } catch (error) {
      if (this.opening === opening) this.opening = undefined
      throw error
    }
  }

  private async openStore(): Promise<EventStore> {
    const opened = await this.capabilities.openStore(this.config.store)()
    if (isLeft(opened)) throw new StoreFailure(opened.left)
    return opened.right
  }

  private every(milliseconds: number, action: () => void): void {
    const place = this.cancelTimers.length
    const again = (): void => {
      action()
      this.cancelTimers[place] = this.capabilities.scheduler.after(milliseconds, again)
    }
    this.cancelTimers[place] = this.capabilities.scheduler.after(milliseconds, again)
  }

  private tellStatus(): void {
    this.capabilities.tell({ kind: 'status', streams: this.streams?.status() ?? [] })
  }

  private async finish(): Promise<void> {
    await this.streams?.stop()
    for (const cancel of this.cancelTimers) cancel()
    await this.endSealer?.()
    const store = await this.opening?.catch(() => undefined)
    await store?.close()
    this.tellStatus()
  }
}
