import { beforeEach, describe, expect, it } from 'vitest'

import { configOf, LONG, started, SupervisorRig } from '../support/supervisor-rig.ts'

describe('Supervisor of pairs whose settings change', () => {
  const NOTHING = { added: [], removed: [], changed: [], resumed: [] }
  let rig: SupervisorRig
  beforeEach(() => {
    rig = new SupervisorRig('A-B', 'C-D')
    for (const process of rig.processes) process.say(started(process.pair))
  })

  it('starts a new pair, ends one that is gone, and leaves the others alone', () => {
    expect(rig.supervisor.reconfigure(['A-B', 'E-F'].map((pair) => configOf(pair)))).toEqual({
      ...NOTHING,
      added: ['E-F'],
      removed: ['C-D'],
    })
    expect(rig.processes.map(({ pair, told }) => [pair, told])).toEqual([
      ['A-B', ['record']],
      ['C-D', ['record', 'stop']],
      ['E-F', ['record']],
    ])
    expect(rig.supervisor.status().map(({ stream }) => stream)).toContain('toy:C-D')
    rig.of('C-D').end()
    expect(rig.supervisor.status().map(({ stream }) => stream)).toEqual(['toy:A-B', 'toy:E-F'])
    rig.scheduler.pass(LONG)
    expect(rig.count('C-D')).toBe(1)
    expect(rig.outcome).toBeUndefined()
  })

  it('starts a pair with its new settings when it has flushed, and not twice at once', () => {
    const changed = configOf('A-B', { durability: 50 })
    expect(rig.supervisor.reconfigure([changed, configOf('C-D')])).toEqual({ ...NOTHING, changed: ['A-B'] })
    expect(rig.supervisor.reconfigure([changed, configOf('C-D')])).toEqual(NOTHING)
    expect([rig.count('A-B'), rig.of('A-B').told]).toEqual([1, ['record', 'stop']])
    rig.of('A-B').end()
    expect([rig.count('A-B'), rig.of('A-B').told]).toEqual([2, ['record']])
    expect(rig.of('C-D').told).toEqual(['record'])
  })

  it('takes a pair back that was on its way out, once it has ended', () => {
    rig.supervisor.reconfigure([configOf('A-B')])
    expect(rig.supervisor.reconfigure([configOf('A-B'), configOf('C-D')])).toMatchObject({ added: ['C-D'] })
    expect(rig.count('C-D')).toBe(1)
    rig.of('C-D').end()
    expect(rig.count('C-D')).toBe(2)
    expect(rig.supervisor.status().map(({ stream }) => stream)).toEqual(['toy:A-B', 'toy:C-D'])
  })

  it('tries a pair again that was given up, at once, and forgets why', async () => {
    rig.of('A-B').say({ kind: 'failed', sentence: 'The disk is full.' })
    rig.of('A-B').end()
    const same = ['A-B', 'C-D'].map((pair) => configOf(pair))
    expect(rig.supervisor.reconfigure(same)).toEqual({ ...NOTHING, resumed: ['A-B'] })
    expect(rig.count('A-B')).toBe(2)
    rig.supervisor.stop()
    for (const pair of ['A-B', 'C-D']) rig.of(pair).end()
    expect((await rig.settled()).failures).toEqual([])
  })

  it('pauses and goes on, with what was changed meanwhile, and may be stopped in between', async () => {
    rig.supervisor.pause('The disk is nearly full.')
    expect(rig.supervisor.pauseReason).toBe('The disk is nearly full.')
    for (const process of rig.processes) process.end()
    rig.supervisor.reconfigure(['A-B', 'E-F'].map((pair) => configOf(pair)))
    rig.scheduler.pass(LONG)
    await new Promise(setImmediate)
    expect([rig.processes.length, rig.outcome]).toEqual([2, undefined])
    rig.supervisor.resume()
    expect([rig.count('A-B'), rig.count('C-D'), rig.count('E-F')]).toEqual([2, 1, 1])
    rig.supervisor.pause('Again.')
    for (const pair of ['A-B', 'E-F']) rig.of(pair).end()
    rig.supervisor.stop()
    expect((await rig.settled()).failures).toEqual([])
  })
})
