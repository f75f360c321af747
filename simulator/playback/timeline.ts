/**
 * The clock of one play, or of all plays that are in step: recorded time against the wall clock, at the control's speed.
 * It stands still while paused and while nobody reads.
 */
import type { EntryView, Seq } from '../../src/index.ts'
import type { FrameSource } from './frame-source.ts'
import type { PlayControl } from './play-control.ts'

/** A timer cannot be longer. */
const LONGEST_WAIT = 2 ** 31 - 1

export class Timeline {
  private readonly control: PlayControl
  private readonly unwatch: () => void
  private readonly sleepers = new Set<() => void>()
  private readonly released = new Map<FrameSource, Seq>()
  private anchorTime: number | undefined
  private anchorWall = performance.now()
  private readers = 0
  private credit = 0

  /** `start`: microseconds where it begins; left out: at the first entry asked for. */
  constructor(control: PlayControl, start?: number) {
    this.control = control
    this.anchorTime = start
    this.unwatch = control.watch({ anchor: () => this.anchor(), wake: () => this.wake() })
  }

  /** Microseconds of recorded time that have come; undefined before the first entry. */
  now(): number | undefined {
    const { anchorTime, control } = this
    const isStill = control.isPaused || this.readers === 0 || control.speed === 'max'
    if (anchorTime === undefined || isStill) return anchorTime
    return anchorTime + (performance.now() - this.anchorWall) * 1000 * Number(control.speed)
  }

  attach(): void {
    this.anchor()
    this.readers++
  }

  detach(): void {
    this.anchor()
    this.readers--
  }

  /** Lets its control go; for the clock of one play, when that ends. */
  end(): void {
    this.unwatch()
    this.wake()
  }

  /** While paused: so many more frames may be played. For the clock of one play. */
  grant(frames: number): void {
    this.credit += frames
    this.wake()
  }

  /** While paused: each source may be played up to this entry; the last of them all was received at `time`. */
  release(places: ReadonlyMap<FrameSource, Seq>, time: number): void {
    for (const [source, seq] of places) this.released.set(source, seq)
    // Others of the same microsecond are not released.
    this.anchorTime = Math.max(this.anchorTime ?? 0, time - 1)
    this.wake()
  }

  releasedOf(source: FrameSource): Seq {
    return this.released.get(source) ?? 0
  }

  /** Whether an entry of `source` may be played now. */
  isDue(entry: EntryView, source: FrameSource): boolean {
    const { control } = this
    if (control.isPaused) {
      if (this.credit > 0 || entry.seq <= this.releasedOf(source)) return true
      return this.anchorTime !== undefined && entry.receiveTime <= this.anchorTime
    }
    return control.speed === 'max' || this.millisecondsUntil(entry) <= 1
  }

  private millisecondsUntil(entry: EntryView): number {
    this.anchorTime ??= entry.receiveTime
    const now = this.now() ?? entry.receiveTime
    return (entry.receiveTime - now) / 1000 / Number(this.control.speed)
  }

  /** Resolves when the entry is due, or the signal ends the wait. */
  async untilDue(entry: EntryView, source: FrameSource, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !this.isDue(entry, source)) {
      const wait = this.control.isPaused ? LONGEST_WAIT : this.millisecondsUntil(entry)
      await new Promise<void>((resolve) => {
        const woken = (): void => {
          clearTimeout(timer)
          this.sleepers.delete(woken)
          signal.removeEventListener('abort', woken)
          resolve()
        }
        const timer = setTimeout(woken, Math.min(wait, LONGEST_WAIT))
        this.sleepers.add(woken)
        signal.addEventListener('abort', woken)
      })
    }
  }

  /** An entry was played. */
  passed(entry: EntryView): void {
    const { control } = this
    if (control.isPaused) {
      if (this.credit > 0) this.credit--
    } else if (control.speed !== 'max') return
    // Others of the same microsecond have not come.
    this.anchorTime = Math.max(this.anchorTime ?? 0, entry.receiveTime - 1)
  }

  private anchor(): void {
    this.anchorTime = this.now()
    this.anchorWall = performance.now()
  }

  private wake(): void {
    this.anchorWall = performance.now()
    if (!this.control.isPaused) this.credit = 0
    for (const woken of [...this.sleepers]) woken()
  }
}
