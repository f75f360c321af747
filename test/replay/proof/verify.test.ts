import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { encodeKeyframe } from '../../../src/codec/keyframe.ts'
import type { ChunkHeader } from '../../../src/log/chunk.ts'
import type { EventStore } from '../../../src/log/event-store.ts'
import type { LogPart } from '../../../src/log/tombstone.ts'
import { BookKeeper } from '../../../src/replay/keeper/book-keeper.ts'
import { type StreamProof, verifyStream } from '../../../src/replay/proof/verify.ts'
import {
  flippedAt,
  newerToyVenue,
  proofStore,
  tampered,
  toyLines,
  unreadableAt,
} from '../../support/proof-stores.ts'
import { tombstoneOf } from '../../support/tombstones.ts'
import { toyManifest, toyRecords, toySnapshot, toyTime } from '../../support/toy-records.ts'
import { toyStore } from '../../support/toy-store.ts'
import { toyVenue } from '../../support/toy-venue.ts'

const { stream } = toyManifest
const later = ['open b3 bid 10050 4', 'reduce b3 1', 'end'] as const

const verify = async (store: EventStore, venue = toyVenue): Promise<StreamProof> =>
  await verifyStream(store, stream, venue)

/** Entries 1 … 4000 in eight chunks of 500, a snapshot every 1500 entries. */
const lines = toyLines(4000, 1500)
const ends = [500, 1000, 1500, 2000, 2500, 3000, 3500, 4000]
const wholeStore = async (keyframes: readonly number[] = []): Promise<EventStore> =>
  await proofStore(lines, ends, keyframes)

const changedHeader =
  (at: number, change: (header: ChunkHeader) => ChunkHeader) =>
  (part: LogPart): LogPart =>
    part.kind === 'chunk' && part.header.firstSeq === at ? { ...part, header: change(part.header) } : part

describe('verifyStream', () => {
  it('finds nothing wrong with what was written', async () => {
    const proof = await verify(await wholeStore([1700, 3000]))
    expect(proof).toMatchObject({
      ok: true,
      entries: 4000,
      chunks: 8,
      keyframes: 2,
      problems: [],
      holes: [],
      unproven: 0,
      outdated: { chunks: 0, keyframes: 0 },
      lastSeq: 4000,
    })
    expect(proof.head).toMatch(/^[0-9a-f]{64}$/)
  })

  it('reports a loss that the recorder noticed', async () => {
    const proof = await verify(await toyStore([...toySnapshot, 'gap']))
    expect(proof).toMatchObject({ ok: false, problems: [{ kind: 'venue-sequence', seq: 8 }] })
  })

  it('reports a flipped byte of a payload, and goes on behind it', async () => {
    const store = tampered(await wholeStore(), { payload: flippedAt(501) })
    const proof = await verify(store)
    expect(proof).toMatchObject({ ok: false, chunks: 7, entries: 3500, lastSeq: 4000 })
    expect(proof.problems).toMatchObject([{ kind: 'damaged-chunk', seq: 501 }])
    expect(proof.problems[0]?.detail).toMatch(/^The chunk of entries 501 to 1000 is damaged: .*\.$/)
    expect(proof.head).toBe((await verify(await wholeStore())).head)
  })

  it('reports every bad chunk, not only the first', async () => {
    const base = await wholeStore([2600])
    const store = tampered(base, {
      payload: (firstSeq, payload) => flippedAt(501)(firstSeq, flippedAt(2001)(firstSeq, payload)),
      part: changedHeader(3001, (header) => ({ ...header, verdict: { ...header.verdict, trades: 7_000 } })),
    })
    expect((await verify(store)).problems).toMatchObject([
      { kind: 'damaged-chunk', seq: 501 },
      { kind: 'damaged-chunk', seq: 2001 },
      { kind: 'verdict-differs', seq: 3001 },
    ])
  })

  it('counts what the chain cannot prove behind a hole, and proves all behind the next end of a block', async () => {
    const store = tampered(await wholeStore(), { payload: flippedAt(501) })
    // Entries 1001 to 1024 stand in the block that the hole lies in.
    expect((await verify(store)).unproven).toBe(24)
    const other = tampered(store, {
      part: changedHeader(2501, (header) => ({ ...header, chainBlock: 'a'.repeat(64) })),
    })
    expect((await verify(other)).problems).toMatchObject([
      { kind: 'damaged-chunk', seq: 501 },
      { kind: 'chain-broken', seq: 2501 },
    ])
  })

  it('reports a header that cannot be read, and goes on behind it', async () => {
    const proof = await verify(tampered(await wholeStore(), { part: unreadableAt(1001) }))
    expect(proof).toMatchObject({ chunks: 7, lastSeq: 4000 })
    expect(proof.problems).toMatchObject([{ kind: 'damaged-chunk', seq: 1001 }])
  })

  it('reports entries that are missing between chunks', async () => {
    const isOther = (part: LogPart): boolean => part.kind !== 'chunk' || part.header.firstSeq !== 1001
    const store = tampered(await wholeStore(), { part: (part) => (isOther(part) ? part : undefined) })
    const { problems } = await verify(store)
    expect(problems).toMatchObject([{ kind: 'missing-entries', seq: 1001 }])
    expect(problems[0]?.detail).toContain('entries 1001 to 1500')
  })

  it('reports a chunk put there from another stream', async () => {
    const other = await proofStore(toyLines(4000, 1400), ends)
    const base = await wholeStore()
    const [foreign] = await other.headers(stream, { from: 1501, to: 1501 })
    if (foreign === undefined) throw new Error('no such chunk')
    const store: EventStore = {
      ...tampered(base, { part: changedHeader(1501, () => foreign) }),
      payload: async (name, seq) => await (seq === 1501 ? other : base).payload(name, seq),
    }
    expect((await verify(store)).problems).toMatchObject([{ kind: 'chain-broken', seq: 1501 }])
    const relinked = { ...foreign }
    const [own] = await base.headers(stream, { from: 1501, to: 1501 })
    if (own === undefined) throw new Error('no such chunk')
    const forged = { ...relinked, chainBefore: own.chainBefore, chainAfter: own.chainAfter }
    const cunning: EventStore = { ...store, ...tampered(store, { part: changedHeader(1501, () => forged) }) }
    const problems = (await verify({ ...cunning, payload: store.payload })).problems
    expect(problems).toMatchObject([{ kind: 'chain-broken', seq: 1501 }])
  })

  it('reports chunks in exchanged places and one that is there twice', async () => {
    const headers = await (await wholeStore()).headers(stream)
    const [, second, third] = headers
    if (second === undefined || third === undefined) throw new Error('no chunks')
    const swapped = tampered(await wholeStore(), {
      payload: (firstSeq, payload) => (firstSeq === 501 ? payload.slice().reverse() : payload),
    })
    expect((await verify(swapped)).problems).toMatchObject([{ kind: 'damaged-chunk', seq: 501 }])
    const base = await wholeStore()
    const twice: EventStore = {
      ...base,
      parts: async (...words) =>
        (await base.parts(...words)).flatMap((part) =>
          part.kind === 'chunk' && part.header.firstSeq === 501 ? [part, part] : [part],
        ),
    }
    expect((await verify(twice)).problems).toMatchObject([{ kind: 'damaged-chunk', seq: 501 }])
  })

  it('reports a verdict that replay does not give', async () => {
    const store = tampered(await toyStore(toySnapshot, later), {
      part: changedHeader(8, (header) => ({ ...header, verdict: { ...header.verdict, trades: 7 } })),
    })
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
    expect(isLeft(await store.putKeyframe(encodeKeyframe({ ...content, seq: 99 }))())).toBe(false)
    expect((await verify(store)).problems).toMatchObject([
      { kind: 'keyframe-differs', seq: 9 },
      { kind: 'keyframe-differs', seq: 99 },
    ])
  })

  it('names a damaged keyframe and one whose note cannot be read', async () => {
    const base = await wholeStore([700, 2700])
    const store: EventStore = {
      ...base,
      damagedKeyframes: async () =>
        await Promise.resolve([{ seq: 1200, detail: 'the note of its keyframe is wrong.' }]),
      keyframe: async (name, seq) => {
        const keyframe = await base.keyframe(name, seq)
        return seq === 700 ? { ...keyframe, payload: flippedAt(1)(1, keyframe.payload) } : keyframe
      },
    }
    expect((await verify(store)).problems).toMatchObject([
      { kind: 'keyframe-differs', seq: 1200 },
      { kind: 'keyframe-differs', seq: 700 },
    ])
  })

  it('compares nothing that another version of the decoder judged', async () => {
    const proof = await verify(await wholeStore([700]), newerToyVenue)
    expect(proof).toMatchObject({ ok: true, outdated: { chunks: 8, keyframes: 1 }, keyframes: 0 })
  })

  it('passes over deleted entries, whose note continues the chain', async () => {
    const base = await wholeStore()
    const headers = await base.headers(stream)
    const [third] = headers.filter(({ firstSeq }) => firstSeq === 1001)
    if (third === undefined) throw new Error('no third chunk')
    const { head } = await verify(base)
    expect(isLeft(await base.bury(tombstoneOf(third))())).toBe(false)
    const proof = await verify(base)
    expect(proof).toMatchObject({
      ok: true,
      head,
      holes: [{ kind: 'deleted', firstSeq: 1001, lastSeq: 1500 }],
      // Entries 1501 to 2048, where the block ends that the hole reaches into.
      unproven: 548,
    })
    const forged = tampered(base, {
      part: (part) =>
        part.kind === 'hole'
          ? { ...part, tombstone: tombstoneOf(third, { headBefore: 'b'.repeat(64) }) }
          : part,
    })
    expect((await verify(forged)).problems).toMatchObject([{ kind: 'chain-broken', seq: 1001 }])
    const other = tampered(base, {
      part: (part) =>
        part.kind === 'hole'
          ? { ...part, tombstone: tombstoneOf(third, { headAfter: 'b'.repeat(64) }) }
          : part,
    })
    expect((await verify(other)).problems).toMatchObject([{ kind: 'chain-broken', seq: 1501 }])
  })
})

describe('the head that was noted', () => {
  const check = async (store: EventStore, head: string, seq?: number): Promise<readonly string[]> => {
    const proof = await verifyStream(store, stream, toyVenue, { expected: { head, seq } })
    return proof.problems.map(({ kind }) => kind)
  }

  it('is that of the whole log, or of any entry in it', async () => {
    const store = await wholeStore()
    const { head } = await verify(store)
    expect(await check(store, head)).toEqual([])
    expect(await check(store, head, 4000)).toEqual([])
    for (const seq of [1, 499, 500, 1023, 1024, 1025, 2777]) {
      const cut = await proofStore(lines.slice(0, seq - 1), [seq])
      const { head: earlier } = await verify(cut)
      expect(await check(store, earlier, seq)).toEqual([])
      expect(await check(store, earlier)).toEqual(['head-differs'])
      expect(await check(store, earlier, seq === 1 ? 2 : seq - 1)).toEqual(['head-differs'])
    }
  })

  it('shows a tail that was cut off', async () => {
    const { head } = await verify(await wholeStore())
    const cut = await proofStore(lines, ends.slice(0, -1))
    expect(await check(cut, head)).toEqual(['head-differs'])
    expect(await check(cut, head, 4000)).toEqual(['head-differs'])
    expect((await verify(cut)).ok).toBe(true)
  })
})
