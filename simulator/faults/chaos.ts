/**
 * Faults by chance: the same seed gives every venue the same faults at the same moments, each on the first frame from then
 * on that it fits. Requests are struck by their number.
 */
import { Rng, seedFor } from '../engine/random.ts'
import type { FaultSource, FrameFault, FramePlace, RequestFault, RequestPlace } from './fault.ts'

export const CHAOS_LEVELS = ['low', 'medium', 'high'] as const
export type ChaosLevel = (typeof CHAOS_LEVELS)[number]

/** Draws a fault's figures. */
type Draw<F> = (random: Rng) => F
type Weighted<F> = readonly [weight: number, draw: Draw<F>]

const GAPS = { low: 20_000, medium: 8_000, high: 3_000 } as const
const REQUESTS_PER_MILLE = { low: 50, medium: 200, high: 350 } as const

/** Seconds after which a fault that fits no frame is given up. */
const PATIENCE = 5
const NONE: readonly FrameFault[] = []

const milliseconds = (random: Rng, low: number, high: number): number => random.between(low, high) / 1000

/** Harmless ones, and losses that are healed by asking anew. */
const LOW: readonly Weighted<FrameFault>[] = [
  [4, () => ({ kind: 'lose' })],
  [4, () => ({ kind: 'duplicate' })],
  [4, () => ({ kind: 'swap' })],
  [3, (random) => ({ kind: 'delay', seconds: milliseconds(random, 20, 500) })],
  [2, () => ({ kind: 'extra-field' })],
  [2, () => ({ kind: 'unknown-type' })],
  [2, () => ({ kind: 'checksum' })],
  [1, () => ({ kind: 'close', code: 1001, reason: 'going away' })],
]
const MEDIUM: readonly Weighted<FrameFault>[] = [
  ...LOW,
  [3, () => ({ kind: 'truncate', keep: undefined })],
  [2, () => ({ kind: 'malformed', text: undefined })],
  [2, (random) => ({ kind: 'binary', bytes: random.between(1, 2000) })],
  [1, (random) => ({ kind: 'silence', seconds: milliseconds(random, 500, 3000) })],
  [1, () => ({ kind: 'reset' })],
  [2, (random) => ({ kind: 'slow-write', seconds: milliseconds(random, 500, 2000), bytesPerSecond: 50_000 })],
  [1, (random) => ({ kind: 'slow-read', seconds: milliseconds(random, 500, 3000) })],
  [1, (random) => ({ kind: 'clock-step', seconds: milliseconds(random, -2000, 2000) })],
]
const HIGH: readonly Weighted<FrameFault>[] = [
  ...MEDIUM,
  [1, (random) => ({ kind: 'silence', seconds: milliseconds(random, 3000, 8000) })],
  [1, () => ({ kind: 'half-open', seconds: 45 })],
  [1, () => ({ kind: 'close', code: 1006, reason: undefined })],
  [1, () => ({ kind: 'close', code: 1012, reason: 'service restart' })],
  [1, (random) => ({ kind: 'oversized', bytes: random.between(1_000_000, 8_000_000) })],
  [1, () => ({ kind: 'sequence-restart' })],
  [1, (random) => ({ kind: 'down', seconds: milliseconds(random, 1000, 5000) })],
  [1, (random) => ({ kind: 'clock-step', seconds: random.between(-3600, 3600) })],
]
const FRAME_FAULTS = { low: LOW, medium: MEDIUM, high: HIGH } as const

const REQUEST_FAULTS: readonly Weighted<RequestFault>[] = [
  [3, (random) => ({ kind: 'http-error', status: random.pick([429, 500, 403, 503]), body: undefined })],
  [2, (random) => ({ kind: 'http-delay', seconds: milliseconds(random, 200, 2000) })],
  [1, () => ({ kind: 'http-truncate' })],
  [1, (random) => ({ kind: 'http-timeout', seconds: milliseconds(random, 500, 4000) })],
  [3, () => ({ kind: 'stale-body' })],
  [2, (random) => ({ kind: 'newer-body', seconds: milliseconds(random, 100, 800) })],
]

const drawn = <F>(faults: readonly Weighted<F>[], random: Rng): F | undefined => {
  let left = random.below(faults.reduce((sum, [weight]) => sum + weight, 0))
  for (const [weight, draw] of faults) {
    left -= weight
    if (left < 0) return draw(random)
  }
  return undefined
}

/** What one venue has coming. */
interface Outlook {
  readonly frames: Rng
  readonly requests: Rng
  /** Seconds. */
  nextAt: number
  next: FrameFault | undefined
}

export class ChaosFaults implements FaultSource {
  private readonly level: ChaosLevel
  private readonly seed: number
  private readonly outlooks = new Map<string, Outlook>()

  constructor(level: ChaosLevel, seed: number) {
    this.level = level
    this.seed = seed
  }

  onFrame({ venue, seconds }: FramePlace, fits: (fault: FrameFault) => boolean): readonly FrameFault[] {
    const outlook = this.outlookOf(venue)
    const { next } = outlook
    if (next === undefined || seconds < outlook.nextAt) return NONE
    const isFitting = fits(next)
    if (!isFitting && seconds < outlook.nextAt + PATIENCE) return NONE
    // What waited long, on a venue without readers, is not made up for.
    this.drawNext(outlook, seconds)
    return isFitting ? [next] : NONE
  }

  onRequest({ venue }: RequestPlace): RequestFault | undefined {
    const { requests } = this.outlookOf(venue)
    return requests.chance(REQUESTS_PER_MILLE[this.level]) ? drawn(REQUEST_FAULTS, requests) : undefined
  }

  private outlookOf(venue: string): Outlook {
    const known = this.outlooks.get(venue)
    if (known !== undefined) return known
    const frames = new Rng(seedFor(this.seed, `chaos:${venue}`))
    const requests = new Rng(seedFor(this.seed, `chaos-requests:${venue}`))
    const outlook: Outlook = { frames, requests, nextAt: 0, next: undefined }
    this.drawNext(outlook, 0)
    this.outlooks.set(venue, outlook)
    return outlook
  }

  private drawNext(outlook: Outlook, seconds: number): void {
    const { frames } = outlook
    outlook.next = drawn(FRAME_FAULTS[this.level], frames)
    outlook.nextAt = seconds + frames.exponential(GAPS[this.level]) / 1000
  }
}
