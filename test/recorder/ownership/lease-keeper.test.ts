import { beforeEach, describe, expect, it } from 'vitest'

import { StoreFailure } from '../../../src/log/event-store.ts'
import type { Lease, StreamLeases } from '../../../src/log/stream-leases.ts'
import type { StreamId } from '../../../src/market/instrument.ts'
import { LeaseKeeper, type Taking } from '../../../src/recorder/ownership/lease-keeper.ts'
import { ManualScheduler } from '../../support/manual-scheduler.ts'

const STREAM = 'toy:A-B'

/** One lease per stream, as a server keeps them; `isAway`: it does not answer. */
class Leases implements StreamLeases {
  isAway = false
  /** Nor says that it does not. */
  isSilent = false
  /** The next renewal finds nothing of its owner, and says so when the test wants it. */
  losesNext = false
  answerRenewal: () => void = () => undefined
  readonly held = new Map<StreamId, Lease>()

  readonly read = async (stream: StreamId): Promise<Lease | undefined> =>
    await this.answer(() => this.held.get(stream))

  readonly take = async (seen: Lease | undefined, next: Lease): Promise<boolean> =>
    await this.answer(() => {
      const { owner, epoch, beat } = this.held.get(next.stream) ?? {}
      if (owner !== seen?.owner || epoch !== seen?.epoch || beat !== seen?.beat) return false
      this.held.set(next.stream, next)
      return true
    })

  readonly renew = async (owner: string, streams: readonly StreamId[]): Promise<readonly StreamId[]> => {
    if (this.losesNext) {
      this.losesNext = false
      return await new Promise((resolve) => {
        this.answerRenewal = () => {
          resolve([])
        }
      })
    }
    return await this.answer(() => {
      const own = streams.filter((stream) => this.held.get(stream)?.owner === owner)
      for (const stream of own) {
        const lease = this.held.get(stream)
        if (lease !== undefined) this.held.set(stream, { ...lease, beat: lease.beat + 1 })
      }
      return own
    })
  }

  readonly release = async (owner: string, stream: StreamId): Promise<void> => {
    await this.answer(() => {
      const lease = this.held.get(stream)
      if (lease?.owner === owner) this.held.set(stream, { ...lease, owner: '' })
    })
  }

  private async answer<A>(compute: () => A): Promise<A> {
    await Promise.resolve()
    if (this.isSilent) return await new Promise<never>(() => undefined)
    if (this.isAway) throw new StoreFailure({ kind: 'unavailable', message: 'Away.', isAway: true })
    return compute()
  }
}

const leases = new Leases()
/** Every process has its own time: one that sleeps does not pass it. */
let lost: string[] = []

interface Process {
  readonly keeper: LeaseKeeper
  readonly scheduler: ManualScheduler
}

const newProcess = (owner: string, recorder = owner): Process => {
  const scheduler = new ManualScheduler()
  const onLost = (stream: StreamId): void => void lost.push(`${owner} ${stream}`)
  return { scheduler, keeper: new LeaseKeeper({ owner, recorder, scheduler, patience: 15_000, onLost }) }
}

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

/** So many seconds pass for these processes. */
const pass = async (seconds: number, ...processes: readonly Process[]): Promise<void> => {
  for (let second = 0; second < seconds; second++) {
    for (const { scheduler } of processes) scheduler.pass(1000)
    await settle()
  }
}

const take = ({ keeper }: Process, waits: boolean, signal = new AbortController().signal) => {
  const taking: { result: Taking | undefined; failed: boolean } = { result: undefined, failed: false }
  keeper.take(leases, { stream: STREAM, leastEpoch: 1, waits, signal }).then(
    (result) => (taking.result = result),
    () => (taking.failed = true),
  )
  return taking
}

describe('LeaseKeeper', () => {
  beforeEach(() => {
    leases.held.clear()
    leases.isAway = false
    lost = []
  })

  it('takes what nobody holds at once, and what was given back, with a higher number', async () => {
    const one = newProcess('one')
    const first = take(one, false)
    await settle()
    expect(first.result).toEqual({ kind: 'held', epoch: 1 })
    await one.keeper.release(STREAM)
    const second = take(newProcess('two'), false)
    await settle()
    expect(second.result).toEqual({ kind: 'held', epoch: 2 })
  })

  it('has not lost what was given back and taken anew while it said that it lives', async () => {
    const one = newProcess('one')
    take(one, false)
    await settle()
    leases.losesNext = true
    await pass(3, one)
    await one.keeper.release(STREAM)
    const again = take(one, false)
    await settle()
    leases.answerRenewal()
    await settle()
    expect([again.result, lost]).toEqual([{ kind: 'held', epoch: 2 }, []])
  })

  it('takes at once what an earlier process of the same recorder held', async () => {
    take(newProcess('one', 'spool'), false)
    await settle()
    const again = take(newProcess('other', 'spool'), false)
    await settle()
    expect(again.result).toEqual({ kind: 'held', epoch: 2 })
  })

  it('is refused while another one lives, without waiting for long', async () => {
    const one = newProcess('one')
    take(one, false)
    await settle()
    const two = newProcess('two')
    const taking = take(two, false)
    await pass(5, one, two)
    expect(taking.result).toEqual({ kind: 'refused' })
    expect(lost).toEqual([])
  })

  it.each([true, false])(
    'takes over from one that is silent for 15 s, and tells it (waits: %s)',
    async (waits) => {
      const one = newProcess('one')
      take(one, false)
      await settle()
      const two = newProcess('two')
      const taking = take(two, waits)
      await pass(14, two)
      expect(taking.result).toBeUndefined()
      await pass(3, two)
      expect(taking.result).toEqual({ kind: 'held', epoch: 2 })
      await pass(4, one)
      expect(lost).toEqual([`one ${STREAM}`])
    },
  )

  it('waits as long as the other one lives', async () => {
    const one = newProcess('one')
    take(one, false)
    const two = newProcess('two')
    const taking = take(two, true)
    await pass(100, one, two)
    expect(taking.result).toBeUndefined()
    await one.keeper.release(STREAM)
    await pass(2, two)
    expect(taking.result).toEqual({ kind: 'held', epoch: 2 })
  })

  it('counts no time in which the server did not answer', async () => {
    take(newProcess('one'), false)
    await settle()
    const two = newProcess('two')
    const taking = take(two, true)
    await pass(10, two)
    leases.isAway = true
    await pass(100, two)
    leases.isAway = false
    await pass(14, two)
    expect(taking.result).toBeUndefined()
    await pass(3, two)
    expect(taking.result).toEqual({ kind: 'held', epoch: 2 })
  })

  it('does not wait for a server that is away unless it stands by, and ends when it is told to', async () => {
    leases.isAway = true
    const taking = take(newProcess('one'), false)
    await settle()
    expect(taking.failed).toBe(true)
    const control = new AbortController()
    const two = newProcess('two')
    const waiting = take(two, true, control.signal)
    await pass(3, two)
    control.abort()
    await settle()
    expect(waiting.result).toEqual({ kind: 'aborted' })
  })

  it('goes on renewing after a time without a server', async () => {
    const one = newProcess('one')
    take(one, false)
    await settle()
    leases.isAway = true
    await pass(60, one)
    expect(one.keeper.storeAway).toMatchObject({ why: 'Away.' })
    leases.isAway = false
    const before = leases.held.get(STREAM)?.beat ?? 0
    await pass(10, one)
    expect(leases.held.get(STREAM)?.beat).toBeGreaterThan(before)
    expect(one.keeper.storeAway).toBeNull()
    expect(lost).toEqual([])
  })

  it('tells within ten seconds that the server is away, and nothing of it once the streams are given back', async () => {
    const one = newProcess('one')
    take(one, false)
    await pass(5, one)
    expect(one.keeper.storeAway).toBeNull()
    leases.isSilent = true
    await pass(10, one)
    expect(one.keeper.storeAway).toMatchObject({ why: 'The store does not answer.' })
    leases.isSilent = false
    await one.keeper.release(STREAM)
    expect(one.keeper.storeAway).toBeNull()
  })
})
