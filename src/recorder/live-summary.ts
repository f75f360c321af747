/** Tells how a stream does while its entries are applied, now and then and not for every batch. */
import { systemScheduler } from './scheduler.ts'

/** A summary at most this often, in milliseconds. */
const SUMMARY_INTERVAL = 200

export class LiveSummary {
  private readonly tell: () => void
  private isDue = false

  constructor(tell: () => void) {
    this.tell = tell
  }

  /** Something was applied. */
  note(): void {
    if (this.isDue) return
    this.isDue = true
    systemScheduler.after(SUMMARY_INTERVAL, () => {
      this.isDue = false
      this.tell()
    })
  }

  /** Tells at once. */
  now(): void {
    this.tell()
  }
}
