/** What every EventStore must do with the parts of a log: headers put anew, tombstones, what is put aside. */
import { isLeft, right } from 'fp-ts/lib/Either.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { encodeKeyframe } from '../../src/codec/keyframe.ts'
import { CHAIN_START } from '../../src/log/chain.ts'
import type { Chunk, Keyframe } from '../../src/log/chunk.ts'
import type { EventStore } from '../../src/log/event-store.ts'
import { firstSeqOf, lastSeqOf, type Tombstone } from '../../src/log/tombstone.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { microsOf } from '../../src/market/time.ts'
import { chunkSpans, fillStore } from '../support/filled-stores.ts'
import { emptyVerdict, sampleChunk } from '../support/sample-chunks.ts'
import { failureOf, kindOf } from '../support/store-answers.ts'

const STREAM: StreamId = 'coinbase:BTC-USD'
const OTHER: StreamId = 'bitfinex:BTC-USD'
const DONE = right(undefined)

/** In the place of these chunks. */
const tombstoneOf = (chunks: readonly Chunk[], changes: Partial<Tombstone> = {}): Tombstone => {
  const first = chunks[0]?.header
  const last = chunks.at(-1)?.header
  if (first === undefined || last === undefined) throw new Error('no chunks')
  return {
    kind: 'deleted',
    stream: first.stream,
    firstSeq: first.firstSeq,
    lastSeq: last.lastSeq,
    firstReceiveTime: first.firstReceiveTime,
    lastReceiveTime: last.lastReceiveTime,
    headBefore: first.chainBefore,
    headAfter: last.chainAfter,
    restartsChain: false,
    reason: 'A test.',
    ...changes,
  }
}

const keyframeAt = (seq: number): Keyframe =>
  encodeKeyframe({
    stream: STREAM,
    seq,
    receiveTime: microsOf(seq),
    decoderVersion: 1,
    state: Buffer.from(String(seq)),
  })

export const logPartsContract = (backend: string, openEmpty: () => Promise<EventStore>): void => {
  describe(`${backend} as a store of parts`, () => {
    let store: EventStore
    beforeEach(async () => {
      store = await openEmpty()
    })
    afterEach(async () => {
      await store.close()
    })
    const fill = (stream: StreamId, ...bounds: readonly (readonly [number, number])[]): Promise<void> =>
      fillStore(store, stream, bounds)
    const spans = (from?: number, to?: number): Promise<readonly (readonly [number, number])[]> =>
      chunkSpans(store, STREAM, { from, to })
    const partsIn = async (from?: number, to?: number, most?: number): Promise<readonly string[]> => {
      const parts = await store.parts(STREAM, { from, to }, most)
      return parts.map((part) => `${part.kind} ${String(firstSeqOf(part))}-${String(lastSeqOf(part))}`)
    }
    const chunksOf = (...bounds: readonly (readonly [number, number])[]): readonly Chunk[] =>
      bounds.map(([from, to]) => sampleChunk(STREAM, from, to))

    it('tells the parts of the log that touch a range, as many as are asked for', async () => {
      expect(await partsIn()).toEqual([])
      await fill(STREAM, [1, 5], [6, 9], [10, 20])
      await fill('coinbase:BTC-USDT', [1, 4])
      const all = ['chunk 1-5', 'chunk 6-9', 'chunk 10-20']
      expect(await partsIn()).toEqual(all)
      expect(await partsIn(5, 6)).toEqual(all.slice(0, 2))
      expect(await partsIn(6, undefined, 1)).toEqual(all.slice(1, 2))
      expect(await partsIn(21)).toEqual([])
      expect(await partsIn(9, 5)).toEqual([])
      const [part] = await store.parts(STREAM)
      expect(part).toEqual({ kind: 'chunk', header: sampleChunk(STREAM, 1, 5).header })
    })

    it('puts a header in the place of the same chunk’s, and no other', async () => {
      await fill(STREAM, [1, 5], [6, 9])
      const judged = sampleChunk(STREAM, 6, 9, 0, { ...emptyVerdict, decoderVersion: 2, events: 7 }).header
      expect(await store.putHeader(judged)()).toEqual(DONE)
      expect(await store.headers(STREAM)).toEqual([sampleChunk(STREAM, 1, 5).header, judged])
      for (const other of [
        sampleChunk(STREAM, 6, 9, 1).header,
        sampleChunk(STREAM, 6, 8).header,
        { ...judged, chainBefore: CHAIN_START },
        { ...judged, chainBlock: 'a'.repeat(64) },
      ])
        expect(kindOf(await store.putHeader(other)())).toBe('unavailable')
      expect(kindOf(await store.putHeader(sampleChunk(STREAM, 10, 12).header)())).toBe('damaged')
      expect((await store.headers(STREAM))[1]).toEqual(judged)
    })

    it('puts a tombstone in the place of whole chunks, and the log goes on behind it', async () => {
      const chunks = chunksOf([1, 5], [6, 9], [10, 20], [21, 30])
      for (const chunk of chunks) await store.append(chunk)()
      for (const seq of [5, 6, 15, 20, 25]) await store.putKeyframe(keyframeAt(seq))()
      const tombstone = tombstoneOf(chunks.slice(1, 3))
      expect(await store.bury(tombstone)()).toEqual(DONE)
      expect(await store.bury(tombstone)()).toEqual(DONE)
      expect(await partsIn()).toEqual(['chunk 1-5', 'hole 6-20', 'chunk 21-30'])
      expect((await store.parts(STREAM))[1]).toEqual({ kind: 'hole', tombstone })
      expect(await spans()).toEqual([
        [1, 5],
        [21, 30],
      ])
      expect(await spans(7, 19)).toEqual([])
      expect(await partsIn(7, 19)).toEqual(['hole 6-20'])
      expect((await failureOf(store.payload(STREAM, 6)))?.kind).toBe('damaged')
      expect((await store.keyframes(STREAM)).map(({ seq }) => seq)).toEqual([5, 20, 25])
      expect(await store.quarantined(STREAM)).toEqual([])
      expect(await store.append(sampleChunk(STREAM, 31, 32))()).toEqual(DONE)
      expect(kindOf(await store.append(sampleChunk(STREAM, 6, 9))())).toBe('does-not-follow')
      expect(kindOf(await store.replace(sampleChunk(STREAM, 1, 30))())).toBe('unavailable')
    })

    it('keeps its place behind a tombstone at the end, and a stream that is all tombstone', async () => {
      const chunks = chunksOf([1, 5], [6, 9])
      for (const chunk of chunks) await store.append(chunk)()
      expect(await store.bury(tombstoneOf(chunks))()).toEqual(DONE)
      expect(await store.streams()).toEqual([STREAM])
      expect(await store.lastSeq(STREAM)).toBe(9)
      expect(await store.append(sampleChunk(STREAM, 10, 12))()).toEqual(DONE)
      expect(await partsIn()).toEqual(['hole 1-9', 'chunk 10-12'])
    })

    it('refuses a tombstone that is not exactly in the place of whole chunks', async () => {
      const chunks = chunksOf([1, 5], [6, 9], [10, 20])
      for (const chunk of chunks) await store.append(chunk)()
      const whole = tombstoneOf(chunks.slice(1, 2))
      for (const changes of [
        { firstSeq: 7 },
        { firstSeq: 5 },
        { lastSeq: 8 },
        { lastSeq: 12 },
        { headBefore: 'a'.repeat(64) },
        { headAfter: 'a'.repeat(64) },
        { kind: 'damaged' },
        { firstSeq: 21, lastSeq: 30 },
        { stream: OTHER },
      ] as const)
        expect(kindOf(await store.bury({ ...whole, ...changes })())).toBe('unavailable')
      expect(await partsIn()).toEqual(['chunk 1-5', 'chunk 6-9', 'chunk 10-20'])
    })

    it('puts parts aside with their bytes, and a tombstone in their place', async () => {
      const chunks = chunksOf([1, 5], [6, 9], [10, 20], [21, 30])
      for (const chunk of chunks) await store.append(chunk)()
      await store.putKeyframe(keyframeAt(15))()
      const tombstone = tombstoneOf(chunks.slice(1, 3), { kind: 'damaged' })
      expect(await store.quarantine(STREAM, [6, 10], tombstone)()).toEqual(DONE)
      expect(await partsIn()).toEqual(['chunk 1-5', 'hole 6-20', 'chunk 21-30'])
      const aside = await store.quarantined(STREAM)
      expect(aside.map(({ number, firstSeq }) => [number, firstSeq])).toEqual([
        [1, 6],
        [2, 10],
      ])
      const kept = await store.quarantinedChunk(STREAM, 2)
      expect(Buffer.compare(kept.payload, chunks[2]?.payload ?? Buffer.of())).toBe(0)
      expect(kept).toMatchObject(aside[1] ?? {})
      expect(kept.header.length).toBe(aside[1]?.headerBytes)
      expect((await store.keyframes(STREAM)).map(({ seq }) => seq)).toEqual([15])
      expect((await failureOf(store.quarantinedChunk(STREAM, 3)))?.kind).toBe('unavailable')
      expect(await store.quarantined(OTHER)).toEqual([])
      const last = tombstoneOf(chunks.slice(3), { kind: 'damaged', restartsChain: true })
      expect(await store.quarantine(STREAM, [21], last)()).toEqual(DONE)
      expect(await store.lastSeq(STREAM)).toBe(30)
      const unused = { ...last, kind: 'unused', firstSeq: 31, lastSeq: 40 } as const
      expect(await store.quarantine(STREAM, [], unused)()).toEqual(DONE)
      expect(await store.lastSeq(STREAM)).toBe(40)
      expect((await store.quarantined(STREAM)).map(({ number }) => number)).toEqual([1, 2, 3])
    })

    it('puts nothing aside when the tombstone would hide sound parts, or leave a hole unnoted', async () => {
      const chunks = chunksOf([1, 5], [6, 9], [10, 20])
      for (const chunk of chunks) await store.append(chunk)()
      const damaged = tombstoneOf(chunks.slice(1, 2), { kind: 'damaged' })
      for (const [firstSeqs, changes] of [
        [[], {}],
        [[6], { lastSeq: 12 }],
        [[6], { firstSeq: 3 }],
        [[6], { lastSeq: 8 }],
        [[6], { kind: 'deleted' }],
        [[10], { firstSeq: 22, lastSeq: 30 }],
      ] as const)
        expect(isLeft(await store.quarantine(STREAM, firstSeqs, { ...damaged, ...changes })())).toBe(true)
      expect(kindOf(await store.quarantine(STREAM, [6, 7], undefined)())).toBe('damaged')
      expect(await partsIn()).toEqual(['chunk 1-5', 'chunk 6-9', 'chunk 10-20'])
      expect(await store.quarantined(STREAM)).toEqual([])
    })

    it('puts two chunks in the place of the one that holds their entries', async () => {
      for (const chunk of chunksOf([1, 5], [6, 20], [21, 30])) await store.append(chunk)()
      for (const seq of [5, 9, 20]) await store.putKeyframe(keyframeAt(seq))()
      const first = sampleChunk(STREAM, 6, 9)
      const second = sampleChunk(STREAM, 10, 20)
      expect(await store.split(first, second)()).toEqual(DONE)
      expect(await store.split(first, second)()).toEqual(DONE)
      expect(await partsIn()).toEqual(['chunk 1-5', 'chunk 6-9', 'chunk 10-20', 'chunk 21-30'])
      expect((await store.headers(STREAM)).slice(1, 3)).toEqual([first.header, second.header])
      for (const { header, payload } of [first, second])
        expect(Buffer.compare(await store.payload(STREAM, header.firstSeq), payload)).toBe(0)
      expect((await store.keyframes(STREAM)).map(({ seq }) => seq)).toEqual([5, 9, 20])
      // The last one too, and what was split is put together again.
      expect(await store.split(sampleChunk(STREAM, 21, 21), sampleChunk(STREAM, 22, 30))()).toEqual(DONE)
      expect(await store.lastSeq(STREAM)).toBe(30)
      expect(await store.append(sampleChunk(STREAM, 31, 32))()).toEqual(DONE)
      expect(await store.replace(sampleChunk(STREAM, 6, 32))()).toEqual(DONE)
      expect(await partsIn()).toEqual(['chunk 1-5', 'chunk 6-32'])
    })

    it('splits once at most when many split at once, who may get in each other’s way', async () => {
      await fill(STREAM, [1, 5], [6, 20])
      const halves = [sampleChunk(STREAM, 6, 9), sampleChunk(STREAM, 10, 20)] as const
      const results = await Promise.all(Array.from({ length: 4 }, async () => await store.split(...halves)()))
      for (const result of results) expect(['done', 'unavailable']).toContain(kindOf(result))
      expect(await store.split(...halves)()).toEqual(DONE)
      expect(await partsIn()).toEqual(['chunk 1-5', 'chunk 6-9', 'chunk 10-20'])
      for (const { header, payload } of halves)
        expect(Buffer.compare(await store.payload(STREAM, header.firstSeq), payload)).toBe(0)
    })

    it('refuses to split what does not hold exactly these entries', async () => {
      await fill(STREAM, [1, 5], [6, 20])
      for (const [first, second] of [
        [sampleChunk(STREAM, 6, 9), sampleChunk(STREAM, 10, 19)],
        [sampleChunk(STREAM, 7, 9), sampleChunk(STREAM, 10, 20)],
        [sampleChunk(STREAM, 6, 8), sampleChunk(STREAM, 10, 20)],
        [sampleChunk(STREAM, 1, 3), sampleChunk(STREAM, 4, 20)],
        [sampleChunk(STREAM, 6, 9, 1), sampleChunk(STREAM, 10, 20, 1)],
        [sampleChunk(STREAM, 21, 22), sampleChunk(STREAM, 23, 24)],
        [sampleChunk(OTHER, 1, 2), sampleChunk(OTHER, 3, 5)],
      ] as const)
        expect(kindOf(await store.split(first, second)())).toBe('unavailable')
      expect(await partsIn()).toEqual(['chunk 1-5', 'chunk 6-20'])
      expect(await store.streams()).toEqual([STREAM])
    })

    it('buries holes with the chunks between and beside them', async () => {
      const chunks = chunksOf([1, 5], [6, 9], [10, 20], [21, 30], [31, 40])
      for (const chunk of chunks) await store.append(chunk)()
      expect(
        await store.quarantine(STREAM, [10], tombstoneOf(chunks.slice(2, 3), { kind: 'damaged' }))(),
      ).toEqual(DONE)
      expect(await store.bury(tombstoneOf(chunks.slice(0, 1)))()).toEqual(DONE)
      expect(await partsIn()).toEqual(['hole 1-5', 'chunk 6-9', 'hole 10-20', 'chunk 21-30', 'chunk 31-40'])
      const whole = tombstoneOf(chunks.slice(0, 4))
      expect(kindOf(await store.bury({ ...whole, headBefore: 'a'.repeat(64) })())).toBe('unavailable')
      expect(kindOf(await store.bury({ ...whole, lastSeq: 29 })())).toBe('unavailable')
      expect(await store.bury(whole)()).toEqual(DONE)
      expect(await store.bury(whole)()).toEqual(DONE)
      expect(await partsIn()).toEqual(['hole 1-30', 'chunk 31-40'])
      expect((await store.parts(STREAM))[0]).toEqual({ kind: 'hole', tombstone: whole })
      expect((await store.quarantined(STREAM)).map(({ firstSeq }) => firstSeq)).toEqual([10])
      expect(await store.append(sampleChunk(STREAM, 41, 42))()).toEqual(DONE)
    })

    it('drops a keyframe, and does not mind when there is none', async () => {
      for (const seq of [5, 9]) await store.putKeyframe(keyframeAt(seq))()
      expect(await store.dropKeyframe(STREAM, 5)()).toEqual(DONE)
      expect(await store.dropKeyframe(STREAM, 5)()).toEqual(DONE)
      expect((await store.keyframes(STREAM)).map(({ seq }) => seq)).toEqual([9])
      expect((await failureOf(store.keyframe(STREAM, 5)))?.kind).toBe('damaged')
      expect(await store.damagedKeyframes(STREAM)).toEqual([])
    })
  })
}
