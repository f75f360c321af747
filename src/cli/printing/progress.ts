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
  const format = `${label} [{bar}] {percentage}% of {total} ${unit}, {eta_formatted} left `
  const bar = new SingleBar({ format, barsize: 20, hideCursor: true, etaBuffer: 50, fps: 5 })
  bar.start(total, 0)
  return {
    add: (amount) => {
      bar.increment(amount)
    },
    stop: () => {
      bar.stop()
    },
  }
}
