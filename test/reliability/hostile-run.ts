/** A recording on a machine that turns against it: what every case does before and after, and what is compared at the end. */
import { spawnSync } from 'node:child_process'
import { mkdirSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import type { LinksOptions } from '../../simulator/faults/links.ts'
import type { Simulation } from '../../simulator/simulate.ts'
import { type CommandProcess, type StreamLine, until } from '../support/recorder-process.ts'
import { readSentFrames } from '../support/sent-frames.ts'
import { lastSeqOf, witnessJournals } from './journal-witness.ts'
import { auditKills, type Standstill } from './kill-audit.ts'
import { filesOf, isSound, startRecorder, startVenues, STREAMS } from './recorded-venues.ts'
import type { RoundFindings } from './round-results.ts'
import { standStill } from './standstill.ts'

const RATE = 200

export interface HostileWish {
  readonly seed: number
  readonly folder: string
}

/** Runs a command of the system; throws with what it said. */
export const system = (...[command = '', ...words]: readonly string[]): void => {
  const { status, stderr } = spawnSync(command, words, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command} ${words.join(' ')}: ${stderr}`)
}

const freeBytes = (folder: string): number => {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

/** Leaves so many bytes free on the disk of a folder. The answer frees them again. */
export const fillDisk = (folder: string, left: number): (() => void) => {
  const filler = join(folder, 'filler')
  try {
    writeFileSync(filler, Buffer.alloc(Math.max(0, freeBytes(folder) - left)))
  } catch (error) {
    // Others write beside it, and what was free is theirs by now.
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
  return () => {
    system('rm', filler)
  }
}

export class HostileRun {
  readonly simulation: Simulation
  readonly failures: string[] = []
  readonly folder: string
  private readonly journaled = new Map(STREAMS.map((stream) => [stream as string, new Map<number, number>()]))
  private readonly standstills: Standstill[] = []
  /** The venue itself lost something. */
  hasGaps = false
  private checks = 0

  private constructor(simulation: Simulation, folder: string) {
    this.simulation = simulation
    this.folder = folder
  }

  static async open({ seed, folder }: HostileWish, links?: LinksOptions): Promise<HostileRun> {
    mkdirSync(join(folder, 'store'), { recursive: true })
    const simulation = await startVenues({
      seed,
      folder,
      rate: RATE,
      ...(links === undefined ? {} : { links }),
    })
    return new HostileRun(simulation, folder)
  }

  check(isKept: boolean, promise: string): void {
    this.checks++
    if (!isKept) this.failures.push(promise)
  }

  start(words: readonly string[] = [], options: Parameters<typeof startRecorder>[3] = {}): CommandProcess {
    return startRecorder(this.simulation, this.folder, words, options)
  }

  async untilSound(recorder: CommandProcess): Promise<void> {
    await this.untilTold(recorder, () => isSound(recorder.status), 'books that are right')
  }

  /** As `untilSound`, of a process that began after the journals were witnessed last. */
  async untilNewSound(recorder: CommandProcess): Promise<void> {
    const witnessed = new Map([...this.journaled].map(([stream, known]) => [stream, lastSeqOf(known)]))
    const isNew = ({ stream, entries, lastSeq }: StreamLine): boolean =>
      lastSeq - entries >= (witnessed.get(stream) ?? 0)
    await this.untilTold(
      recorder,
      () => isSound(recorder.status) && recorder.status.every(isNew),
      'books of a new process that are right',
    )
  }

  async untilTold(recorder: CommandProcess, condition: () => boolean, what: string): Promise<void> {
    const told = (): string => `${what}: ${JSON.stringify(recorder.status)} ${recorder.stderr.slice(-1000)}`
    let isOver = false
    void recorder.ended.then(() => (isOver = true))
    await until(() => isOver || condition(), told, 120_000)
    if (!condition()) throw new Error(`it ended before ${told()}`)
  }

  /** Compares the books with the venues', later. */
  async standStill(recorder: CommandProcess): Promise<void> {
    const { simulation, folder } = this
    this.standstills.push(await standStill({ simulation, folder, status: () => recorder.status }))
  }

  /** What the journals hold now must be in the log at the end. */
  async witness(): Promise<void> {
    await witnessJournals(filesOf(this.folder).journal, STREAMS, this.journaled)
  }

  /** The end of a process that cannot go on: an exit code, and one sentence. */
  async checkEnd(recorder: CommandProcess, code: number, sentence: RegExp): Promise<void> {
    const ended = await recorder.ended
    this.check(ended.code === code, `it ended with exit code ${String(ended.code)}, not ${String(code)}`)
    this.check(sentence.test(ended.stderr), `it did not say ${String(sentence)}: ${ended.stderr.slice(-500)}`)
    this.check(!/^ +at /m.test(ended.stderr), `it printed a stack: ${ended.stderr.slice(-1000)}`)
  }

  async stop(recorder: CommandProcess): Promise<void> {
    recorder.kill('SIGINT')
    const { code, stderr } = await recorder.ended
    this.check(code === 130, `the recorder ended with exit code ${String(code)}: ${stderr.slice(-500)}`)
  }

  /** Everything that was journaled is there, in order and once, as the venues sent it; books are the venues'. */
  async audit(): Promise<RoundFindings> {
    const sent = await readSentFrames(filesOf(this.folder).sent, true)
    const { hasGaps, journaled, standstills } = this
    const shared = { store: filesOf(this.folder).store, streams: STREAMS, hasFrames: true, kills: [] }
    const { figures, failures } = await auditKills({ ...shared, hasGaps, standstills, journaled, sent })
    const { entries = 0, frames = 0, 'books compared': compared = 0 } = figures
    return {
      figures: { checks: this.checks, entries, frames, 'books compared': compared },
      failures: [...this.failures, ...failures],
    }
  }
}
