import { beforeEach, describe, expect, it } from 'vitest'

import type { FromPair, PairConfig, ToPair } from '../../src/recorder/pair-messages.ts'
import { emptyStatus } from '../../src/recorder/stream-status.ts'
import { type PairProcess, Supervisor, type SupervisorOutcome } from '../../src/recorder/supervisor.ts'
import { ManualScheduler } from '../support/manual-scheduler.ts'

/** A pair's process as the supervisor sees it; the test plays its part. */
class FakeProcess implements PairProcess {
  readonly pair: string
  readonly told: string[] = []
  isKilled = false
  private listener: (message: FromPair) => void = () => undefined
  private exitListener: (how: string, isClean: boolean) => void = () => undefined

  constructor(pair: string) {
    this.pair = pair
  }

  readonly tell = (message: ToPair): void => {
    this.told.push(message.kind)
  }
  readonly onMessage = (listener: (message: FromPair) => void): void => {
    this.listener = listener
  }
  readonly onExit = (listener: (how: string, isClean: boolean) => void): void => {
    this.exitListener = listener
  }
  readonly kill = (): void => {
    this.isKilled = true
    this.crash('signal SIGKILL')
  }

  say(message: FromPair): void {
    this.listener(message)
  }
  end(): void {
    this.exitListener('exit code 0', true)
  }
  crash(how = 'exit code 1'): void {
    this.exitListener(how, false)
  }
}

const streamOf = (pair: string): `toy:${string}` => `toy:${pair}`

const configOf = (pair: string): PairConfig => ({
  pair,
  store: 'memory:',
  durability: 200,
  spool: undefined,
  spoolLimit: 1e9,
  isStoreRemote: false,
  standsBy: false,
  takesOver: false,
  patience: 15_000,
  software: 's',
  streams: [
    {
      stream: streamOf(pair),
      venue: 'toy',
      pair,
      symbol: pair,
      feed: 'f',
      endpoints: { ws: 'ws://venue', rest: 'http://venue' },
      connectsPerMinute: 10,
      connections: 1,
    },
  ],
})

/** Longer than any delay before a restart. */
const LONG = 30_000

class Rig {
  readonly scheduler = new ManualScheduler()
  readonly processes: FakeProcess[] = []
  readonly log: string[] = []
  readonly supervisor: Supervisor
  outcome: SupervisorOutcome | undefined

  constructor(...pairs: readonly string[]) {
    this.supervisor = new Supervisor({
      pairs: pairs.map(configOf),
      fork: (pair) => {
        const process = new FakeProcess(pair)
        this.processes.push(process)
        return process
      },
      scheduler: this.scheduler,
      random: () => 0.999,
      writeLog: ({ message }) => this.log.push(message),
    })
    void this.supervisor.outcome.then((outcome) => (this.outcome = outcome))
    this.supervisor.start()
  }

  /** The newest process of a pair. */
  of(pair: string): FakeProcess {
    const process = this.processes.findLast((candidate) => candidate.pair === pair)
    if (process === undefined) throw new Error(`no process of ${pair} was started`)
    return process
  }

  /** Lets time pass with every process telling its status. */
  live(milliseconds: number): void {
    for (let passed = 0; passed < milliseconds; passed += 10_000) {
      for (const pair of new Set(this.processes.map((process) => process.pair)))
        this.of(pair).say({ kind: 'status', streams: [] })
      this.scheduler.pass(10_000)
    }
  }

  count(pair: string): number {
    return this.processes.filter((candidate) => candidate.pair === pair).length
  }

  async settled(): Promise<SupervisorOutcome> {
    await new Promise(setImmediate)
    if (this.outcome === undefined) throw new Error('the supervisor is not at its end')
    return this.outcome
  }
}

const started = (pair: string): FromPair => ({ kind: 'started', stream: streamOf(pair) })
const couldNotStart = (pair: string, sentence: string): FromPair => ({
  kind: 'could-not-start',
  stream: streamOf(pair),
  sentence,
})

describe('Supervisor', () => {
  let rig: Rig
  beforeEach(() => {
    rig = new Rig('A-B', 'C-D')
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
    const silent = new Rig('A-B')
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
    const rig = new Rig('A-B', 'C-D')
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
    const rig = new Rig('A-B', 'C-D')
    rig.of('A-B').say(started('A-B'))
    rig.of('C-D').say(couldNotStart('C-D', 'Refused.'))
    expect(rig.supervisor.hasDelivered).toBe(true)
    expect(rig.processes.map(({ told }) => told)).toEqual([['record'], ['record']])
  })
})
