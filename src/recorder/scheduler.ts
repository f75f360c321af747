/** Timers as a capability, so that the recorder's logic runs in tests without waiting. */

export interface Scheduler {
  /** Runs the action once, after this many milliseconds; the answer cancels it. */
  readonly after: (milliseconds: number, action: () => void) => () => void
}

/** The timers of this process. */
export const systemScheduler: Scheduler = {
  after: (milliseconds, action) => {
    const timer = setTimeout(action, milliseconds)
    return () => {
      clearTimeout(timer)
    }
  },
}
