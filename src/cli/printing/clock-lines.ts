/** How `info` tells of the clocks of a run. */
import type { StreamId } from '../../market/instrument.ts'
import type { RunClock } from '../../replay/proof/run-clocks.ts'

const timeText = (micros: number): string =>
  Math.abs(micros) < 1e6 ? `${(micros / 1000).toFixed(1)} ms` : `${(micros / 1e6).toFixed(1)} s`

/** One line. */
export const clockLine = (stream: StreamId, { seq, quality }: RunClock): string => {
  const { steps, largestStep, drift, latency } = quality
  const stepped = steps === 0 ? 'never set' : `set ${String(steps)} times, by up to ${timeText(largestStep)}`
  const drifting = drift === null ? '' : `, drift ${String(drift)} ppm`
  const lag =
    latency === null
      ? ''
      : `; venue to receipt ${timeText(latency.p50)} (90 %: ${timeText(latency.p90)}, 99 %: ${timeText(latency.p99)})`
  return `${stream}: clock of the run at entry ${String(seq)}: ${stepped}${drifting}${lag}`
}
