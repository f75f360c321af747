/** How far the times of recorded runs can be trusted: the sums that recorders wrote into their logs. Derives nothing itself. */
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'

import type { ChunkHeader } from '../../log/chunk.ts'
import type { ClockQuality, LatencyFigures } from '../../log/clock-quality.ts'
import type { Seq } from '../../log/entry.ts'
import type { EventStore } from '../../log/event-store.ts'
import { decodeJson } from '../../log/payloads.ts'
import type { StreamId } from '../../market/instrument.ts'
import { readableHeaders, readEntries } from './readable-chunks.ts'

const LatencyCodec: t.Type<LatencyFigures, unknown> = t.type(
  {
    count: t.number,
    least: t.number,
    p50: t.number,
    p90: t.number,
    p99: t.number,
    most: t.number,
    last: t.number,
  },
  'LatencyFigures',
)
const QualityCodec: t.Type<ClockQuality, unknown> = t.type(
  {
    seconds: t.number,
    steps: t.number,
    largestStep: t.number,
    drift: t.union([t.number, t.null]),
    latency: t.union([LatencyCodec, t.null]),
  },
  'ClockQuality',
)
const Payload = t.type({ offset: t.number, quality: QualityCodec }, 'ClockPayload')

/** The last sum of a run; of one that crashed, what it had written by then. */
export interface RunClock {
  /** The entry that says it. */
  readonly seq: Seq
  /** Microseconds that the wall clock was ahead of the recorder's. */
  readonly offset: number
  readonly quality: ClockQuality
}

/** Undefined: an entry that tells one correction, or nothing that is known. */
const readClock = (seq: Seq, bytes: Uint8Array): RunClock | undefined => {
  const decoded = Payload.decode(decodeJson(bytes))
  return isLeft(decoded) ? undefined : { seq, ...decoded.right }
}

/** The last sum of each run that wrote one into the chunk; a chunk that is damaged holds none. */
const clocksIn = async (store: EventStore, header: ChunkHeader): Promise<(RunClock | 'run-started')[]> => {
  const found: (RunClock | 'run-started')[] = []
  await readEntries(store, header, (entry) => {
    if (entry.kind === 'run-started') found.push('run-started')
    if (entry.kind !== 'clock') return
    const clock = readClock(entry.seq, entry.bytes())
    if (clock === undefined) return
    if (typeof found.at(-1) === 'object') found.pop()
    found.push(clock)
  })
  return found
}

const holds = ({ kinds }: ChunkHeader, kind: 'clock' | 'run-started'): boolean => (kinds[kind] ?? 0) > 0

/** The newest sum of a stream; undefined: there is none. Opens one chunk, or few. */
export const latestClock = async (store: EventStore, stream: StreamId): Promise<RunClock | undefined> => {
  const headers = await readableHeaders(store, stream)
  for (const header of headers.toReversed()) {
    if (!holds(header, 'clock')) continue
    const last = (await clocksIn(store, header)).findLast((found) => found !== 'run-started')
    if (last !== undefined) return last
  }
  return undefined
}

/** The last sum of every run of a stream that wrote one, in order. Opens every chunk that holds one. */
export const runClocks = async (store: EventStore, stream: StreamId): Promise<readonly RunClock[]> => {
  const clocks: RunClock[] = []
  let isSameRun = false
  for (const header of await readableHeaders(store, stream)) {
    if (!holds(header, 'clock') && !holds(header, 'run-started')) continue
    for (const found of await clocksIn(store, header)) {
      if (found === 'run-started') {
        isSameRun = false
        continue
      }
      if (isSameRun) clocks.pop()
      clocks.push(found)
      isSameRun = true
    }
  }
  return clocks
}
