/**
 * Renews a feed's connections before they grow old or end: a new one is opened, both are kept until it surely delivers everything,
 * then the old one says goodbye. One at a time; where the new one does not come, the old one stays.
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
  /** Lets one of two go; says goodbye where it is open. */
  readonly drop: (line: FeedLine) => void
}

interface Renewal {
  readonly old: FeedLine
  readonly fresh: FeedLine
  /** The new one delivers. */
  hasStarted: boolean
}

export class LineRenewal {
  private readonly options: LineRenewalOptions
  private readonly timers: NamedTimers
  private underWay: Renewal | undefined
  /** Old ones whose turn has not come. */
  private readonly waiting = new Set<FeedLine>()

  constructor(options: LineRenewalOptions) {
    this.options = options
    this.timers = new NamedTimers(options.scheduler)
  }

  /** This line's connection is old, or its venue is about to end it. */
  renew(old: FeedLine): void {
    if (old === this.underWay?.old) return
    if (this.underWay !== undefined) {
      this.waiting.add(old)
      return
    }
    const renewal: Renewal = { old, fresh: this.options.open(), hasStarted: false }
    this.underWay = renewal
    this.timers.set('wait', LONGEST_WAIT, () => {
      this.keepOld(renewal)
    })
  }

  /** The connection of this line delivers. */
  noteStarted(line: FeedLine): void {
    const renewal = this.underWay
    if (line !== renewal?.fresh || renewal.hasStarted) return
    renewal.hasStarted = true
    this.timers.cancelAll()
    this.timers.set('overlap', OVERLAP, () => {
      if (renewal.fresh.isOpen) this.finish(renewal.old)
      else this.keepOld(renewal)
    })
  }

  /** The connection of this line is over, and would be opened again: the new one is in its place already. */
  noteLost(line: FeedLine): void {
    this.waiting.delete(line)
    if (line === this.underWay?.old) this.finish(line)
  }

  stop(): void {
    this.timers.cancelAll()
    this.waiting.clear()
  }

  /** The new one is not there. */
  private keepOld({ old, fresh }: Renewal): void {
    old.ageFor(NEXT_TRY)
    this.finish(fresh)
  }

  private finish(superfluous: FeedLine): void {
    this.timers.cancelAll()
    this.underWay = undefined
    this.options.drop(superfluous)
    for (const next of this.waiting) {
      this.waiting.delete(next)
      this.renew(next)
      return
    }
  }
}
