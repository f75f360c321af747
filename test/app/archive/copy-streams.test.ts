import { isLeft, left } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { copyStream, entriesToCopy } from '../../../src/app/archive/copy-streams.ts'
import { encodeKeyframe } from '../../../src/codec/keyframe.ts'
import { type EventStore, StoreFailure } from '../../../src/log/event-store.ts'
import type { Tombstone } from '../../../src/log/tombstone.ts'
import type { StreamId } from '../../../src/market/instrument.ts'
import { microsOf } from '../../../src/market/time.ts'
import { newMemoryStore } from '../../../src/storage/memory/memory-store.ts'
import { sampleChunk } from '../../support/sample-chunks.ts'

const STREAM: StreamId = 'coinbase:BTC-USD'
/** Bounds inside, at and across the chain's blocks. */
const BOUNDS = [
  [1, 10],
  [11, 1024],
  [1025, 1500],
  [1501, 2600],
  [2601, 2601],
] as const

const sourceOf = async (bounds: readonly (readonly [number, number])[] = BOUNDS): Promise<EventStore> => {
  const store = newMemoryStore()
  for (const [from, to] of bounds)
    expect(isLeft(await store.append(sampleChunk(STREAM, from, to))())).toBe(false)
  const state = Buffer.from('state')
  await store.putKeyframe(
    encodeKeyframe({ stream: STREAM, seq: 1500, receiveTime: microsOf(1), decoderVersion: 1, state }),
  )()
  return store
}

const copy = async (source: EventStore, target: EventStore) => {
  let told = 0
  const options = { source, target, stream: STREAM, onEntries: (entries: number) => (told += entries) }
  const result = await copyStream(options)
  expect(told).toBe(result.entries)
  return result
}

const failureOf = async (work: Promise<unknown>): Promise<string> => {
  const failed = await work.then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(failed instanceof StoreFailure)) throw new Error('it did not fail')
  return failed.message
}

describe('copyStream', () => {
  it('copies everything, then nothing, then what is new', async () => {
    const source = await sourceOf()
    const target = newMemoryStore()
    expect(await copy(source, target)).toMatchObject({
      entries: 2601,
      chunks: 5,
      keyframes: 1,
      lastSeq: 2601,
    })
    expect(await target.headers(STREAM)).toEqual(await source.headers(STREAM))
    expect(await target.keyframe(STREAM, 1500)).toEqual(await source.keyframe(STREAM, 1500))
    expect(await copy(source, target)).toMatchObject({ entries: 0, chunks: 0, keyframes: 0, lastSeq: 2601 })
    await source.append(sampleChunk(STREAM, 2602, 2610))()
    expect(await entriesToCopy({ source, target, stream: STREAM, onEntries: () => undefined })).toBe(9)
    expect(await copy(source, target)).toMatchObject({ entries: 9, chunks: 1, lastSeq: 2610 })
    const [last] = await source.headers(STREAM, { from: 2610 })
    expect((await copy(source, target)).head).toBe(last?.chainAfter)
  })

  it.each([0, 1, 2, 3, 4])('goes on where it stopped, after %i chunks', async (chunks) => {
    const source = await sourceOf()
    const target = newMemoryStore()
    let left_ = chunks
    const stopping: EventStore = {
      ...target,
      append: (chunk) =>
        left_-- > 0
          ? target.append(chunk)
          : async () => await Promise.resolve(left({ kind: 'unavailable', message: 'The store is away.' })),
    }
    expect(await failureOf(copy(source, stopping))).toBe('The store is away.')
    expect(await target.headers(STREAM)).toHaveLength(chunks)
    expect(await copy(source, target)).toMatchObject({ chunks: BOUNDS.length - chunks, lastSeq: 2601 })
    expect(await target.headers(STREAM)).toEqual(await source.headers(STREAM))
  })

  it('copies nothing onto other entries, nor from the middle of a chunk', async () => {
    const source = await sourceOf()
    const other = newMemoryStore()
    await other.append(sampleChunk(STREAM, 1, 10, 3))()
    expect(await failureOf(copy(source, other))).toMatch(/holds other entries of coinbase:BTC-USD/)
    const longer = await sourceOf([...BOUNDS, [2602, 2700]])
    expect(await failureOf(copy(source, longer))).toMatch(/holds other entries/)
    const middle = newMemoryStore()
    await middle.append(sampleChunk(STREAM, 1, 500))()
    expect(await failureOf(copy(source, middle))).toMatch(/in the middle of a chunk/)
  })

  it('stops before entries that the chain does not prove', async () => {
    const source = await sourceOf()
    const [good, wrong] = [sampleChunk(STREAM, 1025, 1500), sampleChunk(STREAM, 1025, 1500, 2)]
    const altered: EventStore = {
      ...source,
      parts: async (stream, range, most) =>
        (await source.parts(stream, range, most)).map((part) =>
          part.kind === 'chunk' && part.header.firstSeq === 1025
            ? {
                ...part,
                header: {
                  ...wrong.header,
                  chainBefore: good.header.chainBefore,
                  chainAfter: good.header.chainAfter,
                },
              }
            : part,
        ),
      payload: async (stream, firstSeq) =>
        firstSeq === 1025 ? wrong.payload : await source.payload(stream, firstSeq),
    }
    const target = newMemoryStore()
    expect(await failureOf(copy(altered, target))).toMatch(/entry 1025: its entries are not those/)
    expect(await target.lastSeq(STREAM)).toBe(1024)
  })

  it('copies holes, and goes on behind each of them', async () => {
    const source = await sourceOf([...BOUNDS, [2602, 2610], [2611, 5000]])
    const chunkAt = (from: number, to: number) => sampleChunk(STREAM, from, to).header
    const holeOf = (from: number, to: number, kind: Tombstone['kind']): Tombstone => ({
      kind,
      stream: STREAM,
      firstSeq: from,
      lastSeq: to,
      firstReceiveTime: chunkAt(from, to).firstReceiveTime,
      lastReceiveTime: chunkAt(from, to).lastReceiveTime,
      headBefore: chunkAt(from, to).chainBefore,
      headAfter: chunkAt(from, to).chainAfter,
      restartsChain: false,
      reason: 'A test.',
    })
    expect(isLeft(await source.bury(holeOf(11, 1500, 'deleted'))())).toBe(false)
    expect(isLeft(await source.quarantine(STREAM, [2601], holeOf(2601, 2601, 'damaged'))())).toBe(false)
    const parts = await source.parts(STREAM)
    expect(parts.map(({ kind }) => kind)).toEqual(['chunk', 'hole', 'chunk', 'hole', 'chunk', 'chunk'])
    for (let stop = 0; stop <= parts.length; stop++) {
      const target = newMemoryStore()
      let writes = 0
      const away = async () => await Promise.resolve(left({ kind: 'unavailable', message: 'Away.' } as const))
      const stopping: EventStore = {
        ...target,
        append: (chunk) => (writes++ < stop ? target.append(chunk) : away),
        quarantine: (...words) => (writes++ < stop ? target.quarantine(...words) : away),
      }
      if (stop < parts.length) expect(await failureOf(copy(source, stopping))).toBe('Away.')
      const { head } = await copy(source, target)
      expect(head).toBe(chunkAt(2611, 5000).chainAfter)
      expect(await target.parts(STREAM)).toEqual(parts)
    }
  })
})
