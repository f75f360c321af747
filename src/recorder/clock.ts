/**
 * The recorder's clock: one monotonic anchor per process, shared by its threads, slewed towards the wall clock.
 * It runs on when the wall clock is set; one thread steers it, all read it. Streams keep their own times from decreasing.
 */
import { type Micros, microsOf } from '../market/time.ts'

/** Plain data that a thread hands to another. */
export interface ClockAnchor {
  readonly monotonicNanos: bigint
  readonly wallMicros: number
  /** One 64-bit integer: microseconds added to the monotonic time, written by the thread that steers. */
  readonly correction: SharedArrayBuffer
}

export interface TimeSources {
  /** Nanoseconds that only grow, the same for all threads of the process. */
  readonly monotonicNanos: () => bigint
  /** The wall clock, microseconds since the Unix epoch. */
  readonly wallMicros: () => number
}

export const systemTime: TimeSources = {
  monotonicNanos: () => process.hrtime.bigint(),
  wallMicros: () => Date.now() * 1000,
}

/** So often at most: about 50 ms. */
const MOST_LOOKS = 200_000
/** Two looks that are so close were not interrupted, in nanoseconds. */
const CLOSE_NANOS = 20_000n

/**
 * The wall clock is told in whole milliseconds: waits until it goes on to the next, and is exact then. Where it is never seen
 * to, as it is told.
 */
export const anchorAtTick = ({ monotonicNanos, wallMicros }: TimeSources = systemTime): ClockAnchor => {
  let wall = wallMicros()
  let time = monotonicNanos()
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const nextWall = wallMicros()
    const nextTime = monotonicNanos()
    const isTick = nextWall - wall === 1000 && nextTime - time < CLOSE_NANOS
    wall = nextWall
    time = nextTime
    if (isTick) break
  }
  return anchorClock({ monotonicNanos: () => time, wallMicros: () => wall })
}

export const anchorClock = (sources: TimeSources): ClockAnchor => ({
  monotonicNanos: sources.monotonicNanos(),
  wallMicros: sources.wallMicros(),
  correction: new SharedArrayBuffer(8),
})

/** Reads the shared clock; cheap enough for every packet. */
export class Clock {
  private readonly anchor: ClockAnchor
  private readonly correction: BigInt64Array
  private readonly monotonicNanos: () => bigint

  constructor(anchor: ClockAnchor, sources: TimeSources = systemTime) {
    this.anchor = anchor
    this.correction = new BigInt64Array(anchor.correction)
    this.monotonicNanos = sources.monotonicNanos
  }

  now(): Micros {
    const elapsed = Number(this.monotonicNanos() - this.anchor.monotonicNanos) / 1000
    return microsOf(Math.floor(this.anchor.wallMicros + elapsed) + Number(Atomics.load(this.correction, 0)))
  }
}

/** Offsets up to this are left alone: the wall clock is read in whole milliseconds. */
const TOLERATED_MICROS = 2000
/** An offset that differs this much from the last one told is told. */
const TOLD_MICROS = 10_000
/** 50 per tick of 100 ms: 500 parts per million. */
const SLEW_MICROS = 50
/** A wall clock this far ahead is followed at once: no time has to be taken back for it. */
const LEAP_MICROS = 1_000_000

/** How often `ClockSteering.tick` wants to be called, in milliseconds. */
export const STEERING_INTERVAL = 100

/** Brings the shared clock towards the wall clock. One per process. */
export class ClockSteering {
  private told = 0
  private readonly clock: Clock
  private readonly correction: BigInt64Array
  private readonly wallMicros: () => number

  constructor(anchor: ClockAnchor, sources: TimeSources = systemTime) {
    this.clock = new Clock(anchor, sources)
    this.correction = new BigInt64Array(anchor.correction)
    this.wallMicros = sources.wallMicros
  }

  /** Microseconds that the wall clock is ahead of ours. */
  offset(): number {
    return Math.round(this.wallMicros() - this.clock.now())
  }

  /** Slews a little. The offset of the wall clock from ours in microseconds when it is worth a `clock` entry. */
  tick(): number | undefined {
    const offset = this.wallMicros() - this.clock.now()
    const hasLeapt = offset > LEAP_MICROS
    const isNews = Math.abs(offset - this.told) >= TOLD_MICROS
    if (hasLeapt) this.correct(offset)
    else if (Math.abs(offset) > TOLERATED_MICROS) this.correct(Math.sign(offset) * SLEW_MICROS)
    if (!isNews) return undefined
    this.told = hasLeapt ? 0 : offset
    return offset
  }

  private correct(micros: number): void {
    Atomics.add(this.correction, 0, BigInt(Math.round(micros)))
  }
}
