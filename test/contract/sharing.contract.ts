/** What every EventStore that several machines share keeps beside the log: leases, and notes of runs. Others offer neither. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import type { EventStore } from '../../src/log/event-store.ts'
import type { RunBook, RunNote } from '../../src/log/run-book.ts'
import type { Lease, StreamLeases } from '../../src/log/stream-leases.ts'
import { microsOf } from '../../src/market/time.ts'
import { storeShares } from '../support/store-shares.ts'

const STREAM = 'toy:A-B'
const OTHER = 'toy:A-C'

const lease = (owner: string, epoch: number, stream: Lease['stream'] = STREAM): Lease => ({
  stream,
  owner,
  recorder: `${owner}'s`,
  epoch,
  beat: 0,
})

const note = (epoch: number, changes: Partial<RunNote> = {}): RunNote => ({
  stream: STREAM,
  epoch,
  recorder: 'r',
  software: 'bookreel 0',
  firstSeq: epoch * 10,
  startedAt: microsOf(epoch),
  end: null,
  lastSeq: null,
  ...changes,
})

/** `isShared`: whether several machines may record into the backend. */
export const sharingContract = (
  backend: string,
  isShared: boolean,
  openEmpty: () => Promise<EventStore>,
): void => {
  it(`${backend} offers ${isShared ? 'leases and notes of runs' : 'neither leases nor notes of runs'}`, async () => {
    const store = await openEmpty()
    expect([store.leases !== undefined, store.runs !== undefined]).toEqual([isShared, isShared])
    await store.close()
  })
  if (!isShared) return

  describe(`${backend} shared by several machines`, () => {
    let store: EventStore
    let leases: StreamLeases
    let runs: RunBook
    beforeEach(async () => {
      store = await openEmpty()
      ;({ leases, runs } = storeShares(store))
    })
    afterEach(async () => {
      await store.close()
    })

    it('gives a lease to one of those who saw it free', async () => {
      expect(await leases.read(STREAM)).toBeUndefined()
      const owners = ['a', 'b', 'c', 'd', 'e', 'f']
      const taken = await Promise.all(
        owners.map(async (owner) => await leases.take(undefined, lease(owner, 1))),
      )
      expect(taken.filter(Boolean).length).toBe(1)
      expect(await leases.read(STREAM)).toEqual(lease(owners[taken.indexOf(true)] ?? '', 1))
      expect(await leases.read(OTHER)).toBeUndefined()
    })

    it('gives a lease to nobody who saw it before its owner said again that it lives', async () => {
      await leases.take(undefined, lease('a', 1))
      const seen = await leases.read(STREAM)
      expect(await leases.renew('a', [STREAM])).toEqual([STREAM])
      expect(await leases.take(seen, lease('b', 2))).toBe(false)
      expect(await leases.take(undefined, lease('b', 2))).toBe(false)
      const latest = await leases.read(STREAM)
      expect(latest).toEqual({ ...lease('a', 1), beat: 1 })
      expect(await leases.take(latest, lease('b', 2))).toBe(true)
      expect(await leases.take(latest, lease('c', 2))).toBe(false)
      expect(await leases.read(STREAM)).toEqual(lease('b', 2))
    })

    it('renews all leases of a process at once, and tells which it holds still', async () => {
      await leases.take(undefined, lease('a', 1))
      await leases.take(undefined, lease('a', 1, OTHER))
      expect(await leases.renew('a', [STREAM, OTHER])).toEqual([STREAM, OTHER])
      expect((await leases.read(OTHER))?.beat).toBe(1)
      await leases.take(await leases.read(STREAM), lease('b', 2))
      expect(await leases.renew('a', [STREAM, OTHER])).toEqual([OTHER])
      expect(await leases.renew('nobody', [STREAM, OTHER])).toEqual([])
      expect(await leases.read(STREAM)).toEqual(lease('b', 2))
    })

    it('lets its owner alone give a lease free, and keeps its number', async () => {
      await leases.release('a', STREAM)
      await leases.take(undefined, lease('a', 7))
      await leases.release('b', STREAM)
      expect(await leases.read(STREAM)).toEqual(lease('a', 7))
      await leases.release('a', STREAM)
      const free = await leases.read(STREAM)
      expect(free).toEqual({ ...lease('', 7), recorder: `a's` })
      expect(await leases.renew('a', [STREAM])).toEqual([])
      expect(await leases.take(free, lease('b', 8))).toBe(true)
    })

    it('lists runs in their order; one that never ended before the next began has crashed', async () => {
      expect(await runs.list(STREAM)).toEqual([])
      await runs.put(note(1))
      await runs.put(note(1, { end: 'stopped', lastSeq: 19 }))
      await runs.put(note(2))
      await runs.put(note(11))
      await runs.put({ ...note(3), stream: OTHER })
      await runs.put({ ...note(4), stream: `${STREAM}@2` })
      expect(await runs.list(STREAM)).toEqual([
        note(1, { end: 'stopped', lastSeq: 19 }),
        note(2, { end: 'crash' }),
        note(11),
      ])
      expect((await runs.list(OTHER)).map(({ epoch }) => epoch)).toEqual([3])
    })
  })
}
