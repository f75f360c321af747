import { describe, expect, it } from 'vitest'

import type { PairConfig } from '../../src/recorder/pair-messages.ts'
import { configOf, streamOf, SupervisorRig } from '../support/supervisor-rig.ts'

const connect = (pair: string) => ({ kind: 'ask', what: 'connection', stream: streamOf(pair) }) as const
const grants = (rig: SupervisorRig, pair: string): number =>
  rig.of(pair).told.filter((kind) => kind === 'granted').length

describe('Supervisor that grants connections', () => {
  it('keeps all pairs together within the limit of a venue, those that come later too', () => {
    // Two a minute.
    const rig = new SupervisorRig('A-B', 'C-D')
    for (const pair of ['A-B', 'C-D', 'A-B']) rig.of(pair).say(connect(pair))
    expect([grants(rig, 'A-B'), grants(rig, 'C-D')]).toEqual([1, 1])
    rig.supervisor.reconfigure(['A-B', 'C-D', 'E-F'].map((pair) => configOf(pair)))
    rig.of('E-F').say(connect('E-F'))
    expect(grants(rig, 'E-F')).toBe(0)
    rig.live(60_000)
    expect([grants(rig, 'A-B'), grants(rig, 'C-D'), grants(rig, 'E-F')]).toEqual([2, 1, 1])
  })

  it('counts each address for itself', () => {
    const [stream] = configOf('C-D').streams
    if (stream === undefined) throw new Error('a stream is configured')
    const elsewhere: PairConfig = configOf('C-D', {
      streams: [{ ...stream, endpoints: { ws: 'ws://elsewhere', rest: 'http://elsewhere' } }],
    })
    const rig = new SupervisorRig('A-B', elsewhere)
    for (const pair of ['A-B', 'A-B', 'C-D', 'C-D']) rig.of(pair).say(connect(pair))
    expect([grants(rig, 'A-B'), grants(rig, 'C-D')]).toEqual([2, 2])
  })

  it('counts what a process asked for that has died since', () => {
    const rig = new SupervisorRig('A-B')
    for (let ask = 0; ask < 2; ask++) rig.of('A-B').say(connect('A-B'))
    rig.of('A-B').crash()
    rig.scheduler.pass(2000)
    expect(rig.count('A-B')).toBe(2)
    rig.of('A-B').say(connect('A-B'))
    expect(grants(rig, 'A-B')).toBe(0)
    rig.live(60_000)
    expect(grants(rig, 'A-B')).toBe(1)
  })

  it('counts requests for themselves, all pairs together', () => {
    // Three a minute.
    const rig = new SupervisorRig('A-B', 'C-D')
    for (const pair of ['A-B', 'C-D']) rig.of(pair).say(connect(pair))
    for (const pair of ['A-B', 'C-D', 'C-D', 'A-B'])
      rig.of(pair).say({ kind: 'ask', what: 'request', stream: streamOf(pair) })
    expect([grants(rig, 'A-B'), grants(rig, 'C-D')]).toEqual([2, 3])
    rig.live(60_000)
    expect([grants(rig, 'A-B'), grants(rig, 'C-D')]).toEqual([3, 3])
  })
})
