/** Whether a recorder does what it is there for: every stream is alive and receives. */
import type { StreamStatus } from './stream-status.ts'

/** Every venue sends something at least each half minute; twice that is trouble. */
const SILENCE_LIMIT = 60_000_000

export interface RecorderHealth {
  readonly healthy: boolean
  /** One sentence for each stream that is in trouble. */
  readonly troubles: readonly string[]
}

const troubleOf = (status: StreamStatus, startedAt: number, now: number): string | undefined => {
  const { stream, state, lastReceiveTime, product } = status
  if (product?.trading === 'delisted') return `${stream} is not offered, or not any more.`
  if (state === 'failed' || state === 'refused' || state === 'stopped') return `${stream} is ${state}.`
  const silence = now - Math.max(lastReceiveTime ?? 0, startedAt)
  if (silence <= SILENCE_LIMIT) return undefined
  return `${stream} has received nothing for ${String(Math.round(silence / 1e6))} s (${state}).`
}

export interface HealthContext {
  /** Microseconds since the Unix epoch. */
  readonly startedAt: number
  readonly now: number
  /** Why nothing is recorded just now, one sentence. */
  readonly paused: string | undefined
}

export const healthOf = (
  streams: readonly StreamStatus[],
  { startedAt, now, paused }: HealthContext,
): RecorderHealth => {
  if (paused !== undefined) return { healthy: false, troubles: [paused] }
  const troubles: string[] = []
  for (const status of streams) {
    const trouble = troubleOf(status, startedAt, now)
    if (trouble !== undefined) troubles.push(trouble)
  }
  return { healthy: troubles.length === 0, troubles }
}
