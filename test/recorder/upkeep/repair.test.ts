import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { CHAIN_START } from '../../../src/log/chain.ts'
import { EntryCursor } from '../../../src/log/entry.ts'
import type { EventStore } from '../../../src/log/event-store.ts'
import type { LogPart } from '../../../src/log/tombstone.ts'
import { planRepair, repair } from '../../../src/recorder/upkeep/repair.ts'
import { BookKeeper } from '../../../src/replay/keeper/book-keeper.ts'
import { playMerged } from '../../../src/replay/merge.ts'
import type { ReplayRange } from '../../../src/replay/position.ts'
import { streamInfo } from '../../../src/replay/proof/stream-info.ts'
import { verifyStream } from '../../../src/replay/proof/verify.ts'
import { StreamPlayer } from '../../../src/replay/reading/stream-player.ts'
import { flippedAt, proofStore, tampered, toyLines, unreadableAt } from '../../support/proof-stores.ts'
import { recordOn, resumed } from '../../support/recording-on.ts'
import { toyManifest, toyRecords, toySnapshot, toyTime } from '../../support/toy-records.ts'
import { toyVenue } from '../../support/toy-venue.ts'

const { stream } = toyManifest
/** A snapshot at entries 2, 1502, 3002. */
const lines = toyLines(4000, 1500)
const ends = [500, 1000, 1500, 2000, 2500, 3000, 3500, 4000]

const repaired = async (store: EventStore): Promise<void> => {
  await repair(store, await planRepair(store, stream))
}

const playedTo = async (store: EventStore, range: ReplayRange = {}): Promise<StreamPlayer> => {
  const player = new StreamPlayer({ store, stream, venue: toyVenue, range })
  await player.seek()
  await playMerged([player], {})
  return player
}

const problemsOf = async (store: EventStore): Promise<readonly string[]> =>
  (await verifyStream(store, stream, toyVenue)).problems.map(({ kind, seq }) => `${kind} ${String(seq)}`)

describe('repair', () => {
  it('finds nothing to do where nothing is damaged', async () => {
    expect(await planRepair(await proofStore(lines, ends), stream)).toEqual([])
  })

  it('puts a damaged chunk aside, and everything behind it can be used', async () => {
    const base = await proofStore(lines, ends)
    const whole = await verifyStream(base, stream, toyVenue)
    const store = tampered(base, { payload: flippedAt(501) })
    await expect(playedTo(store)).rejects.toThrow(/damaged at entry 501/)
    await repaired(store)
    const proof = await verifyStream(store, stream, toyVenue)
    expect(proof.problems).toMatchObject([{ kind: 'quarantined', seq: 501 }])
    expect(proof).toMatchObject({
      chunks: 7,
      head: whole.head,
      holes: [{ kind: 'damaged', firstSeq: 501, lastSeq: 1000 }],
    })
    expect(await planRepair(store, stream)).toEqual([])
    const player = await playedTo(store)
    expect(player.keeper.digest()).toEqual((await playedTo(await proofStore(lines, ends))).keeper.digest())
    const info = await streamInfo(store, stream)
    expect(info.holes).toMatchObject([{ kind: 'damaged', firstSeq: 501, lastSeq: 1000 }])
    expect(info.quarantined).toMatchObject([{ number: 1, firstSeq: 501 }])
    const aside = await base.quarantinedChunk(stream, 1)
    expect(aside.payload.length).toBe(aside.payloadBytes)
  })

  it('leaves the book invalid until the next snapshot, and says why', async () => {
    const store = tampered(await proofStore(lines, ends), { payload: flippedAt(501) })
    await repaired(store)
    const stateAt = async (seq: number): Promise<string> => {
      const { valid, reason } = (await playedTo(store, { to: { kind: 'seq', seq } })).keeper.summary()
      return valid ? 'valid' : String(reason)
    }
    expect(await stateAt(500)).toBe('valid')
    for (const seq of [501, 700, 1000, 1001, 1499]) expect(await stateAt(seq)).toBe('missing-entries')
    expect(await stateAt(1500)).toBe('missing-entries')
    expect(await stateAt(1510)).toBe('valid')
    const byTime = await playedTo(store, { to: { kind: 'time', time: toyTime(700) } })
    expect(byTime.keeper.summary()).toMatchObject({ valid: false, reason: 'missing-entries' })
    const before = await playedTo(store, { to: { kind: 'time', time: toyTime(499) } })
    expect(before.keeper.summary().valid).toBe(true)
    expect((await playedTo(store)).keeper.summary().gaps).toBe(0)
  })

  it('knows the book again at the next keyframe, from wherever the replay begins', async () => {
    const store = tampered(await proofStore(lines, ends, [300, 1100, 2600]), { payload: flippedAt(501) })
    await repaired(store)
    for (const seq of [1100, 1101, 1400, 2700]) {
      const direct = new BookKeeper(toyVenue)
      direct.applyRecords(toyRecords(lines.slice(0, seq - 1)))
      const to = { kind: 'seq', seq } as const
      expect((await playedTo(store, { to })).keeper.digest()).toEqual(direct.digest())
      expect((await playedTo(store, { from: to, to })).keeper.digest()).toEqual(direct.digest())
      expect((await playedTo(store, { to })).keeper.summary().valid).toBe(true)
    }
    expect(await problemsOf(store)).toEqual(['quarantined 501'])
  })

  it('handles headers that cannot be read, chunks that are gone, and several in a row', async () => {
    const base = await proofStore(lines, ends)
    const isGone = (part: LogPart): boolean => part.kind === 'chunk' && part.header.firstSeq === 2501
    const store = tampered(base, {
      payload: (firstSeq, payload) => flippedAt(1501)(firstSeq, flippedAt(2001)(firstSeq, payload)),
      part: (part) => (isGone(part) ? undefined : unreadableAt(1001)(part)),
    })
    expect(await problemsOf(store)).toEqual([
      'damaged-chunk 1001',
      'damaged-chunk 1501',
      'damaged-chunk 2001',
      'missing-entries 2501',
    ])
    const [step, ...others] = await planRepair(store, stream)
    expect(others).toEqual([])
    expect(step).toMatchObject({
      firstSeqs: [1001, 1501, 2001],
      tombstone: { kind: 'damaged', firstSeq: 1001, lastSeq: 3000, restartsChain: false },
    })
  })

  it('handles the first chunk and the last one, behind which recording goes on', async () => {
    const store = tampered(await proofStore(lines, ends), {
      payload: (firstSeq, payload) => flippedAt(1)(firstSeq, flippedAt(3501)(firstSeq, payload)),
    })
    await repaired(store)
    expect(await problemsOf(store)).toEqual(['quarantined 1', 'quarantined 3501'])
    expect(await store.lastSeq(stream)).toBe(4000)
    await recordOn(store, 30)
    expect(await problemsOf(store)).toEqual(['quarantined 1', 'quarantined 3501'])
    const proof = await verifyStream(store, stream, toyVenue)
    expect(proof).toMatchObject({ entries: 3000 + 30 * 40, lastSeq: 4000 + 30 * 40 })
    // Behind the first hole only: the chain began anew behind the one at the end.
    expect(proof.unproven).toBe(1024 - 500)
    expect((await playedTo(store)).keeper.summary().valid).toBe(true)
  })

  it('gives up the rest of the last block where its chain could not go on', async () => {
    const store = tampered(await proofStore(lines, ends), { payload: flippedAt(3001) })
    const plan = await planRepair(store, stream)
    // Entries 3001 to 3500 reach into the block that begins with 3073 and that the log ends in.
    expect(plan.map(({ tombstone }) => [tombstone?.kind, tombstone?.firstSeq, tombstone?.lastSeq])).toEqual([
      ['damaged', 3001, 3500],
      ['unused', 4001, 4096],
    ])
    await repair(store, plan.slice(0, 1))
    await expect(resumed(store)).rejects.toThrow(/bookreel repair/)
    await repaired(store)
    // No entry is missing there: the book is as it was.
    expect((await playedTo(store)).keeper.summary()).toMatchObject({
      reason: 'missing-entries',
      lastSeq: 4000,
    })
    await recordOn(store, 30)
    const proof = await verifyStream(store, stream, toyVenue)
    expect(proof.problems.map(({ kind }) => kind)).toEqual(['quarantined'])
    expect(proof).toMatchObject({ lastSeq: 4096 + 30 * 40, unproven: 500 })
  })

  it('handles a stream of which nothing can be read', async () => {
    const base = await proofStore(lines.slice(0, 99), [100], [100])
    const store = tampered(base, { part: unreadableAt(1) })
    const [step] = await planRepair(store, stream)
    expect(step?.tombstone).toMatchObject({
      firstSeq: 1,
      lastSeq: 100,
      headBefore: CHAIN_START,
      restartsChain: true,
    })
    await repair(store, step === undefined ? [] : [step])
    expect(await problemsOf(store)).toEqual(['quarantined 1'])
    await recordOn(store, 2)
    expect(await problemsOf(store)).toEqual(['quarantined 1'])
  })

  it('puts aside a part that stands where others do, without a hole', async () => {
    const base = await proofStore(lines, ends)
    const asides: unknown[] = []
    const store: EventStore = {
      ...base,
      parts: async (...words) =>
        (await base.parts(...words)).flatMap((part): LogPart[] =>
          part.kind === 'chunk' && part.header.firstSeq === 501
            ? [part, { kind: 'unreadable', firstSeq: 700, detail: 'it is odd.' }]
            : [part],
        ),
      quarantine: (...words) => {
        asides.push(words)
        return base.quarantine(stream, [], undefined)
      },
    }
    await repaired(store)
    expect(asides).toEqual([[stream, [700], undefined]])
  })
})

describe('a hole in the records themselves', () => {
  it('makes the book invalid without any note of it', () => {
    const keeper = new BookKeeper(toyVenue)
    keeper.applyRecords(toyRecords(toySnapshot))
    expect(keeper.summary().valid).toBe(true)
    const cursor = new EntryCursor(toyRecords(['open b3 bid 10050 4'], 20))
    while (cursor.next()) keeper.apply(cursor)
    expect(keeper.summary()).toMatchObject({ valid: false, reason: 'missing-entries', gaps: 0, lastSeq: 20 })
    expect(keeper.takeVerdict().validSpans).toEqual({ listed: [[7, 7]], further: 0 })
  })
})

describe('the parts of a store', () => {
  it('refuse what would hide sound entries', async () => {
    const store = await proofStore(lines, ends)
    const [, second] = await store.headers(stream)
    if (second === undefined) throw new Error('no second chunk')
    expect(isLeft(await store.quarantine(stream, [77], undefined)())).toBe(true)
    expect((await store.parts(stream)).length).toBe(8)
  })
})
