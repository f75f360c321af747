/** Whether a recorder does what it is there for: every stream is alive and receives. */
import type { StreamStatus } from './stream-status.ts'

/** Every venue sends something at least each half minute; twice that is trouble. Milliseconds. */
const SILENCE_LIMIT = 60_000

export interface RecorderHealth {
  readonly healthy: boolean
  /** One sentence for each stream that is in trouble. */
  readonly troubles: readonly string[]
}

const troubleOf = ({ stream, state, silence, product }: StreamStatus): string | undefined => {
  if (product?.trading === 'delisted') return `${stream} is not offered, or not any more.`
  switch (state) {
    case 'failed':
    case 'refused':
    case 'stopped':
      return `${stream} is ${state}.`
    case 'fenced':
      return `${stream} is fenced: another recorder has taken it over.`
    case 'standby':
      return undefined
    case 'starting':
    case 'connecting':
    case 'live':
    case 'waiting':
      return silence <= SILENCE_LIMIT
        ? undefined
        : `${stream} has received nothing for ${String(Math.round(silence / 1000))} s (${state}).`
  }
}

/** `paused`: why nothing is recorded just now, one sentence. */
export const healthOf = (streams: readonly StreamStatus[], paused: string | undefined): RecorderHealth => {
  if (paused !== undefined) return { healthy: false, troubles: [paused] }
  const troubles: string[] = []
  for (const status of streams) {
    const trouble = troubleOf(status)
    if (trouble !== undefined) troubles.push(trouble)
  }
  return { healthy: troubles.length === 0, troubles }
}
