/**
 * Lets processes begin a few at a time: one that has to share the processors with many others that begin as well would seem
 * to hang. What a beginning is, and when it is over, others say.
 */
import type { Scheduler } from './scheduler.ts'

export interface StagedStartOptions {
  /** How many may be beginning at any time. */
  readonly atOnce: number
  /** Milliseconds after which one that is not ready no longer keeps others from beginning. */
  readonly patience: number
  readonly scheduler: Scheduler
}

export class StagedStart<Key> {
  private readonly options: StagedStartOptions
  private readonly waiting: { readonly key: Key; readonly begin: () => void }[] = []
  private readonly beginning = new Map<Key, () => void>()

  constructor(options: StagedStartOptions) {
    this.options = options
  }

  /** Calls `begin` now, or when those before it are ready. */
  add(key: Key, begin: () => void): void {
    this.waiting.push({ key, begin })
    this.advance()
  }

  /** This one has begun, or never will. May be told again. */
  leave(key: Key): void {
    const at = this.waiting.findIndex((one) => one.key === key)
    if (at >= 0) this.waiting.splice(at, 1)
    this.beginning.get(key)?.()
    if (this.beginning.delete(key)) this.advance()
  }

  private advance(): void {
    const { atOnce, patience, scheduler } = this.options
    while (this.beginning.size < atOnce) {
      const next = this.waiting.shift()
      if (next === undefined) return
      const { key, begin } = next
      const cancel = scheduler.after(patience, () => {
        this.leave(key)
      })
      this.beginning.set(key, cancel)
      begin()
    }
  }
}
