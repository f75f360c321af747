/** How long to wait before trying again: doubling delays with jitter, back to the first after success. */

export interface BackoffOptions {
  /** Milliseconds. */
  readonly first: number
  readonly most: number
  /** Gives numbers from 0 to below 1. */
  readonly random: () => number
}

export class Backoff {
  private failures = 0
  private readonly options: BackoffOptions

  constructor(options: BackoffOptions) {
    this.options = options
  }

  /** The next delay in milliseconds: between half of and the whole of first × 2^failures, at most `most`. */
  next(): number {
    const { first, most, random } = this.options
    const ceiling = Math.min(most, first * 2 ** Math.min(this.failures, 30))
    this.failures++
    return Math.round(ceiling / 2 + (random() * ceiling) / 2)
  }

  reset(): void {
    this.failures = 0
  }
}
