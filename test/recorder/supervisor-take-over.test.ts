import { beforeEach, describe, expect, it } from 'vitest'

import { configOf, started, streamOf, SupervisorRig } from '../support/supervisor-rig.ts'

const takingOver = (pair: string) => configOf(pair, { takesOver: true })

describe('Supervisor that takes over', () => {
  let rig: SupervisorRig
  beforeEach(() => {
    rig = new SupervisorRig(takingOver('A-B'), takingOver('C-D'))
  })
  const ready = (pair: string): void => {
    rig.of(pair).say({ kind: 'ready', stream: streamOf(pair) })
  }

  it('is ready once, when every stream delivers', () => {
    ready('A-B')
    expect(rig.readyTimes).toBe(0)
    ready('C-D')
    expect(rig.readyTimes).toBe(1)
    rig.of('A-B').say(started('A-B'))
    ready('C-D')
    rig.live(200_000)
    expect(rig.readyTimes).toBe(1)
  })

  it('counts a stream that nobody else had, and one that ended', () => {
    rig.of('A-B').say(started('A-B'))
    expect(rig.readyTimes).toBe(0)
    rig.of('C-D').say({ kind: 'ended', stream: streamOf('C-D'), sentence: 'The disk is full.' })
    ready('A-B')
    expect(rig.readyTimes).toBe(1)
  })

  it('waits two minutes for a stream that does not deliver', () => {
    ready('A-B')
    rig.live(110_000)
    expect(rig.readyTimes).toBe(0)
    rig.live(10_000)
    expect(rig.readyTimes).toBe(1)
  })

  it('takes nothing over when no stream delivers, or when it was stopped', () => {
    rig.live(200_000)
    expect(rig.readyTimes).toBe(0)
    rig.supervisor.stop()
    ready('A-B')
    ready('C-D')
    expect(rig.readyTimes).toBe(0)
  })

  it('leaves no timer behind that keeps its process', async () => {
    rig.supervisor.stop()
    for (const pair of ['A-B', 'C-D']) rig.of(pair).end()
    await rig.settled()
    expect(rig.scheduler.waiting).toBe(0)
  })

  it('does not take over what is added later, and starts nothing again because of that', () => {
    const added = ['A-B', 'C-D', 'E-F'].map(takingOver)
    expect(rig.supervisor.reconfigure(added)).toEqual({
      added: ['E-F'],
      removed: [],
      changed: [],
      resumed: [],
    })
    expect(rig.processes.map(({ config }) => config?.takesOver)).toEqual([true, true, false])
  })

  it('keeps no other process from starting once its streams deliver', () => {
    rig = new SupervisorRig(...['A-A', 'B-B', 'C-C', 'D-D'].map(takingOver))
    expect(rig.processes.length).toBe(3)
    ready('B-B')
    expect(rig.count('D-D')).toBe(1)
  })
})

describe('Supervisor of a recorder that takes nothing over', () => {
  it('asks for nothing', () => {
    const rig = new SupervisorRig('A-B')
    rig.of('A-B').say(started('A-B'))
    rig.live(200_000)
    expect(rig.readyTimes).toBe(0)
  })
})
