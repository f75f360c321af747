import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { encodeKeyframe } from '../../../src/codec/keyframe.ts'
import { type EventStore, StoreFailure } from '../../../src/log/event-store.ts'
import { microsOf } from '../../../src/market/time.ts'
import { BookKeeper } from '../../../src/replay/keeper/book-keeper.ts'
import { playMerged } from '../../../src/replay/merge.ts'
import type { ReplayRange } from '../../../src/replay/position.ts'
import { streamInfo } from '../../../src/replay/proof/stream-info.ts'
import { StreamPlayer } from '../../../src/replay/reading/stream-player.ts'
import { newMemoryStore } from '../../../src/storage/memory/memory-store.ts'
import { tampered, unreadableAt } from '../../support/proof-stores.ts'
import { toyManifest, toyRecords, toySnapshot, toyTime } from '../../support/toy-records.ts'
import { batchesOf, sealAll } from '../../support/toy-script.ts'
import { toyStore } from '../../support/toy-store.ts'
import { toyVenue } from '../../support/toy-venue.ts'

const { stream } = toyManifest
const later = ['open b3 bid 10050 4', 'reduce b3 1', 'remove b2', 'end'] as const
const all = [...toySnapshot, ...later]

const playedTo = async (store: EventStore, range: ReplayRange): Promise<StreamPlayer> => {
  const player = new StreamPlayer({ store, stream, venue: toyVenue, range })
  await player.seek()
  await playMerged([player], {})
  return player
}

const directly = (lines: readonly string[]): BookKeeper => {
  const keeper = new BookKeeper(toyVenue)
  keeper.applyRecords(toyRecords(lines))
  return keeper
}

describe('StreamPlayer', () => {
  it('gives the same state as the entries themselves, at every entry and instant', async () => {
    const store = await toyStore(toySnapshot.slice(0, 3), [...toySnapshot.slice(3), ...later])
    for (let seq = 1; seq <= all.length + 1; seq++) {
      const expected = directly(all.slice(0, seq - 1)).digest()
      const bySeq = await playedTo(store, { to: { kind: 'seq', seq } })
      expect(bySeq.keeper.digest()).toEqual(expected)
      const byTime = await playedTo(store, { to: { kind: 'time', time: toyTime(seq) } })
      expect(byTime.keeper.digest()).toEqual(expected)
    }
  })

  it('gives the same state from a keyframe', async () => {
    const store = await toyStore(toySnapshot.slice(0, 3), [...toySnapshot.slice(3), ...later])
    const seq = 5
    const state = directly(all.slice(0, seq - 1)).save()
    const receiveTime = toyTime(seq)
    const put = await store.putKeyframe(
      encodeKeyframe({ stream, seq, receiveTime, decoderVersion: 1, state }),
    )()
    expect(isLeft(put)).toBe(false)
    const at = { kind: 'seq', seq: 8 } as const
    const player = await playedTo(store, { from: at, to: at })
    expect(player.keeper.digest()).toEqual(directly(all.slice(0, 7)).digest())
    expect(player.keeper.summary().entries).toBe(3)
  })

  describe('with several keyframes', () => {
    const at = { kind: 'seq', seq: 9 } as const
    const keyframed = async (versions: Readonly<Record<number, number>>): Promise<EventStore> => {
      const store = await toyStore(toySnapshot.slice(0, 3), [...toySnapshot.slice(3), ...later])
      for (const [key, decoderVersion] of Object.entries(versions)) {
        const seq = Number(key)
        const state = directly(all.slice(0, seq - 1)).save()
        const receiveTime = toyTime(seq)
        await store.putKeyframe(encodeKeyframe({ stream, seq, receiveTime, decoderVersion, state }))()
      }
      return store
    }
    /** Entries replayed to reach entry 9, whose book must be right. */
    const replayed = async (store: EventStore): Promise<number> => {
      const player = await playedTo(store, { from: at, to: at })
      expect(player.keeper.digest()).toEqual(directly(all.slice(0, 8)).digest())
      return player.keeper.summary().entries
    }

    it('seeks to the last one before the entry', async () => {
      expect(await replayed(await keyframed({ 3: 1, 6: 1, 9: 1, 10: 1 }))).toBe(3)
    })

    it('goes back to an earlier one where one is damaged, gone or of another decoder version', async () => {
      const store = await keyframed({ 3: 1, 5: 1, 6: 1, 7: 2, 8: 1 })
      const damaging: EventStore = {
        ...store,
        keyframe: async (name, seq) => {
          const keyframe = await store.keyframe(name, seq)
          if (seq === 8)
            throw new StoreFailure({
              kind: 'damaged',
              stream: name,
              seq,
              detail: 'no keyframe stands there.',
            })
          return seq === 6 ? { ...keyframe, payload: keyframe.payload.map((byte) => byte ^ 1) } : keyframe
        },
      }
      expect(await replayed(damaging)).toBe(4)
      expect(await replayed(await keyframed({ 4: 2, 8: 7 }))).toBe(9)
    })
  })

  it('takes all entries of an instant, and seeks to a keyframe before the first of them', async () => {
    const times = [0, 5, 5, 7, 7, 7, 7, 7, 9, 9]
    const script = times.map((time, index) => ({
      kind: index === 0 ? ('run-started' as const) : ('frame' as const),
      text: index === 0 ? JSON.stringify(toyManifest) : (all[index - 1] ?? ''),
      pause: time - (times[index - 1] ?? 0),
    }))
    const store = newMemoryStore()
    for (const { chunk, keyframes } of sealAll(batchesOf(script, [4]), { entries: 1, entriesPerOrder: 0 })) {
      await store.append(chunk)()
      for (const keyframe of keyframes) await store.putKeyframe(keyframe)()
    }
    expect(await store.keyframes(stream)).toHaveLength(times.length)
    const start = (await store.headers(stream))[0]?.firstReceiveTime ?? 0
    for (const [time, lastSeq, entries] of [
      [5, 3, 2],
      [6, 3, 0],
      [7, 8, 5],
      [8, 8, 0],
      [9, 10, 2],
    ] as const) {
      const at = { kind: 'time', time: microsOf(start + time) } as const
      const player = await playedTo(store, { from: at, to: at })
      expect(player.place).toBe(lastSeq)
      expect(player.keeper.summary().entries).toBe(entries)
    }
  })

  it('plays nothing where the store holds nothing', async () => {
    const player = await playedTo(await toyStore(toySnapshot), {
      from: { kind: 'seq', seq: 99 },
      to: { kind: 'seq', seq: 99 },
    })
    expect(player.head).toBeUndefined()
  })
})

describe('playMerged', () => {
  it('orders by receive time, ties by place, and loses nothing', async () => {
    const stores = await Promise.all([toyStore(toySnapshot, later), toyStore(all)])
    const players = stores.map((store) => new StreamPlayer({ store, stream, venue: toyVenue }))
    const seen: (readonly [number, number])[] = []
    await playMerged(players, {
      before: (player, time) => {
        seen.push([time, players.indexOf(player)])
        return undefined
      },
    })
    expect(seen).toHaveLength(2 * (all.length + 1))
    expect(seen).toEqual([...seen].sort((one, other) => one[0] - other[0] || one[1] - other[1]))
  })

  it('stops where the visitor says so', async () => {
    const player = new StreamPlayer({ store: await toyStore(all), stream, venue: toyVenue })
    let steps = 0
    await playMerged([player], { before: () => ++steps < 4, after: () => expect(steps).toBeLessThan(4) })
    expect(player.keeper.summary().entries).toBe(3)
  })
})

describe('streamInfo', () => {
  it('adds up the chunks', async () => {
    const info = await streamInfo(await toyStore(toySnapshot, [...later, 'gap', 'what'], ['end']), stream)
    expect(info).toMatchObject({
      entries: 14,
      firstSeq: 1,
      lastSeq: 14,
      firstReceiveTime: toyTime(1),
      lastReceiveTime: toyTime(14),
      chunks: 3,
      runs: 1,
      trades: 1,
      gaps: [{ seq: 12, cause: 'venue-sequence', expected: '7', found: '9' }],
      undecoded: { frames: 1, kinds: { 'word:what': 1 } },
    })
    expect(info.validShare).toBeCloseTo(5 / 13)
  })

  it('names what cannot be read, and goes on with the rest', async () => {
    const store = await toyStore(toySnapshot, [...later, 'gap'], ['end'])
    const whole = await streamInfo(store, stream)
    expect(whole).toMatchObject({ unreadable: [], sealMismatches: 0 })
    const [, second, last] = (await store.headers(stream)).map(({ firstSeq }) => firstSeq)
    const middle = await streamInfo(tampered(store, { part: unreadableAt(second ?? 0) }), stream)
    expect(middle).toMatchObject({
      chunks: 2,
      firstSeq: 1,
      lastSeq: whole.lastSeq,
      head: whole.head,
      unreadable: [{ firstSeq: second, detail: 'the header of its chunk is wrong.' }],
    })
    expect(middle.entries).toBe(whole.entries - later.length - 1)
    const end = await streamInfo(tampered(store, { part: unreadableAt(last ?? 0) }), stream)
    expect(end).toMatchObject({ chunks: 2, lastSeq: last, head: '' })
  })
})
