/** A progress bar on stderr when it is a terminal; silence otherwise. */
import { SingleBar } from 'cli-progress'

export interface Progress {
  readonly add: (amount: number) => void
  readonly stop: () => void
}

const SILENT: Progress = { add: () => undefined, stop: () => undefined }

/** `unit` is what is counted: `entries`. */
export const newProgress = (label: string, total: number, unit: string): Progress => {
  if (!process.stderr.isTTY || total === 0) return SILENT
  // Within 80 columns, whatever is counted; the time is filled up, so that a shorter one leaves no rest behind.
  const format = `${label} [{bar}] {percentage}% of {total} ${unit}, {rate}/s, {eta_formatted} left `
  const bar = new SingleBar({ format, barsize: 15, hideCursor: true, etaBuffer: 50, fps: 5 })
  const startedAt = performance.now()
  let passed = 0
  bar.start(total, 0, { rate: 0 })
  return {
    add: (amount) => {
      passed += amount
      const rate = Math.round((passed * 1000) / Math.max(1, performance.now() - startedAt))
      bar.increment(amount, { rate })
    },
    stop: () => {
      bar.stop()
    },
  }
}
