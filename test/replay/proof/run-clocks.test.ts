import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { CHAIN_START } from '../../../src/log/chain.ts'
import type { ClockQuality } from '../../../src/log/clock-quality.ts'
import { EntryWriter } from '../../../src/log/entry.ts'
import type { EventStore } from '../../../src/log/event-store.ts'
import { encodeJson } from '../../../src/log/payloads.ts'
import { StreamSealer } from '../../../src/recorder/sealing/stream-sealer.ts'
import { latestClock, runClocks } from '../../../src/replay/proof/run-clocks.ts'
import { newMemoryStore } from '../../../src/storage/memory/memory-store.ts'
import { toyManifest, toyTime } from '../../support/toy-records.ts'
import { toyVenue } from '../../support/toy-venue.ts'

type Step = 'run' | 'chunk' | 'frame' | 'correction' | 'scribble' | number

const { stream } = toyManifest

const qualityOf = (seconds: number): ClockQuality => ({
  seconds,
  steps: 1,
  largestStep: -5,
  drift: null,
  latency: null,
})

const payloadOf = (step: Exclude<Step, 'chunk'>): Uint8Array => {
  if (step === 'run') return encodeJson(toyManifest)
  if (step === 'correction') return encodeJson({ offset: 3 })
  if (typeof step === 'number') return encodeJson({ offset: 1, quality: qualityOf(step) })
  return new TextEncoder().encode(step)
}

/** A number is a sum over so many seconds. */
const storeOf = async (...steps: readonly Step[]): Promise<EventStore> => {
  const store = newMemoryStore()
  const sealer = new StreamSealer(toyVenue, {
    stream,
    chainSeq: 0,
    chainHead: CHAIN_START,
    keyframeSeq: 0,
    keyframeState: undefined,
  })
  const writer = new EntryWriter()
  let seq = 0
  for (const step of [...steps, 'chunk' as const]) {
    if (step === 'chunk') {
      const records = writer.take()
      if (records === undefined) continue
      const appended = await store.append(sealer.seal(records).chunk)()
      if (isLeft(appended)) throw new Error(appended.left.kind)
      continue
    }
    const kind = step === 'run' ? 'run-started' : step === 'frame' ? 'frame' : 'clock'
    seq++
    writer.append(kind, seq, toyTime(seq), kind === 'frame' ? 1 : 0, payloadOf(step))
  }
  return store
}

describe('runClocks', () => {
  it('tells the last sum of each run, across chunks, and nothing of what it does not know', async () => {
    const store = await storeOf(
      ...(['run', 300, 'chunk', 600, 'correction', 'frame', 'chunk', 'run', 'frame', 'chunk'] as const),
      ...(['run', 20, 'scribble', 'run', 30, 'chunk', 'frame', 'chunk', 60] as const),
    )
    const told = await runClocks(store, stream)
    expect(told.map(({ quality }) => quality)).toEqual([qualityOf(600), qualityOf(20), qualityOf(60)])
    expect(await latestClock(store, stream)).toEqual(told.at(-1))
  })

  it('tells nothing of a stream without sums', async () => {
    const store = await storeOf('run', 'correction', 'frame')
    expect(await runClocks(store, stream)).toEqual([])
    expect(await latestClock(store, stream)).toBeUndefined()
  })
})
