/**
 * One recording of simulated venues under load whose processes are killed again and again, at random moments and also
 * while they start, then held against what its journals held at each kill and against the venues' own books.
 */
import { setTimeout as sleep } from 'node:timers/promises'

import { Rng, seedFor } from '../../simulator/engine/random.ts'
import type { Simulation } from '../../simulator/simulate.ts'
import { type CommandProcess, isRunning, type StreamLine } from '../support/recorder-process.ts'
import { readSentFrames } from '../support/sent-frames.ts'
import { lastSeqOf, witnessJournals } from './journal-witness.ts'
import { auditKills, type Kill, type Standstill } from './kill-audit.ts'
import {
  filesOf,
  hasBecome,
  isSound,
  startRecorder,
  startVenues,
  STREAMS,
  untilQuiet,
} from './recorded-venues.ts'
import type { RoundFindings } from './round-results.ts'
import { standStill } from './standstill.ts'

/** The ways of recording, and their words. */
export const KILL_WAYS = {
  full: [],
  light: ['--mode', 'light'],
  snapshot: ['--mode', 'snapshot', '--interval', '100ms', '--depth', '5'],
  'two connections': ['--connections', '2'],
} as const satisfies Readonly<Record<string, readonly string[]>>
export type KillWay = keyof typeof KILL_WAYS

export interface KillWish {
  readonly way: KillWay
  readonly seed: number
  readonly kills: number
  readonly folder: string
  readonly onKill?: (count: number) => void
}

const RATE = 300
/** Milliseconds for books to be valid and proven again. */
const RECOVERY_LIMIT = 90_000
/** A process is started again by its supervisor that often at most before somebody else is killed. */
const MOST_CHILD_KILLS = 3
type Victim = 'child' | 'supervisor' | 'everything'

class KillRound {
  readonly kills: Kill[] = []
  readonly standstills: Standstill[] = []
  readonly failures: string[] = []
  readonly journaled = new Map(STREAMS.map((stream) => [stream as string, new Map<number, number>()]))
  recorder: CommandProcess
  private readonly simulation: Simulation
  private readonly wish: KillWish
  private readonly random: Rng
  private childKills = 0

  constructor(simulation: Simulation, wish: KillWish) {
    this.simulation = simulation
    this.wish = wish
    this.random = new Rng(seedFor(wish.seed, `kills:${wish.way}`))
    this.recorder = this.start()
  }

  async run(): Promise<void> {
    while (this.kills.length < this.wish.kills && this.failures.length === 0) {
      // Most are killed at work, some while they start.
      const isAtWork = this.kills.length === 0 || this.random.chance(650)
      if (isAtWork) {
        if (!(await this.untilRecovered(isValid))) return
        if (this.random.chance(330)) await this.standStill()
      }
      await sleep(this.random.between(isAtWork ? 100 : 300, 2000))
      await this.kill(this.nextVictim())
      this.wish.onKill?.(this.kills.length)
    }
    await this.untilRecovered(isSound)
  }

  private start(): CommandProcess {
    this.childKills = 0
    const { way, folder } = this.wish
    return startRecorder(this.simulation, folder, KILL_WAYS[way])
  }

  private nextVictim(): Victim {
    const { recorder, random, childKills } = this
    const mayBeChild = childKills < MOST_CHILD_KILLS && recorder.children().length > 0
    if (mayBeChild && random.chance(550)) return 'child'
    return random.chance(600) ? 'everything' : 'supervisor'
  }

  private async kill(victim: Victim): Promise<void> {
    const { recorder } = this
    const children = recorder.children()
    const told = recorder.status
    const at = Date.now() * 1000
    if (victim === 'child') for (const child of children) process.kill(child, 'SIGKILL')
    else if (victim === 'everything') recorder.killGroup('SIGKILL')
    else recorder.kill('SIGKILL')
    if (victim !== 'child') await recorder.ended
    if (!(await hasBecome(() => !children.some(isRunning), RECOVERY_LIMIT)))
      this.failures.push(`kill ${String(this.kills.length + 1)}: a process did not end`)
    await witnessJournals(filesOf(this.wish.folder).journal, STREAMS, this.journaled)
    this.kills.push({ victim, at, told: told.map(({ stream, lastSeq }) => ({ stream, lastSeq })) })
    if (victim === 'child') this.childKills++
    else this.recorder = this.start()
  }

  /** The status told is of a run after the last kill, and its books may be used. */
  private async untilRecovered(isRight: (status: readonly StreamLine[]) => boolean): Promise<boolean> {
    // A supervisor tells of a process that died until the next one has spoken.
    const killedAt = new Map(
      STREAMS.map((stream) => [stream as string, lastSeqOf(this.journaled.get(stream))]),
    )
    const isNew = ({ stream, lastSeq, entries }: StreamLine): boolean =>
      lastSeq - entries >= (killedAt.get(stream) ?? 0)
    const hasRecovered = await hasBecome(() => {
      const { status } = this.recorder
      return isRight(status) && status.every((line) => line.entries > 0 && isNew(line))
    }, RECOVERY_LIMIT)
    if (!hasRecovered) {
      const { status, stderr } = this.recorder
      this.failures.push(
        `kill ${String(this.kills.length)}: books were not valid again: ${JSON.stringify(status)} ${stderr.slice(-500)}`,
      )
    }
    return hasRecovered
  }

  async standStill(): Promise<void> {
    const { simulation, wish } = this
    const status = (): readonly StreamLine[] => this.recorder.status
    this.standstills.push(await standStill({ simulation, folder: wish.folder, status }))
  }
}

const isValid = (status: readonly StreamLine[]): boolean =>
  status.length === STREAMS.length && status.every(({ valid }) => valid)

/** Ends the recording by the rules and compares. The folder is the caller's. */
export const runKillRound = async (wish: KillWish): Promise<RoundFindings> => {
  const { folder, seed, way } = wish
  const simulation = await startVenues({ seed, folder, rate: RATE })
  const round = new KillRound(simulation, wish)
  const { failures, kills, journaled, standstills } = round
  try {
    await round.run()
    if (failures.length === 0) await round.standStill()
    simulation.stopFlow()
    if (way !== 'snapshot') await untilQuiet(() => round.recorder.status, 12)
    round.recorder.kill('SIGINT')
    const { code } = await round.recorder.ended
    if (code !== 130) failures.push(`the recorder ended with exit code ${String(code)}`)
  } finally {
    round.recorder.killGroup('SIGKILL')
    await round.recorder.ended
    await simulation.stop()
  }
  const sent = await readSentFrames(filesOf(folder).sent, true)
  const audit = await auditKills({
    store: filesOf(folder).store,
    hasFrames: way !== 'snapshot',
    ...{ streams: STREAMS, kills, standstills, journaled, sent },
  })
  return { figures: audit.figures, failures: [...failures, ...audit.failures] }
}
