/** Errors of stamps at a glance. */

/** Microseconds, and of how many frames. */
export interface StampErrors {
  readonly frames: number
  readonly median: number
  readonly p99: number
  readonly p999: number
}

/** `errors`: microseconds; sorted in place. */
export const stampErrors = (errors: Float64Array): StampErrors => {
  errors.sort()
  const at = (share: number): number =>
    errors[Math.min(errors.length - 1, Math.floor(errors.length * share))] ?? NaN
  return { frames: errors.length, median: at(0.5), p99: at(0.99), p999: at(0.999) }
}
