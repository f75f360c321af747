/** Timers by name: a newer one of a name replaces the one that waits. */
import type { Scheduler } from './scheduler.ts'

export class NamedTimers {
  private readonly waiting = new Map<string, () => void>()
  private readonly scheduler: Scheduler

  constructor(scheduler: Scheduler) {
    this.scheduler = scheduler
  }

  set(name: string, milliseconds: number, action: () => void): void {
    this.cancel(name)
    const cancel = this.scheduler.after(milliseconds, () => {
      this.waiting.delete(name)
      action()
    })
    this.waiting.set(name, cancel)
  }

  cancel(name: string): void {
    this.waiting.get(name)?.()
    this.waiting.delete(name)
  }

  /** Those whose names begin so; all of them where nothing is given. */
  cancelAll(prefix = ''): void {
    for (const [name, cancel] of this.waiting) {
      if (!name.startsWith(prefix)) continue
      cancel()
      this.waiting.delete(name)
    }
  }
}
