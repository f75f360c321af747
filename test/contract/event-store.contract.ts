/** What every EventStore must do. Each backend's test file runs it. */
import { randomBytes } from 'node:crypto'

import { isLeft, left, right } from 'fp-ts/lib/Either.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { decodeChunk } from '../../src/codec/chunk-format.ts'
import { encodeChunk } from '../../src/codec/chunk-plain.ts'
import { decodeKeyframe, encodeKeyframe } from '../../src/codec/keyframe.ts'
import { CHAIN_START } from '../../src/log/chain.ts'
import { EntryWriter } from '../../src/log/entry.ts'
import type { EventStore } from '../../src/log/event-store.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { microsOf } from '../../src/market/time.ts'
import { chunkSpans, fillStore } from '../support/filled-stores.ts'
import { emptyVerdict, sampleChunk, sampleRecords } from '../support/sample-chunks.ts'
import { failureOf, kindOf } from '../support/store-answers.ts'
import { deletionContract } from './deletion.contract.ts'
import { logPartsContract } from './log-parts.contract.ts'
import { sharingContract } from './sharing.contract.ts'

const STREAM: StreamId = 'coinbase:BTC-USD'
const OTHER: StreamId = 'bitfinex:BTC-USD'
const DONE = right(undefined)

/** `isShared`: several machines may record into the backend. */
export const eventStoreContract = (
  backend: string,
  openEmpty: () => Promise<EventStore>,
  isShared = false,
): void => {
  sharingContract(backend, isShared, openEmpty)
  logPartsContract(backend, openEmpty)
  deletionContract(backend, openEmpty)
  describe(`${backend} as an EventStore`, () => {
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

    it('is empty at first', async () => {
      expect(await store.streams()).toEqual([])
      expect(await store.lastSeq(STREAM)).toBe(0)
      expect(await store.headers(STREAM)).toEqual([])
      expect(await store.keyframes(STREAM)).toEqual([])
    })

    it('gives back headers and payloads as they were given', async () => {
      const chunks = [sampleChunk(STREAM, 1, 10), sampleChunk(STREAM, 11, 2_500)]
      for (const chunk of chunks) expect(await store.append(chunk)()).toEqual(DONE)
      const headers = await store.headers(STREAM)
      expect(headers).toEqual(chunks.map(({ header }) => header))
      for (const header of headers) {
        const payload = await store.payload(STREAM, header.firstSeq)
        const records = decodeChunk(header, payload)
        expect(records).toEqual(right(Buffer.from(sampleRecords(header.firstSeq, header.lastSeq))))
      }
    })

    it('keeps streams apart and names them sorted', async () => {
      await fill(STREAM, [1, 5], [6, 9])
      await fill(OTHER, [1, 3])
      await fill('coinbase:BTC-USDT', [1, 4])
      expect(await store.streams()).toEqual([OTHER, STREAM, 'coinbase:BTC-USDT'])
      expect(await store.lastSeq(STREAM)).toBe(9)
      expect(await store.lastSeq(OTHER)).toBe(3)
      expect(await store.lastSeq('coinbase:BTC')).toBe(0)
      expect(await spans()).toEqual([
        [1, 5],
        [6, 9],
      ])
    })

    it('refuses a chunk that leaves a gap or overlaps', async () => {
      await fill(STREAM, [1, 5], [6, 9])
      for (const [from, to] of [
        [11, 12],
        [9, 12],
        [1, 9],
        [6, 8],
        [3, 4],
      ] as const) {
        const refused = await store.append(sampleChunk(STREAM, from, to))()
        expect(refused).toEqual(left({ kind: 'does-not-follow', expected: 10, found: from }))
      }
      expect(kindOf(await store.append(sampleChunk(OTHER, 2, 3))())).toBe('does-not-follow')
      expect(await store.lastSeq(STREAM)).toBe(9)
      expect(await store.streams()).toEqual([STREAM])
    })

    it('answers the identical chunk again as done, another one at its place as refused', async () => {
      await fill(STREAM, [1, 5], [6, 9], [1, 5], [6, 9])
      expect(await spans()).toEqual([
        [1, 5],
        [6, 9],
      ])
      const different = sampleChunk(STREAM, 6, 9, 1)
      expect(kindOf(await store.append(different)())).toBe('does-not-follow')
    })

    it('stores one chunk once when it is appended many times at once', async () => {
      const chunk = sampleChunk(STREAM, 1, 50)
      const results = await Promise.all(Array.from({ length: 8 }, async () => await store.append(chunk)()))
      expect(results).toEqual(Array.from({ length: 8 }, () => DONE))
      expect(await spans()).toEqual([[1, 50]])
    })

    it('finds the chunks that touch a range', async () => {
      await fill(STREAM, [1, 5], [6, 9], [10, 20])
      await fill('coinbase:BTC-USDT', [1, 4])
      const all = await spans()
      expect(await spans(1, 5)).toEqual(all.slice(0, 1))
      expect(await spans(5, 6)).toEqual(all.slice(0, 2))
      expect(await spans(6)).toEqual(all.slice(1))
      expect(await spans(7, 7)).toEqual(all.slice(1, 2))
      expect(await spans(undefined, 9)).toEqual(all.slice(0, 2))
      expect(await spans(20, 99)).toEqual(all.slice(2))
      expect(await spans(21)).toEqual([])
      expect(await spans(9, 5)).toEqual([])
      expect(await spans(0, 0)).toEqual([])
    })

    it('replaces a run of chunks by one that holds the same entries', async () => {
      await fill(STREAM, [1, 5], [6, 9], [10, 20], [21, 30])
      const merged = sampleChunk(STREAM, 6, 20)
      expect(await store.replace(merged)()).toEqual(DONE)
      expect(await spans()).toEqual([
        [1, 5],
        [6, 20],
        [21, 30],
      ])
      expect(decodeChunk(merged.header, await store.payload(STREAM, 6))).toEqual(
        right(Buffer.from(sampleRecords(6, 20))),
      )
      expect((await failureOf(store.payload(STREAM, 10)))?.kind).toBe('damaged')
      expect(await store.append(sampleChunk(STREAM, 31, 32))()).toEqual(DONE)
    })

    it('answers the identical replacement again as done, also from many at once', async () => {
      await fill(STREAM, [1, 5], [6, 9], [10, 20])
      const merged = sampleChunk(STREAM, 6, 20)
      const results = await Promise.all(Array.from({ length: 6 }, async () => await store.replace(merged)()))
      expect(results).toEqual(Array.from({ length: 6 }, () => DONE))
      expect(await store.replace(merged)()).toEqual(DONE)
      expect(await spans()).toEqual([
        [1, 5],
        [6, 20],
      ])
      expect((await store.headers(STREAM))[1]).toEqual(merged.header)
    })

    it('replaces while others append: all or nothing, and the log goes on behind the last entry', async () => {
      await fill(STREAM, [1, 5], [6, 9])
      const [replaced, appended, other] = await Promise.all([
        store.replace(sampleChunk(STREAM, 1, 9))(),
        store.append(sampleChunk(STREAM, 10, 12))(),
        store.append(sampleChunk(OTHER, 1, 2))(),
      ])
      expect([replaced, appended, other]).toEqual([DONE, DONE, DONE])
      expect(await spans()).toEqual([
        [1, 9],
        [10, 12],
      ])
      expect(await store.replace(sampleChunk(STREAM, 1, 12))()).toEqual(DONE)
      expect(await spans()).toEqual([[1, 12]])
      expect(await spans(7, 7)).toEqual([[1, 12]])
      expect(await store.lastSeq(STREAM)).toBe(12)
      expect(kindOf(await store.append(sampleChunk(STREAM, 10, 12))())).toBe('does-not-follow')
      expect(await store.append(sampleChunk(STREAM, 13, 14))()).toEqual(DONE)
    })

    it('keeps keyframes and other streams when chunks are replaced', async () => {
      await fill(STREAM, [1, 5], [6, 9])
      await fill(OTHER, [1, 5], [6, 9])
      const content = { stream: STREAM, receiveTime: microsOf(5), decoderVersion: 1, state: Buffer.from('s') }
      for (const seq of [3, 5, 9]) await store.putKeyframe(encodeKeyframe({ ...content, seq }))()
      expect(await store.replace(sampleChunk(STREAM, 1, 9))()).toEqual(DONE)
      expect((await store.keyframes(STREAM)).map(({ seq }) => seq)).toEqual([3, 5, 9])
      expect(await store.headers(OTHER)).toHaveLength(2)
    })

    it('replaces a chunk by the same with another verdict', async () => {
      await fill(STREAM, [1, 5], [6, 9])
      const judged = sampleChunk(STREAM, 6, 9, 0, { ...emptyVerdict, decoderVersion: 2, events: 7 })
      expect(await store.replace(judged)()).toEqual(DONE)
      expect((await store.headers(STREAM))[1]).toEqual(judged.header)
    })

    it('refuses to replace what is not exactly covered or differs', async () => {
      await fill(STREAM, [1, 5], [6, 9], [10, 20])
      for (const [from, to] of [
        [6, 8],
        [7, 20],
        [2, 9],
        [6, 21],
        [21, 22],
      ] as const)
        expect(kindOf(await store.replace(sampleChunk(STREAM, from, to))())).toBe('does-not-follow')
      expect(kindOf(await store.replace(sampleChunk(OTHER, 1, 2))())).toBe('does-not-follow')
      expect(kindOf(await store.replace(sampleChunk(STREAM, 6, 9, 3))())).toBe('unavailable')
      expect(await store.streams()).toEqual([STREAM])
      expect(await spans()).toEqual([
        [1, 5],
        [6, 9],
        [10, 20],
      ])
    })

    it('keeps keyframes in order and replaces the one at the same entry', async () => {
      const at = (seq: number, text: string, decoderVersion = 1) =>
        encodeKeyframe({
          stream: STREAM,
          seq,
          receiveTime: microsOf(seq),
          decoderVersion,
          state: Buffer.from(text),
        })
      for (const keyframe of [at(300, 'c'), at(5, 'a'), at(20, 'old'), at(20, 'b', 2)])
        expect(await store.putKeyframe(keyframe)()).toEqual(DONE)
      const references = await store.keyframes(STREAM)
      expect(references.map(({ seq, decoderVersion }) => [seq, decoderVersion])).toEqual([
        [5, 1],
        [20, 2],
        [300, 1],
      ])
      for (const reference of references) expect(reference).not.toHaveProperty('payload')
      const keyframe = await store.keyframe(STREAM, 20)
      expect(keyframe).toMatchObject(references[1] ?? {})
      expect(decodeKeyframe(keyframe)).toEqual(right(Buffer.from('b')))
      expect((await failureOf(store.keyframe(STREAM, 21)))?.kind).toBe('damaged')
      expect(await store.keyframes(OTHER)).toEqual([])
      expect(await store.streams()).toEqual([])
    })

    it('says in a sentence that there is no such chunk', async () => {
      await fill(STREAM, [1, 5])
      const failure = await failureOf(store.payload(STREAM, 2))
      expect(failure).toMatchObject({ kind: 'damaged', stream: STREAM, seq: 2 })
    })

    it('keeps a payload of 20 MB that does not compress', async () => {
      const writer = new EntryWriter()
      const frame = randomBytes(20 * 1024 * 1024)
      writer.append('frame', 1, microsOf(1), 1, frame, true)
      const records = writer.take() ?? new Uint8Array()
      const chain = {
        chainBefore: CHAIN_START,
        chainAfter: CHAIN_START,
        chainFirstBlock: null,
        chainBlock: CHAIN_START,
      }
      const chunk = encodeChunk({ stream: STREAM, records, ...chain, verdict: emptyVerdict })
      expect(await store.append(chunk)()).toEqual(DONE)
      const payload = await store.payload(STREAM, 1)
      expect(Buffer.compare(payload, chunk.payload)).toBe(0)
      const decoded = decodeChunk(chunk.header, payload)
      expect(!isLeft(decoded) && Buffer.compare(decoded.right, records)).toBe(0)
    })

    it('is not changed by what becomes of bytes it was given or gave', async () => {
      const chunk = sampleChunk(STREAM, 1, 5)
      const expected = Buffer.from(chunk.payload)
      await store.append(chunk)()
      chunk.payload.fill(0)
      const given = await store.payload(STREAM, 1)
      expect(Buffer.compare(given, expected)).toBe(0)
      given.fill(0)
      expect(Buffer.compare(await store.payload(STREAM, 1), expected)).toBe(0)
    })
  })
}
