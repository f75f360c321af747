/** A Supervisor whose pairs' processes are played by the test. */
import type { FromPair, PairConfig, PairProcess, ToPair } from '../../src/recorder/pair-messages.ts'
import { Supervisor, type SupervisorOutcome } from '../../src/recorder/supervisor.ts'
import { ManualScheduler } from './manual-scheduler.ts'

/** A pair's process as the supervisor sees it; the test plays its part. */
class FakeProcess implements PairProcess {
  readonly pair: string
  readonly told: string[] = []
  /** What it was told to record. */
  config: PairConfig | undefined
  /** What it was told to change, as streams. */
  readonly changes: { readonly leaves: readonly string[]; readonly begins: readonly string[] }[] = []
  isKilled = false
  private listener: (message: FromPair) => void = () => undefined
  private exitListener: (how: string, isClean: boolean) => void = () => undefined

  constructor(pair: string) {
    this.pair = pair
  }

  readonly tell = (message: ToPair): void => {
    this.told.push(message.kind)
    if (message.kind === 'record') this.config = message.config
    if (message.kind === 'change')
      this.changes.push({ leaves: message.leaves, begins: message.begins.map(({ stream }) => stream) })
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

export const streamOf = (pair: string): `toy:${string}` => `toy:${pair}`

export const configOf = (pair: string, changes: Partial<PairConfig> = {}): PairConfig => ({
  pair,
  mode: 'full',
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
      connectLimit: { most: 2, milliseconds: 60_000 },
      requestLimit: { most: 3, milliseconds: 60_000 },
      connections: 1,
      renewAfter: 0,
      mode: 'full',
    },
  ],
  ...changes,
})

/** All these pairs in one process. */
export const lightConfigOf = (pairs: readonly string[], changes: Partial<PairConfig> = {}): PairConfig => ({
  ...configOf('all pairs'),
  mode: 'light',
  streams: pairs.flatMap((pair) => configOf(pair).streams),
  ...changes,
})

/** Longer than any delay before a restart. */
export const LONG = 30_000

export class SupervisorRig {
  readonly scheduler = new ManualScheduler()
  readonly processes: FakeProcess[] = []
  readonly log: string[] = []
  /** How often it said that every stream is ready to be taken over. */
  readyTimes = 0
  readonly supervisor: Supervisor
  /** Whether a full disk pauses. */
  pausesWithoutRoom = false
  outcome: SupervisorOutcome | undefined

  constructor(...pairs: readonly (string | PairConfig)[]) {
    const isPausing = (): boolean => this.pausesWithoutRoom
    this.supervisor = new Supervisor({
      get pausesWithoutRoom() {
        return isPausing()
      },
      pairs: pairs.map((pair) => (typeof pair === 'string' ? configOf(pair) : pair)),
      fork: (pair) => {
        const process = new FakeProcess(pair)
        this.processes.push(process)
        return process
      },
      scheduler: this.scheduler,
      random: () => 0.999,
      now: () => this.scheduler.now() / 1000,
      writeLog: ({ message }) => this.log.push(message),
      startsAtOnce: 3,
      onReady: () => this.readyTimes++,
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

export const started = (pair: string): FromPair => ({ kind: 'started', stream: streamOf(pair) })
export const couldNotStart = (pair: string, sentence: string): FromPair => ({
  kind: 'could-not-start',
  stream: streamOf(pair),
  sentence,
})
