/** How fast everything is played, and whether at all: the state that the control addresses change. */

/** `max`: as fast as the reader takes it; a number: that many times as fast as recorded. */
export type Speed = number | 'max'

export class PlayControl {
  private currentSpeed: Speed
  private paused = false
  private readonly timelines = new Set<{ readonly anchor: () => void; readonly wake: () => void }>()

  constructor(speed: Speed) {
    this.currentSpeed = speed
  }

  get speed(): Speed {
    return this.currentSpeed
  }

  get isPaused(): boolean {
    return this.paused
  }

  setSpeed(speed: Speed): void {
    this.change(() => (this.currentSpeed = speed))
  }

  pause(): void {
    if (!this.paused) this.change(() => (this.paused = true))
  }

  resume(): void {
    if (this.paused) this.change(() => (this.paused = false))
  }

  /** The clocks that run by this control: each is told before a change, and after it. */
  watch(timeline: { readonly anchor: () => void; readonly wake: () => void }): () => void {
    this.timelines.add(timeline)
    return () => this.timelines.delete(timeline)
  }

  private change(apply: () => void): void {
    for (const { anchor } of this.timelines) anchor()
    apply()
    for (const { wake } of this.timelines) wake()
  }
}
