/** Notices that a connection fell silent. Looks now and then instead of setting a timer for every frame. */
import type { Scheduler } from '../scheduler.ts'

/** Looks this many times within the limit: silence is noticed after at most a quarter more. */
const LOOKS = 4

export class SilenceWatch {
  private readonly limit: number
  private readonly scheduler: Scheduler
  private readonly isPaused: () => boolean
  private cancel: (() => void) | undefined
  private hasFrame = false
  private silentLooks = 0

  /** `limit`: milliseconds. While `isPaused`, nobody reads and silence is no sign of anything. */
  constructor(limit: number, scheduler: Scheduler, isPaused: () => boolean) {
    this.limit = limit
    this.scheduler = scheduler
    this.isPaused = isPaused
  }

  noteFrame(): void {
    this.hasFrame = true
  }

  /** Begins anew; `onSilence` is called at most once. */
  watch(onSilence: () => void): void {
    this.stop()
    this.hasFrame = false
    this.silentLooks = 0
    this.lookLater(onSilence)
  }

  stop(): void {
    this.cancel?.()
    this.cancel = undefined
  }

  private lookLater(onSilence: () => void): void {
    this.cancel = this.scheduler.after(this.limit / LOOKS, () => {
      this.silentLooks = this.hasFrame || this.isPaused() ? 0 : this.silentLooks + 1
      this.hasFrame = false
      if (this.silentLooks >= LOOKS) onSilence()
      else this.lookLater(onSilence)
    })
  }
}
