/** What a recorder's processes hold over time: resident memory and open handles, and whether they grow. */
import { openHandles, residentBytes } from '../bench/processes.ts'

interface Held {
  readonly bytes: number
  readonly handles: number
}

/** Fewer samples than those of ten minutes say nothing of growth: books fill, code is compiled. */
const LEAST_SAMPLES = 120
/** The last quarter against the second: what a recorder holds follows the size of its books, which differs. */
const MOST_GROWTH = 1.25
const MOST_MORE_HANDLES = 20

const median = (values: readonly number[]): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0

export class HeldOverTime {
  private readonly samples: Held[] = []

  take(pid: number): void {
    this.samples.push({ bytes: residentBytes(pid), handles: openHandles(pid) })
  }

  get mostBytes(): number {
    return Math.max(0, ...this.samples.map(({ bytes }) => bytes))
  }

  get mostHandles(): number {
    return Math.max(0, ...this.samples.map(({ handles }) => handles))
  }

  /** Twelve points in time. */
  get points(): readonly Held[] {
    const step = Math.max(1, Math.ceil(this.samples.length / 12))
    return this.samples.filter((_held, index) => index % step === 0)
  }

  /** What grew, a sentence each. */
  growth(): readonly string[] {
    const { samples } = this
    if (samples.length < LEAST_SAMPLES) return []
    const quarter = Math.floor(samples.length / 4)
    const [early, late] = [samples.slice(quarter, 2 * quarter), samples.slice(-quarter)]
    const of = (name: keyof Held): readonly [number, number] => [
      median(early.map((held) => held[name])),
      median(late.map((held) => held[name])),
    ]
    const [bytes, handles] = [of('bytes'), of('handles')]
    const growth: string[] = []
    if (bytes[1] > bytes[0] * MOST_GROWTH)
      growth.push(`memory grew from ${(bytes[0] / 1e6).toFixed(0)} to ${(bytes[1] / 1e6).toFixed(0)} MB`)
    if (handles[1] > handles[0] + MOST_MORE_HANDLES)
      growth.push(`open handles grew from ${String(handles[0])} to ${String(handles[1])}`)
    return growth
  }
}
