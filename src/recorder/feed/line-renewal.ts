/**
 * Renews a feed's connections before they grow old: a new one is opened, both are kept until it surely delivers everything, then
 * the old one says goodbye. One at a time; where the new one does not come, the old one stays.
 */
import { NamedTimers } from '../named-timers.ts'
import type { Scheduler } from '../scheduler.ts'
import type { FeedLine } from './feed-line.ts'

/** Both are open for so long once the new one delivers: its snapshots and all its channels are there by then. */
const OVERLAP = 20_000
/** A new one that does not deliver by then is given up. */
const LONGEST_WAIT = 120_000
/** An old one that could not be renewed is tried again after this. */
const NEXT_TRY = 600_000

export interface LineRenewalOptions {
  readonly scheduler: Scheduler
  /** Opens a connection beside the others. */
  readonly open: () => FeedLine
  /** Says goodbye to one of two. */
  readonly drop: (line: FeedLine) => void
}

export class LineRenewal {
  private readonly options: LineRenewalOptions
  private readonly timers: NamedTimers
  private fresh: FeedLine | undefined
  private hasStarted = false

  constructor(options: LineRenewalOptions) {
    this.options = options
    this.timers = new NamedTimers(options.scheduler)
  }

  /** This line's connection is old. */
  renew(old: FeedLine): void {
    if (this.fresh !== undefined) {
      old.ageFor(NEXT_TRY)
      return
    }
    const fresh = this.options.open()
    this.fresh = fresh
    this.hasStarted = false
    this.timers.set('wait', LONGEST_WAIT, () => {
      this.keep(old, fresh)
    })
    this.replace = () => {
      if (fresh.isOpen) this.finish(old)
      else this.keep(old, fresh)
    }
  }

  /** The connection of this line delivers. */
  noteStarted(line: FeedLine): void {
    if (line !== this.fresh || this.hasStarted) return
    this.hasStarted = true
    this.timers.cancelAll()
    this.timers.set('overlap', OVERLAP, () => {
      this.replace()
    })
  }

  stop(): void {
    this.timers.cancelAll()
  }

  private replace: () => void = () => undefined

  /** The new one is not there: the old one stays. */
  private keep(old: FeedLine, fresh: FeedLine): void {
    this.finish(fresh)
    old.ageFor(NEXT_TRY)
  }

  private finish(superfluous: FeedLine): void {
    this.timers.cancelAll()
    this.fresh = undefined
    this.options.drop(superfluous)
  }
}
