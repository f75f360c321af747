import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { encodeKeyframe } from '../../src/codec/keyframe.ts'
import type { Chunk, ChunkHeader } from '../../src/log/chunk.ts'
import type { EventStore } from '../../src/log/event-store.ts'
import { BookKeeper } from '../../src/replay/book-keeper.ts'
import { verifyStream } from '../../src/replay/verify.ts'
import { toyManifest, toyRecords, toySnapshot, toyTime } from '../support/toy-records.ts'
import { toyStore } from '../support/toy-store.ts'
import { toyVenue } from '../support/toy-venue.ts'

const { stream } = toyManifest
const later = ['open b3 bid 10050 4', 'reduce b3 1', 'end'] as const

const verify = async (store: EventStore): ReturnType<typeof verifyStream> =>
  await verifyStream(store, stream, toyVenue)

/** The same store with one chunk read otherwise than it was written. */
const tampered = (store: EventStore, change: (chunk: Chunk) => Chunk): EventStore => ({
  ...store,
  headers: async (...words) => {
    const headers = await store.headers(...words)
    return await Promise.all(
      headers.map(
        async (header): Promise<ChunkHeader> =>
          change({ header, payload: await store.payload(stream, header.firstSeq) }).header,
      ),
    )
  },
  payload: async (_stream, firstSeq) => {
    const headers = await store.headers(stream)
    const header = headers.find((candidate) => candidate.firstSeq === firstSeq)
    if (header === undefined) throw new Error('no such chunk')
    return change({ header, payload: await store.payload(stream, firstSeq) }).payload
  },
})

const onlySecond =
  (change: (chunk: Chunk) => Chunk) =>
  (chunk: Chunk): Chunk =>
    chunk.header.firstSeq === 1 ? chunk : change(chunk)

describe('verifyStream', () => {
  it('finds nothing wrong with what was written', async () => {
    const proof = await verify(await toyStore(toySnapshot, later))
    expect(proof).toMatchObject({ ok: true, entries: 10, chunks: 2, problems: [] })
    expect(proof.head).toMatch(/^[0-9a-f]{64}$/)
  })

  it('reports a loss that the recorder noticed', async () => {
    const proof = await verify(await toyStore([...toySnapshot, 'gap']))
    expect(proof).toMatchObject({ ok: false, problems: [{ kind: 'venue-sequence', seq: 8 }] })
  })

  it('reports a flipped byte of a payload', async () => {
    const store = tampered(
      await toyStore(toySnapshot, later),
      onlySecond(({ header, payload }) => ({
        header,
        payload: payload.map((byte, at) => (at === 20 ? byte ^ 1 : byte)),
      })),
    )
    expect((await verify(store)).problems).toMatchObject([{ kind: 'damaged-chunk', seq: 8 }])
  })

  it('reports entries that are missing between chunks', async () => {
    const whole = await toyStore(toySnapshot, later, ['end'])
    const store = {
      ...whole,
      headers: async () => (await whole.headers(stream)).filter(({ firstSeq }) => firstSeq !== 8),
    }
    expect((await verify(store)).problems).toMatchObject([{ kind: 'missing-entries', seq: 11 }])
  })

  it('reports a chunk put there from another stream', async () => {
    const other = await toyStore(toySnapshot, ['open b3 bid 10051 4', 'reduce b3 1', 'end'])
    const [, foreign] = await other.headers(stream)
    if (foreign === undefined) throw new Error('no second chunk')
    const payload = await other.payload(stream, foreign.firstSeq)
    const store = tampered(
      await toyStore(['snapshot', 'open b1 bid 10001 500', ...toySnapshot.slice(2)], later),
      onlySecond(() => ({ header: foreign, payload })),
    )
    expect((await verify(store)).problems).toMatchObject([{ kind: 'chain-broken', seq: 8 }])
  })

  it('reports a verdict that replay does not give', async () => {
    const store = tampered(
      await toyStore(toySnapshot, later),
      onlySecond(({ header, payload }) => ({
        header: { ...header, verdict: { ...header.verdict, trades: 7 } },
        payload,
      })),
    )
    expect((await verify(store)).problems).toMatchObject([{ kind: 'verdict-differs', seq: 8 }])
  })

  it('accepts a keyframe that equals the replay and reports one that does not', async () => {
    const store = await toyStore(toySnapshot, later)
    const keeper = new BookKeeper(toyVenue)
    keeper.applyRecords(toyRecords(toySnapshot))
    const content = { stream, receiveTime: toyTime(7), decoderVersion: 1, state: keeper.save() }
    expect(isLeft(await store.putKeyframe(encodeKeyframe({ ...content, seq: 7 }))())).toBe(false)
    expect(await verify(store)).toMatchObject({ ok: true, keyframes: 1 })
    expect(isLeft(await store.putKeyframe(encodeKeyframe({ ...content, seq: 9 }))())).toBe(false)
    expect((await verify(store)).problems).toMatchObject([{ kind: 'keyframe-differs', seq: 9 }])
  })
})
