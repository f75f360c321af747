/** Gathers what a client subscribes to at one go into one play, and watches over the plays of that client. */
import { setImmediate } from 'node:timers/promises'

import type { EntryView } from '../../src/index.ts'
import type { ClientSender } from './client-sender.ts'
import type { PlayOrigin, PlayStage, RunningPlay } from './play-stage.ts'
import { RecordedConnections } from './recorded-connections.ts'
import type { TradeHistory } from './trade-history.ts'

/** Subscriptions that follow each other within this many milliseconds are played as one. */
const GATHER_MILLISECONDS = 25
/** After this many entries others get a turn, even at full speed. */
const TURN = 256

/** What the plays of one client need. */
export interface PlayContext {
  readonly origin: PlayOrigin
  readonly stage: PlayStage
  readonly trades: TradeHistory
  readonly sender: ClientSender
  /** Ends every wait when the client is gone. */
  readonly signal: AbortSignal
  /** By the wall clock, a client that has too much to read for so many milliseconds is cut. */
  readonly patience: number
  /** Told when a play begins (+1) and ends (-1). */
  readonly playing: (change: 1 | -1) => void
  /** Told when what is played can no longer be read. */
  readonly failed: (error: unknown) => void
}

/** The frames that a client of these subscriptions gets. */
export interface Play {
  /** Sends what a client needs that does not join at the start; before the first frame. */
  readonly open: (running: RunningPlay) => Promise<void>
  /** True when the frame is of this play; called before the wait for its time. */
  readonly wants: (frame: EntryView, source: number) => boolean
  /** Whether entries of a source matter that are no frames, such as REST answers; none does when left out. */
  readonly follows?: (source: number) => boolean
  /** Called when its time has come and the client can take it. */
  readonly deliver: (entry: EntryView, source: number) => void
  readonly ended: () => void
  /** Nobody wants it any more: it need not come to its end. */
  readonly isOver: () => boolean
  /** The last word to a client that does not read. */
  readonly slowText?: string
}

export class PlayGroup<Item> {
  private readonly context: PlayContext
  private readonly start: (items: readonly Item[]) => Play
  private gathered: Item[] = []
  private timer: NodeJS.Timeout | undefined

  constructor(context: PlayContext, start: (items: readonly Item[]) => Play) {
    this.context = context
    this.start = start
    context.signal.addEventListener('abort', () => {
      clearTimeout(this.timer)
      if (this.gathered.length > 0) context.playing(-1)
      this.gathered = []
    })
  }

  add(item: Item): void {
    if (this.context.signal.aborted) return
    if (this.gathered.length === 0) this.context.playing(1)
    this.gathered.push(item)
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      const items = this.gathered
      this.gathered = []
      this.run(this.start(items))
        .catch((error: unknown) => this.context.failed(error))
        .finally(() => this.context.playing(-1))
    }, GATHER_MILLISECONDS)
  }

  private async run(play: Play): Promise<void> {
    const { origin, stage, sender, signal } = this.context
    const running = await stage.begin(origin, sender.connection, signal)
    try {
      if (signal.aborted) return
      await play.open(running)
      if (await this.playOn(play, running)) play.ended()
    } finally {
      running.isEnded = true
      await running.reader.close()
    }
  }

  /** True at the end of all sources; false when the client is gone. */
  private async playOn(play: Play, running: RunningPlay): Promise<boolean> {
    const { origin, signal, stage } = this.context
    const { reader, timeline } = running
    const connections = new RecordedConnections(origin)
    for (let entries = 1; !signal.aborted; entries++) {
      if (entries % TURN === 0) {
        await setImmediate()
        if (play.isOver()) return false
        if (running.waitsFor !== undefined && stage.control.speed === 'max') await running.waitsFor
      }
      const entry = reader.next()
      if (entry === undefined) {
        if (!(await reader.fetch())) return true
        continue
      }
      const source = origin.sources[reader.source]
      if (source === undefined) continue
      const isFrame = entry.kind === 'frame'
      const closing = isFrame ? undefined : connections.note(entry, reader.source)
      const isWanted = isFrame ? play.wants(entry, reader.source) : play.follows?.(reader.source) === true
      if (closing === undefined && !isWanted) continue
      if (!timeline.isDue(entry, source)) {
        await timeline.untilDue(entry, source, signal)
        if (play.isOver()) return false
      }
      if (!(await this.hasRoom(play))) return false
      if (closing !== undefined) {
        this.context.stage.handOver(running)
        this.context.sender.close(closing.code, closing.reason)
        return false
      }
      play.deliver(entry, reader.source)
      if (!isFrame) continue
      connections.carried(entry, reader.source)
      running.frames++
      running.time = entry.receiveTime
      timeline.passed(entry)
    }
    return false
  }

  /** Waits while the client has too much to read; false when it is gone, or was cut because it is slow. */
  private async hasRoom(play: Play): Promise<boolean> {
    const { sender, signal, stage, patience } = this.context
    if (!sender.isFull) return !signal.aborted
    const isQuick = await sender.ready(stage.control.speed === 'max' ? Infinity : patience)
    if (!isQuick) sender.cut(play.slowText)
    return isQuick && !signal.aborted
  }
}
