import { beforeEach, describe, expect, it } from 'vitest'

import { microsOf } from '../../src/market/time.ts'
import type { FromPair } from '../../src/recorder/pair-messages.ts'
import { emptyStatus, type StreamState } from '../../src/recorder/stream-status.ts'
import { couldNotStart, LONG, started, streamOf, SupervisorRig } from '../support/supervisor-rig.ts'

describe('Supervisor', () => {
  let rig: SupervisorRig
  beforeEach(() => {
    rig = new SupervisorRig('A-B', 'C-D')
    for (const process of rig.processes) process.say(started(process.pair))
  })

  it('starts one process for each pair and shows what they report', () => {
    expect(rig.processes.map(({ pair, told }) => [pair, told])).toEqual([
      ['A-B', ['record']],
      ['C-D', ['record']],
    ])
    rig.of('C-D').say({ kind: 'status', streams: [{ ...emptyStatus('toy:C-D'), entries: 7 }] })
    expect(rig.supervisor.status().map(({ stream, entries }) => [stream, entries])).toEqual([
      ['toy:A-B', 0],
      ['toy:C-D', 7],
    ])
  })

  it('starts a process that died again, later each time, and leaves the other pair alone', () => {
    const delays = [500, 1000, 2000]
    for (const [crashes, delay] of delays.entries()) {
      rig.of('A-B').crash()
      rig.scheduler.pass(delay - 10)
      expect(rig.count('A-B')).toBe(crashes + 1)
      rig.scheduler.pass(10)
      expect(rig.count('A-B')).toBe(crashes + 2)
      expect(rig.of('A-B').told).toEqual(['record'])
    }
    expect(rig.log.length).toBe(delays.length)
    expect(rig.log[0]).toMatch(/A-B died \(exit code 1\); it starts again in 0\.5 s/)
    expect(rig.of('C-D').told).toEqual(['record'])
    expect(rig.count('C-D')).toBe(1)
  })

  it('gives a pair up that crashes quickly five times in a row, and goes on with the other', async () => {
    for (let crash = 0; crash < 5; crash++) {
      rig.of('A-B').crash('signal SIGSEGV')
      rig.scheduler.pass(LONG)
    }
    expect(rig.count('A-B')).toBe(5)
    expect(rig.of('C-D').told).toEqual(['record'])
    rig.supervisor.stop()
    rig.of('C-D').end()
    const { failures } = await rig.settled()
    expect(failures.length).toBe(1)
    expect(failures[0]).toMatch(/^A-B: its process crashed 5 times in a row \(signal SIGSEGV\)/)
  })

  it('does not show what a process told that is gone', () => {
    const told = {
      ...emptyStatus(streamOf('A-B'), 'full'),
      state: 'live' as const,
      entries: 7,
      connections: 1,
      valid: true,
      verified: true,
      reason: null,
      bestBid: '1',
      bestAsk: '2',
    }
    const shown = (): unknown => rig.supervisor.status().find(({ stream }) => stream === streamOf('A-B'))
    const gone = {
      entries: 7,
      connections: 0,
      valid: false,
      verified: false,
      reason: 'run-ended',
      bestBid: null,
    }
    for (let crash = 1; crash <= 5; crash++) {
      rig.of('A-B').say({ kind: 'status', streams: [told] })
      expect(shown()).toMatchObject({ state: 'live', valid: true })
      rig.of('A-B').crash()
      expect(shown()).toMatchObject({ ...gone, state: crash < 5 ? 'starting' : 'failed' })
      if (crash < 5) rig.scheduler.pass(LONG)
    }
    expect(rig.count('A-B')).toBe(5)
  })

  it('counts how long a venue is silent, whatever else is written and however often a process dies', () => {
    const stream = streamOf('A-B')
    const silence = (): number | undefined =>
      rig.supervisor.status().find((status) => status.stream === stream)?.silence
    const say = (lastFrameTime: number | null, state: StreamState = 'live'): void => {
      const frame = lastFrameTime === null ? null : microsOf(lastFrameTime)
      rig.of('A-B').say({
        kind: 'status',
        streams: [
          { ...emptyStatus(stream), state, lastFrameTime: frame, lastReceiveTime: microsOf(++received) },
        ],
      })
    }
    let received = 1000
    rig.scheduler.pass(3000)
    say(null)
    expect(silence()).toBe(3000)
    say(5)
    expect(silence()).toBe(0)
    rig.scheduler.pass(4000)
    say(5, 'waiting')
    expect(silence()).toBe(4000)
    rig.of('A-B').crash()
    rig.scheduler.pass(600)
    say(null, 'starting')
    expect(silence()).toBe(4600)
    // A clock that was set back is no reason not to hear.
    say(2)
    expect(silence()).toBe(0)
    rig.scheduler.pass(9000)
    say(2, 'standby')
    expect(silence()).toBe(0)
  })

  it('says when it was for want of room that something could not be recorded', async () => {
    const sentence = 'The disk is full.'
    rig.of('A-B').say({ kind: 'ended', stream: streamOf('A-B'), sentence, hasNoRoom: true })
    rig.of('A-B').end()
    rig.of('C-D').say({ kind: 'failed', sentence: 'Something else.' })
    rig.of('C-D').end()
    expect(await rig.settled()).toMatchObject({ failures: { length: 2 }, hasNoRoom: true })
  })

  it('pauses for want of room where it is to, and goes on with all pairs', async () => {
    rig.pausesWithoutRoom = true
    const full: FromPair = { kind: 'failed', sentence: 'The disk is full.', hasNoRoom: true }
    rig.of('A-B').say(full)
    expect(rig.processes.map(({ told }) => told)).toEqual([
      ['record', 'stop'],
      ['record', 'stop'],
    ])
    rig.of('C-D').say(full)
    rig.of('A-B').end()
    rig.of('C-D').end()
    await new Promise(setImmediate)
    expect(rig.outcome).toBeUndefined()
    expect(rig.supervisor.pauseReason).toBe('The disk is full. Recording is paused until there is room.')
    expect(rig.log).toEqual([rig.supervisor.pauseReason])
    rig.supervisor.resume()
    expect([rig.count('A-B'), rig.count('C-D')]).toEqual([2, 2])
    rig.supervisor.stop()
    for (const pair of ['A-B', 'C-D']) rig.of(pair).end()
    expect(await rig.settled()).toMatchObject({ failures: [], hasNoRoom: false })
  })

  it('pauses when streams of one process end for want of room', () => {
    rig.pausesWithoutRoom = true
    const sentence = 'The disk is full.'
    rig.of('A-B').say({ kind: 'ended', stream: streamOf('A-B'), sentence, hasNoRoom: true })
    expect(rig.processes.map(({ told }) => told.at(-1))).toEqual(['stop', 'stop'])
    expect(rig.supervisor.pauseReason).toMatch(/^The disk is full\./)
  })

  it('has room where something else failed', async () => {
    for (const pair of ['A-B', 'C-D']) {
      rig.of(pair).say({ kind: 'failed', sentence: 'Something else.' })
      rig.of(pair).end()
    }
    expect(await rig.settled()).toMatchObject({ failures: { length: 2 }, hasNoRoom: false })
  })

  it('forgives crashes after a process has lived for a minute', () => {
    for (let crash = 0; crash < 20; crash++) {
      rig.live(60_000)
      rig.of('A-B').crash()
      rig.scheduler.pass(500)
      expect(rig.count('A-B')).toBe(crash + 2)
    }
  })

  it('kills a process that falls silent, and starts it again; the other pair goes on', () => {
    rig.live(60_000)
    const stuck = rig.of('A-B')
    stuck.say({ kind: 'status', streams: [] })
    for (let passed = 0; passed < 20_000; passed += 5000) {
      expect(stuck.isKilled).toBe(false)
      rig.of('C-D').say({ kind: 'status', streams: [] })
      rig.scheduler.pass(5000)
    }
    expect(stuck.isKilled).toBe(true)
    expect(rig.log[0]).toMatch(/A-B has said nothing for 20 s and is killed/)
    rig.of('C-D').say({ kind: 'status', streams: [] })
    rig.scheduler.pass(500)
    expect([rig.count('A-B'), rig.count('C-D')]).toEqual([2, 1])
    expect([...rig.supervisor.restarts()]).toEqual([
      ['A-B', 1],
      ['C-D', 0],
    ])
  })

  it('waits as long as it takes for the first word of a process, and for none of one that is stopped', () => {
    const silent = new SupervisorRig('A-B')
    silent.scheduler.pass(600_000)
    expect(silent.of('A-B').isKilled).toBe(false)
    rig.supervisor.stop()
    rig.scheduler.pass(25_000)
    expect(rig.of('A-B').isKilled).toBe(false)
  })

  it('asks every process once to stop, and is at its end when all ended', async () => {
    rig.supervisor.stop()
    rig.supervisor.stop()
    expect(rig.processes.map(({ told }) => told)).toEqual([
      ['record', 'stop'],
      ['record', 'stop'],
    ])
    rig.of('A-B').end()
    expect(rig.outcome).toBeUndefined()
    rig.of('C-D').end()
    expect((await rig.settled()).failures).toEqual([])
    rig.scheduler.pass(LONG)
    expect(rig.processes.length).toBe(2)
  })

  it('kills a process that does not end within a minute, and says so', async () => {
    rig.supervisor.stop()
    rig.of('C-D').end()
    rig.scheduler.pass(59_000)
    expect(rig.of('A-B').isKilled).toBe(false)
    rig.scheduler.pass(1000)
    expect(rig.of('A-B').isKilled).toBe(true)
    expect(rig.log.at(-1)).toMatch(/did not end in time and is killed/)
    expect((await rig.settled()).failures).toEqual(['A-B: its process did not end cleanly (signal SIGKILL).'])
  })

  it('ends all at once when it is told to kill, and starts none again', () => {
    rig.supervisor.stop()
    rig.supervisor.kill()
    expect(rig.processes.map(({ isKilled }) => isKilled)).toEqual([true, true])
    rig.scheduler.pass(LONG)
    expect(rig.processes.length).toBe(2)
  })

  it('says that a pair was down when recording is stopped while its process is not there', async () => {
    rig.of('A-B').crash()
    rig.supervisor.stop()
    rig.of('C-D').end()
    const { failures } = await rig.settled()
    expect(failures.length).toBe(1)
    expect(failures[0]).toMatch(/^A-B: its process had died and was not started again/)
    rig.scheduler.pass(LONG)
    expect(rig.count('A-B')).toBe(1)
  })

  it('stops a pair that failed, tells its sentence once, and goes on with the other', async () => {
    rig.of('A-B').say({ kind: 'failed', sentence: 'The disk is full.' })
    rig.of('A-B').say({ kind: 'failed', sentence: 'The disk is full.' })
    expect(rig.of('A-B').told[1]).toBe('stop')
    rig.of('A-B').end()
    rig.scheduler.pass(LONG)
    expect(rig.count('A-B')).toBe(1)
    expect(rig.outcome).toBeUndefined()
    rig.supervisor.stop()
    rig.of('C-D').end()
    expect((await rig.settled()).failures).toEqual(['A-B: The disk is full.'])
  })
})

describe('Supervisor of pairs that cannot start', () => {
  it('gives up when no stream could start, with the sentence of each', async () => {
    const rig = new SupervisorRig('A-B', 'C-D')
    rig.of('A-B').say(couldNotStart('A-B', 'No such pair.'))
    expect(rig.of('A-B').told).toEqual(['record'])
    rig.of('C-D').say(couldNotStart('C-D', 'Refused.'))
    for (const process of rig.processes) {
      expect(process.told).toEqual(['record', 'stop'])
      process.end()
    }
    expect(rig.supervisor.hasDelivered).toBe(false)
    expect((await rig.settled()).failures).toEqual(['No such pair.', 'Refused.'])
  })

  it('goes on when one stream delivers', () => {
    const rig = new SupervisorRig('A-B', 'C-D')
    rig.of('A-B').say(started('A-B'))
    rig.of('C-D').say(couldNotStart('C-D', 'Refused.'))
    expect(rig.supervisor.hasDelivered).toBe(true)
    expect(rig.processes.map(({ told }) => told)).toEqual([['record'], ['record']])
  })
})

describe('Supervisor of more pairs than start at once', () => {
  const PAIRS = ['A-A', 'B-B', 'C-C', 'D-D', 'E-E', 'F-F'] as const
  const inState = (pair: string, state: StreamState): FromPair => ({
    kind: 'status',
    streams: [{ ...emptyStatus(streamOf(pair)), state }],
  })
  const begun = (rig: SupervisorRig): readonly string[] => rig.processes.map(({ pair }) => pair)

  it('starts the next when one is live, stands by, cannot start or has died', () => {
    const rig = new SupervisorRig(...PAIRS)
    expect(begun(rig)).toEqual(PAIRS.slice(0, 3))
    rig.of('A-A').say(inState('A-A', 'connecting'))
    expect(begun(rig)).toEqual(PAIRS.slice(0, 3))
    rig.of('A-A').say(inState('A-A', 'live'))
    expect(begun(rig)).toEqual(PAIRS.slice(0, 4))
    rig.of('A-A').say(inState('A-A', 'live'))
    rig.of('B-B').say(inState('B-B', 'standby'))
    expect(begun(rig)).toEqual(PAIRS.slice(0, 5))
    rig.of('C-C').crash()
    expect(begun(rig)).toEqual(PAIRS)
    // The one that died waits for its turn as well.
    rig.scheduler.pass(500)
    expect(rig.count('C-C')).toBe(1)
    rig.of('D-D').say(inState('D-D', 'failed'))
    expect(rig.count('C-C')).toBe(2)
  })

  it('starts the next although one is never ready', () => {
    const rig = new SupervisorRig(...PAIRS)
    rig.scheduler.pass(14_000)
    expect(begun(rig)).toEqual(PAIRS.slice(0, 3))
    rig.scheduler.pass(1000)
    expect(begun(rig)).toEqual(PAIRS)
  })

  it('gives the processes of many pairs longer to seal what they have', () => {
    const rig = new SupervisorRig(...PAIRS)
    for (const pair of PAIRS.slice(0, 3)) rig.of(pair).say(inState(pair, 'live'))
    rig.supervisor.stop()
    rig.scheduler.pass(119_000)
    expect(rig.processes.filter(({ isKilled }) => isKilled)).toEqual([])
    rig.scheduler.pass(1000)
    expect(rig.processes.filter(({ isKilled }) => isKilled).length).toBe(PAIRS.length)
  })

  it('starts none after it was told to stop, and misses none that never began', async () => {
    const rig = new SupervisorRig(...PAIRS)
    rig.supervisor.stop()
    for (const pair of PAIRS.slice(0, 3)) rig.of(pair).end()
    rig.scheduler.pass(LONG)
    expect(begun(rig)).toEqual(PAIRS.slice(0, 3))
    expect((await rig.settled()).failures).toEqual([])
  })
})
