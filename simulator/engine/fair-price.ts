/**
 * The hidden price that an underlying is worth: a path over time that follows from its seed alone, so that two venues
 * with the same seed see the same market, each at its own delay. Owns one cursor, which only moves forward.
 */
import type { FlowPreset } from './flow-preset.ts'
import { Rng } from './random.ts'

export interface FairPriceOptions {
  /** Of the underlying, the same for all venues that trade it. */
  readonly seed: number
  /** Where the path begins, in units of the price scale; before `startTime` it stands still. */
  readonly price: number
  /** Microseconds since the Unix epoch. */
  readonly startTime: number
  readonly preset: FlowPreset
}

const STEP_MICROS = 4000
/** Steps between two looks at how restless the market is; near a second. */
const STEPS_PER_MOOD = 256
const MOODS = [0.4, 0.6, 0.8, 0.9, 1, 1.1, 1.4, 2.2] as const
/** Parts of a price unit. */
const FINE = 65_536
/** Standard deviation of the sum of four random bytes. */
const BYTES_DEVIATION = 147.8

export class FairPrice {
  private readonly random: Rng
  private readonly startTime: number
  private readonly lowest: number
  private readonly highest: number
  private readonly scale: number
  private readonly jumps: number
  private readonly jumpSize: number
  private steps = 0
  private mood = 1
  private fine: number

  constructor({ seed, price, startTime, preset }: FairPriceOptions) {
    this.random = new Rng(seed)
    this.startTime = startTime
    this.fine = price * FINE
    this.lowest = (price / 2) * FINE
    this.highest = price * 2 * FINE
    this.scale = (price * FINE * 1e-4 * preset.volatility) / (Math.sqrt(1e6 / STEP_MICROS) * BYTES_DEVIATION)
    this.jumps = preset.jumps
    this.jumpSize = Math.max(FINE, price * FINE * 1e-4 * 2 * preset.volatility)
  }

  /** The price at a time, never before the time asked for last. */
  at(time: number): number {
    const wanted = Math.floor((time - this.startTime) / STEP_MICROS)
    while (this.steps < wanted) this.step()
    return Math.round(this.fine / FINE)
  }

  private step(): void {
    if (this.steps++ % STEPS_PER_MOOD === 0) this.changeMood()
    const bits = this.random.next()
    const bell = (bits & 255) + ((bits >>> 8) & 255) + ((bits >>> 16) & 255) + (bits >>> 24) - 510
    this.move(bell * this.scale * this.mood)
  }

  private changeMood(): void {
    if (this.random.chance(200)) this.mood = this.random.pick(MOODS)
    if (this.random.chance(this.jumps)) {
      const size = this.jumpSize * this.random.between(1, 4)
      this.move(this.random.chance(500) ? size : -size)
    }
  }

  /** Reflected at half and at twice the first price. */
  private move(by: number): void {
    const next = Math.round(this.fine + by)
    this.fine = next < this.lowest || next > this.highest ? Math.round(this.fine - by) : next
  }
}
