/** Gathers what a client subscribes to at one go into one play, and watches over the plays of that client. */
import { type CapturedFrame, readCapture } from '../../src/index.ts'
import type { ClientSender } from './client-sender.ts'
import { type Pace, Pacer } from './pacer.ts'

/** Subscriptions that follow each other within this many milliseconds are played as one. */
const GATHER_MILLISECONDS = 25

/** What the plays of one client need. */
export interface PlayContext {
  readonly capture: string
  readonly pace: Pace
  readonly sender: ClientSender
  /** Ends every wait when the client is gone. */
  readonly signal: AbortSignal
  /** Told when a play begins (+1) and ends (-1). */
  readonly playing: (change: 1 | -1) => void
  /** Told when the capture can no longer be read. */
  readonly failed: (error: unknown) => void
}

/** The frames that a client of these subscriptions gets. */
export interface Play {
  /** True when the frame is of this play; called before the wait for its time. */
  readonly wants: (frame: CapturedFrame) => boolean
  /** Called when its time has come and the client can take it. */
  readonly deliver: (frame: CapturedFrame) => void
  readonly ended: () => void
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
    const { capture, pace, sender, signal } = this.context
    const pacer = new Pacer(pace, signal)
    for await (const { line } of readCapture(capture)) {
      if (signal.aborted) return
      if (line.kind !== 'frame' || !play.wants(line)) continue
      await pacer.until(line.receiveTime)
      await sender.ready()
      if (signal.aborted) return
      play.deliver(line)
    }
    play.ended()
  }
}
