/**
 * When the next action happens: a self-exciting process. Each action makes the next ones likelier, less and less over
 * four time scales that add up to a power law; all times are multiples of the mean gap.
 */
import type { FlowPreset } from './flow-preset.ts'
import { exponential } from './heavy-tail.ts'
import type { Rng } from './random.ts'

/** In mean gaps, and the share of the excitation that each scale has: they fall as time to the power 0.15. */
const SCALES = [3, 30, 300, 3000] as const
const SHARES = [0.368, 0.26, 0.184, 0.188] as const

/** e^-x by its series, which is never below it: the intensity is bounded from above, and equal everywhere. */
const decay = (x: number): number => 1 / (1 + x * (1 + x * (1 / 2 + x * (1 / 6 + x * (1 / 24 + x / 120)))))

export class Activity {
  private readonly random: Rng
  private readonly meanGap: number
  private readonly preset: FlowPreset
  private readonly base: number
  /** Actions per mean gap that each scale adds. */
  private readonly intensity = [0, 0, 0, 0]
  /** What of a microsecond was left over. */
  private rest = 0

  /** `meanGap`: microseconds between two actions, on average. */
  constructor(random: Rng, meanGap: number, preset: FlowPreset) {
    const { excitation, burstActions, burstsPerMillion } = preset
    this.random = random
    this.meanGap = meanGap
    this.preset = preset
    this.base = 1 - excitation - (burstActions * burstsPerMillion) / 1e6
  }

  /** An action happened: whole microseconds to the next one, 0 at times. */
  nextGap(): number {
    const { random, preset, intensity } = this
    for (let scale = 0; scale < SCALES.length; scale++)
      intensity[scale] =
        (intensity[scale] ?? 0) + (preset.excitation * (SHARES[scale] ?? 0)) / (SCALES[scale] ?? 1)
    if (random.below(1_000_000) < preset.burstsPerMillion)
      intensity[1] = (intensity[1] ?? 0) + preset.burstActions / SCALES[1]
    // Ogata's thinning: intensity only falls between actions, so candidates at the present one are never too few.
    let gap = 0
    for (;;) {
      const before = this.total()
      const wait = exponential(random, 1 / before)
      gap += wait
      for (let scale = 0; scale < SCALES.length; scale++)
        intensity[scale] = (intensity[scale] ?? 0) * decay(wait / (SCALES[scale] ?? 1))
      if (random.next() < 4294967296 * (this.total() / before)) break
    }
    const micros = gap * this.meanGap + this.rest
    const whole = Math.floor(micros)
    this.rest = micros - whole
    return whole
  }

  private total(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.intensity
    return this.base + a + b + c + d
  }
}
