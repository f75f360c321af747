/** What is on its way to one client, in order. Owns waiting: until a moment, or while somebody holds it. */

/** A frame, or something that must happen between two frames. */
export interface QueuedStep {
  /** 0 for what is no frame. */
  readonly bytes: number
  readonly run: () => void
}

export class SendQueue {
  private steps: QueuedStep[] = []
  private heldUntil = 0
  private timer: NodeJS.Timeout | undefined
  private bytes = 0

  /** Bytes of frames that wait. */
  get waitingBytes(): number {
    return this.bytes
  }

  /** Runs the step when everything before it has run. */
  add(step: QueuedStep): void {
    if (this.steps.length === 0 && performance.now() >= this.heldUntil) {
      step.run()
      return
    }
    this.steps.push(step)
    this.bytes += step.bytes
  }

  /** What comes now and later waits so long. */
  hold(milliseconds: number): void {
    this.heldUntil = Math.max(this.heldUntil, performance.now() + milliseconds)
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      this.release()
    }, this.heldUntil - performance.now())
  }

  /** Runs everything that waits. */
  release(): void {
    clearTimeout(this.timer)
    this.heldUntil = 0
    const { steps } = this
    this.steps = []
    this.bytes = 0
    for (const step of steps) step.run()
  }

  /** Forgets everything that waits. */
  drop(): void {
    clearTimeout(this.timer)
    this.steps = []
    this.bytes = 0
  }
}
