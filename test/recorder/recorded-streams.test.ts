import { left, right } from 'fp-ts/lib/Either.js'
import { beforeEach, describe, expect, it } from 'vitest'

import type { EventStore } from '../../src/log/event-store.ts'
import type { Journal } from '../../src/log/journal.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { PairRecorder } from '../../src/recorder/pair.ts'
import type { FromPair } from '../../src/recorder/pair-messages.ts'
import { StreamSealer } from '../../src/recorder/sealing/stream-sealer.ts'
import type { StreamThreads } from '../../src/recorder/stream-recorder-options.ts'
import type { FromFeed, FromKeeper, Sealer, StreamConfig } from '../../src/recorder/thread-messages.ts'
import { newMemoryStore } from '../../src/storage/memory/memory-store.ts'
import { ManualScheduler } from '../support/manual-scheduler.ts'
import { configOf, lightConfigOf, streamOf } from '../support/supervisor-rig.ts'
import { toyVenue } from '../support/toy-venue.ts'

const emptyJournal = (onClose: () => void): Journal => ({
  lastSeq: () => 0,
  pendingBytes: () => 0,
  heldBytes: () => 0,
  failure: () => undefined,
  append: () => undefined,
  written: () => Promise.resolve(),
  flushed: () => Promise.resolve(),
  read: async function* () {
    yield* await Promise.resolve([])
  },
  discardThrough: () => Promise.resolve(),
  close: () => {
    onClose()
    return Promise.resolve()
  },
})

const newSealer = (): Sealer => {
  const sealers = new Map<StreamId, StreamSealer>()
  const of = (stream: StreamId): StreamSealer => {
    const sealer = sealers.get(stream)
    if (sealer === undefined) throw new Error('not opened')
    return sealer
  }
  return {
    open: async (_venue, start) => {
      await Promise.resolve(sealers.set(start.stream, new StreamSealer(toyVenue, start)))
    },
    catchUp: async (stream, records) => {
      await Promise.resolve(of(stream).catchUp(records))
    },
    seal: async (stream, records) => await Promise.resolve(of(stream).seal(records)),
    save: async (stream) => await Promise.resolve(of(stream).save()),
  }
}

/** A light recording whose feeds are the test's; what happens stands in `events`. */
class PairRig {
  readonly events: string[] = []
  readonly pair: PairRecorder
  /** Streams whose journals another recorder has. */
  readonly taken = new Set<StreamId>()
  /** Ends of feeds that are held back. */
  readonly held = new Map<StreamId, () => void>()
  readonly holding = new Set<StreamId>()
  private readonly store: EventStore = newMemoryStore()
  private readonly open = new Set<StreamId>()

  constructor(...pairs: readonly string[]) {
    this.pair = new PairRecorder(lightConfigOf(pairs), {
      openStore: () => async () => await Promise.resolve(right(this.store)),
      openJournal: (_place, stream) => async () => await Promise.resolve(this.openJournal(stream)),
      openArchives: () => {
        throw new Error('a store on this machine has no archives')
      },
      newOwnerName: () => 'owner',
      venueById: () => toyVenue,
      startSealer: () => ({
        sealer: newSealer(),
        forget: (stream) => this.events.push(`forget ${stream}`),
        end: () => Promise.resolve(),
      }),
      startThreads: ({ config }) => this.threads(config.stream),
      startHeldFeed: () => {
        throw new Error('nothing is taken over')
      },
      scheduler: new ManualScheduler(),
      random: () => 0.5,
      tell: (message) => {
        this.hear(message)
      },
    })
    this.pair.start()
  }

  change(leaves: readonly string[], begins: readonly string[]): void {
    this.pair.change({ leaves: leaves.map(streamOf), begins: begins.flatMap(streamConfigs) })
  }

  /** Waits until this has happened so often. */
  async until(event: string, times = 1): Promise<void> {
    const count = (): number => this.events.filter((each) => each === event).length
    for (let turn = 0; turn < 1000 && count() < times; turn++) await new Promise(setImmediate)
    expect({ event, times: count(), events: this.events }).toMatchObject({ times })
  }

  private hear(message: FromPair): void {
    if ('stream' in message) this.events.push(`${message.kind} ${message.stream}`)
  }

  private openJournal(stream: StreamId) {
    if (this.open.has(stream) || this.taken.has(stream))
      return left({ kind: 'unavailable', message: 'Another recorder has it.' } as const)
    this.open.add(stream)
    return right(
      emptyJournal(() => {
        this.open.delete(stream)
        this.events.push(`close ${stream}`)
      }),
    )
  }

  private threads(stream: StreamId): StreamThreads {
    this.events.push(`feed ${stream}`)
    let tellFeed = (message: FromFeed): void => void message
    let tellKeeper = (message: FromKeeper): void => void message
    const end = (): void => {
      tellFeed({ kind: 'ended' })
      tellKeeper({ kind: 'ended' })
    }
    return {
      tellFeed: ({ kind }) => {
        if (kind !== 'stop') return
        this.events.push(`stop ${stream}`)
        if (this.holding.has(stream)) this.held.set(stream, end)
        else end()
      },
      onFeed: (listener) => {
        tellFeed = listener
      },
      onKeeper: (listener) => {
        tellKeeper = listener
      },
      end: () => Promise.resolve(),
    }
  }
}

const streamConfigs = (pair: string): readonly StreamConfig[] =>
  configOf(pair).streams.map((stream) => ({ ...stream, mode: 'light' }))

const [A, C, E] = ['toy:A-B', 'toy:C-D', 'toy:E-F']

describe('PairRecorder whose streams change', () => {
  let rig: PairRig
  beforeEach(async () => {
    rig = new PairRig('A-B', 'C-D')
    await rig.until(`feed ${A}`)
    await rig.until(`feed ${C}`)
    rig.events.length = 0
  })
  const of = (stream: string): readonly string[] => rig.events.filter((event) => event.endsWith(stream))

  it('ends one to its journal and begins another, and leaves the third alone', async () => {
    rig.change(['C-D'], ['E-F'])
    await rig.until(`left ${C}`)
    await rig.until(`feed ${E}`)
    expect(of(C)).toEqual([`stop ${C}`, `close ${C}`, `forget ${C}`, `left ${C}`])
    expect(of(E)).toEqual([`begun ${E}`, `feed ${E}`])
    expect(of(A)).toEqual([])
    await rig.pair.stop()
    expect([...of(A), ...of(E)].filter((event) => event.startsWith('close'))).toEqual([
      `close ${A}`,
      `close ${E}`,
    ])
  })

  it('begins one that is wanted back once it has ended, and does not wait with others', async () => {
    rig.holding.add('toy:C-D')
    rig.change(['C-D'], [])
    await rig.until(`stop ${C}`)
    rig.change([], ['C-D', 'E-F'])
    rig.change(['C-D'], [])
    rig.change([], ['C-D'])
    await rig.until(`feed ${E}`)
    expect(of(C)).toEqual([`stop ${C}`])
    rig.holding.clear()
    rig.held.get('toy:C-D')?.()
    await rig.until(`left ${C}`, 2)
    await rig.until(`begun ${C}`, 2)
    await rig.until(`feed ${C}`)
    expect(of(A)).toEqual([])
    await rig.pair.stop()
    expect(of(C).at(-1)).toBe(`close ${C}`)
  })

  it('may be stopped while a change is under way: what has not begun never does', async () => {
    rig.holding.add('toy:C-D')
    rig.change([], ['C-D'])
    await rig.until(`stop ${C}`)
    const stopped = rig.pair.stop()
    rig.change([], ['E-F'])
    rig.held.get('toy:C-D')?.()
    await stopped
    expect(of(C)).toEqual([`stop ${C}`, `close ${C}`, `forget ${C}`])
    expect(of(A)).toEqual([`stop ${A}`, `close ${A}`])
    expect(of(E)).toEqual([])
  })

  it('goes on without one that cannot be recorded, which is tried again when asked', async () => {
    rig.taken.add('toy:E-F')
    rig.change([], ['E-F'])
    await rig.until(`ended ${E}`)
    rig.taken.clear()
    rig.change([], ['E-F'])
    await rig.until(`feed ${E}`)
    expect(of(A)).toEqual([])
    expect(rig.events.filter((event) => event.startsWith('failed'))).toEqual([])
    await rig.pair.stop()
  })
})
