import { beforeEach, describe, expect, it } from 'vitest'

import type { FromPair } from '../../src/recorder/pair-messages.ts'
import { emptyStatus, type StreamState } from '../../src/recorder/stream-status.ts'
import { configOf, couldNotStart, lightConfigOf, LONG, started, streamOf, SupervisorRig } from '../support/supervisor-rig.ts' // prettier-ignore

const NOTHING = { added: [], removed: [], changed: [], resumed: [] }
const ALL = 'all pairs'

const status = (state: StreamState, ...pairs: readonly string[]): FromPair => ({
  kind: 'status',
  streams: pairs.map((pair) => ({ ...emptyStatus(streamOf(pair)), state })),
})
const ended = (pair: string, hasNoRoom = false): FromPair => ({
  kind: 'ended',
  stream: streamOf(pair),
  sentence: 'It is taken.',
  hasNoRoom,
})
const begun = (pair: string): FromPair => ({ kind: 'begun', stream: streamOf(pair) })
const left = (pair: string): FromPair => ({ kind: 'left', stream: streamOf(pair) })

describe('Supervisor of all pairs in one process, whose settings change', () => {
  let rig: SupervisorRig
  beforeEach(() => {
    rig = new SupervisorRig(lightConfigOf(['A-B', 'C-D']))
    rig.of(ALL).say(status('live', 'A-B', 'C-D'))
    for (const pair of ['A-B', 'C-D']) rig.of(ALL).say(started(pair))
  })
  const shown = (): unknown => rig.supervisor.status().map(({ stream, state }) => [stream, state])
  const reconfigure = (...pairs: readonly string[]): unknown =>
    rig.supervisor.reconfigure([lightConfigOf(pairs)])

  it('tells the process at work which streams come and go, and shows what becomes of them', () => {
    expect(reconfigure('A-B', 'E-F')).toEqual({ ...NOTHING, added: ['E-F'], removed: ['C-D'] })
    expect(rig.of(ALL).told).toEqual(['record', 'change'])
    expect(rig.of(ALL).changes).toEqual([{ leaves: ['toy:C-D'], begins: ['toy:E-F'] }])
    expect(shown()).toEqual([
      ['toy:A-B', 'live'],
      ['toy:C-D', 'live'],
      ['toy:E-F', 'starting'],
    ])
    rig.of(ALL).say(left('C-D'))
    rig.of(ALL).say(begun('E-F'))
    rig.of(ALL).say(status('live', 'A-B', 'E-F'))
    expect(shown()).toEqual([
      ['toy:A-B', 'live'],
      ['toy:E-F', 'live'],
    ])
    expect(reconfigure('A-B', 'E-F')).toEqual(NOTHING)
    expect([rig.count(ALL), rig.of(ALL).changes.length]).toEqual([1, 1])
  })

  it('starts a process that died with the streams wanted last, whenever they were', () => {
    reconfigure('A-B', 'E-F')
    rig.of(ALL).crash()
    expect(shown()).toEqual([
      ['toy:A-B', 'starting'],
      ['toy:E-F', 'starting'],
    ])
    expect(rig.log.some((line) => line.startsWith('toy:C-D was to be recorded no more'))).toBe(true)
    expect(reconfigure('E-F', 'G-H')).toEqual({ ...NOTHING, added: ['G-H'], removed: ['A-B'] })
    rig.scheduler.pass(LONG)
    expect(rig.count(ALL)).toBe(2)
    expect(rig.of(ALL).config?.streams.map(({ stream }) => stream)).toEqual(['toy:E-F', 'toy:G-H'])
    expect(rig.of(ALL).told).toEqual(['record'])
  })

  it('does not fail for what a stream says that leaves, or of its time before it came back', async () => {
    reconfigure('A-B')
    rig.of(ALL).say(ended('C-D'))
    expect(reconfigure('A-B', 'C-D')).toEqual({ ...NOTHING, added: ['C-D'] })
    rig.of(ALL).say(ended('C-D'))
    rig.of(ALL).say(status('stopped', 'A-B', 'C-D'))
    rig.of(ALL).say(left('C-D'))
    expect(shown()).toEqual([
      ['toy:A-B', 'stopped'],
      ['toy:C-D', 'starting'],
    ])
    rig.of(ALL).say(ended('A-B'))
    expect(rig.of(ALL).told).toEqual(['record', 'change', 'change'])
    rig.of(ALL).say(begun('C-D'))
    rig.of(ALL).say(ended('C-D'))
    expect(rig.of(ALL).told.at(-1)).toBe('stop')
    rig.of(ALL).end()
    expect((await rig.settled()).failures).toEqual(['toy:A-B: It is taken.', 'toy:C-D: It is taken.'])
  })

  it('tries a stream again that ended alone, and forgets why', async () => {
    rig.of(ALL).say(ended('C-D', true))
    expect(reconfigure('A-B', 'C-D')).toEqual({ ...NOTHING, resumed: ['C-D'] })
    expect(rig.of(ALL).changes).toEqual([{ leaves: [], begins: ['toy:C-D'] }])
    rig.of(ALL).say(begun('C-D'))
    rig.of(ALL).say(started('C-D'))
    rig.supervisor.stop()
    rig.of(ALL).end()
    expect(await rig.settled()).toMatchObject({ failures: [], hasNoRoom: false })
  })

  it('begins a stream anew whose own settings changed, alone; with others, all of them', () => {
    const [one] = configOf('A-B').streams
    const changed = configOf('C-D').streams.map((stream) => ({ ...stream, feed: 'other' }))
    const streams = one === undefined ? changed : [one, ...changed]
    expect(rig.supervisor.reconfigure([lightConfigOf([], { streams })])).toEqual({
      ...NOTHING,
      changed: ['C-D'],
    })
    expect(rig.of(ALL).changes).toEqual([{ leaves: [], begins: ['toy:C-D'] }])
    expect(rig.supervisor.reconfigure([lightConfigOf([], { streams, durability: 50 })])).toEqual({
      ...NOTHING,
      changed: ['A-B', 'C-D'],
    })
    expect(rig.of(ALL).told).toEqual(['record', 'change', 'stop'])
    expect(rig.supervisor.reconfigure([lightConfigOf(['A-B'], { durability: 50 })])).toMatchObject({
      removed: ['C-D'],
    })
    rig.of(ALL).end()
    expect(rig.of(ALL).config?.streams.map(({ stream }) => stream)).toEqual(['toy:A-B'])
  })

  it('ends when no pair is left to it, and may be stopped and paused in between', async () => {
    reconfigure('A-B', 'E-F')
    rig.supervisor.pause('The disk is nearly full.')
    rig.of(ALL).say(status('stopped', 'A-B'))
    rig.of(ALL).end()
    expect(shown()).toContainEqual(['toy:E-F', 'stopped'])
    expect(reconfigure('E-F')).toEqual({ ...NOTHING, removed: ['A-B'] })
    rig.supervisor.resume()
    expect(rig.of(ALL).config?.streams.map(({ stream }) => stream)).toEqual(['toy:E-F'])
    expect(rig.supervisor.reconfigure([configOf('X-Y')])).toEqual({
      ...NOTHING,
      added: ['X-Y'],
      removed: ['E-F'],
    })
    expect(rig.of(ALL).told).toEqual(['record', 'stop'])
    rig.of(ALL).end()
    expect(shown()).toEqual([['toy:X-Y', 'starting']])
    rig.supervisor.stop()
    rig.of('X-Y').end()
    expect((await rig.settled()).failures).toEqual([])
  })

  it('grants a stream that came later what its venue allows, behind those before it', () => {
    const ask = (pair: string): void => {
      rig.of(ALL).say({ kind: 'ask', stream: streamOf(pair), what: 'connection' })
    }
    for (const pair of ['A-B', 'C-D', 'E-F']) ask(pair)
    const granted = (): number => rig.of(ALL).told.filter((kind) => kind === 'granted').length
    expect(granted()).toBe(2)
    reconfigure('A-B', 'C-D', 'E-F')
    rig.of(ALL).say(begun('E-F'))
    ask('E-F')
    expect(granted()).toBe(2)
    rig.live(70_000)
    expect(granted()).toBe(3)
  })

  it('gives up when none of its streams could ever start', async () => {
    const other = new SupervisorRig(lightConfigOf(['A-B', 'C-D']))
    other.of(ALL).say(couldNotStart('A-B', 'There is no A-B.'))
    other.supervisor.reconfigure([lightConfigOf(['A-B', 'E-F'])])
    other.of(ALL).say(left('C-D'))
    other.of(ALL).say(begun('E-F'))
    expect(other.of(ALL).told).toEqual(['record', 'change'])
    other.of(ALL).say(couldNotStart('E-F', 'There is no E-F.'))
    other.of(ALL).end()
    expect((await other.settled()).failures).toEqual(['There is no A-B.', 'There is no E-F.'])
  })
})
