/**
 * Both venues recorded inside this process while they misbehave, then held against what was sent and against the engines:
 * every fault noticed and recorded with its cause, or harmless; no book valid while wrong longer than its feed may take to
 * notice, none proven while wrong; all of it right again at the end.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

import type { ChaosLevel } from '../../simulator/faults/chaos.ts'
import type { FaultKind } from '../../simulator/faults/fault.ts'
import type { LinksOptions } from '../../simulator/faults/links.ts'
import type { Simulation } from '../../simulator/simulate.ts'
import { venueById } from '../../src/app/production.ts'
import { auditRecords, type RecordingAudit } from '../support/recording-audit.ts'
import { auditRedundant } from '../support/redundant-audit.ts'
import { readFaults, readSentFrames } from '../support/sent-frames.ts'
import { loneCase } from './fault-cases.ts'
import type { ModeFindings } from './live-books.ts'
import { filesOf, hasBecome, PAIR, startVenues, VENUES } from './recorded-venues.ts'
import { type RoundFindings, sumFigures } from './round-results.ts'
import { type InProcessWay, StreamInProcess } from './stream-in-process.ts'

const RATE = 200
const MARK_INTERVAL = 100
/** Milliseconds at most, of a script. */
const SCRIPT_LIMIT = 300_000
/** Milliseconds for all books to be right and proven again. */
const HEALING_LIMIT = 150_000

/** The ways of recording. */
export const FAULT_WAYS = {
  full: { mode: 'full', lines: 1 },
  light: { mode: 'light', lines: 1 },
  snapshot: { mode: 'snapshot', lines: 1 },
  'two connections': { mode: 'full', lines: 2 },
  'light, two connections': { mode: 'light', lines: 2 },
  'snapshot, two connections': { mode: 'snapshot', lines: 2 },
} as const satisfies Readonly<Record<string, InProcessWay>>
export type FaultWay = keyof typeof FAULT_WAYS

export interface FaultWish {
  readonly way: FaultWay
  readonly seed: number
  readonly folder: string
  /** One kind alone until it has happened often, or a mixture by chance for so many milliseconds. */
  readonly faults:
    | { readonly kind: 'alone'; readonly fault: FaultKind }
    | { readonly kind: 'mixed'; readonly level: ChaosLevel; readonly milliseconds: number }
}

/**
 * Microseconds in which a feed promises to notice that its book is wrong: the next number or checksum shows it; where
 * nothing comes, the watchdog of its sockets, which looks four times within its limit.
 */
const detectionDelay = (venueName: string): number =>
  ((venueById(venueName)?.silenceLimit ?? 0) * 1.25 + 1000) * 1000

/** The looks of a watchdog and the fault before them, each of which a busy machine may delay. */
const TIMERS_AT_WORK = 6

const linesOf = ({ way }: FaultWish): number => FAULT_WAYS[way].lines

const linksOf = (wish: FaultWish): LinksOptions => {
  const { faults, seed } = wish
  return faults.kind === 'alone'
    ? { rules: loneCase(faults.fault, linesOf(wish)).rules }
    : { chaos: faults.level, seed }
}

const injected = ({ links }: Simulation): number =>
  Object.values(links.faults()).reduce((sum, count) => sum + count, 0)

const untilDone = async (wish: FaultWish, simulation: Simulation, failures: string[]): Promise<void> => {
  const { faults } = wish
  if (faults.kind === 'mixed') {
    await sleep(faults.milliseconds)
    return
  }
  const wanted = loneCase(faults.fault, linesOf(wish)).faults
  // A machine without time for the flow does not come to all of them.
  await hasBecome(() => injected(simulation) >= wanted, SCRIPT_LIMIT)
  if (injected(simulation) === 0) failures.push('no fault came to be')
  // It shows with the next frames, or when a watchdog barks; a half-open socket is given up by ours.
  await sleep(faults.fault === 'half-open' ? 42_000 : 3000)
}

const mark = ({ books, links }: Simulation): void => {
  links.mark(books())
}

/** Nothing goes wrong any more: resolves when all books are right, the flow has ended and everything has arrived. */
const heal = async (
  simulation: Simulation,
  streams: readonly StreamInProcess[],
  failures: string[],
): Promise<void> => {
  simulation.links.stopFaults()
  const isSound = (): boolean =>
    streams.every((stream) => {
      const { valid, verified } = stream.summary()
      return valid && verified
    })
  await sleep(1500)
  if (!(await hasBecome(isSound, HEALING_LIMIT)))
    failures.push(
      `not all books are right again: ${JSON.stringify(streams.map((stream) => stream.summary()))}`,
    )
  simulation.stopFlow()
  const isEqual = (): boolean =>
    simulation.books().every(({ stream, digest }) => {
      const own = streams.find((each) => each.stream === stream)
      return own?.digest() === digest && own.summary().verified
    })
  if (!(await hasBecome(isEqual, HEALING_LIMIT))) failures.push('a book differs from the venue’s at the end')
}

type FaultAudit = Pick<
  RecordingAudit,
  'faults' | 'frames' | 'compared' | 'longestWrong' | 'lost' | 'falselyVerified'
>

const figuresOf = (audit: FaultAudit): Readonly<Record<string, number>> => {
  const figures: Record<string, number> = {}
  const add = (name: string, count: number): void => {
    if (count > 0) figures[name] = (figures[name] ?? 0) + count
  }
  for (const fate of Object.values(audit.faults)) {
    add('faults', fate.injected)
    add('noticed', fate.noticed)
    add('harmless', fate.harmless)
    add('another connection had it', fate.covered)
    add('while the book was not valid anyway', fate.unsettled)
    for (const [cause, count] of Object.entries(fate.causes)) add(`told as ${cause}`, count)
  }
  add('frames', audit.frames)
  add('proven books compared', audit.compared)
  return { ...figures, 'most ms valid while wrong': Math.round(audit.longestWrong / 1000) }
}

/** `lateness`: microseconds that this process was late at most. */
const failuresOf = (stream: string, audit: FaultAudit, lateness: number): readonly string[] => {
  const failures: string[] = []
  if (audit.lost > 0) failures.push(`${stream}: ${String(audit.lost)} frames are lost or differ`)
  for (const [kind, { unnoticed }] of Object.entries(audit.faults))
    if (unnoticed > 0) failures.push(`${stream}: ${String(unnoticed)} × ${kind} was not noticed`)
  if (audit.falselyVerified.length > 0)
    failures.push(`${stream}: proven while wrong at ${audit.falselyVerified.slice(0, 3).join(', ')}`)
  if (audit.longestWrong > detectionDelay(stream.split(':')[0] ?? '') + TIMERS_AT_WORK * lateness)
    failures.push(`${stream}: valid while wrong for ${String(audit.longestWrong / 1000)} ms`)
  if (audit.compared === 0) failures.push(`${stream}: no book was compared`)
  return failures
}

export const runFaultRound = async (wish: FaultWish): Promise<RoundFindings> => {
  const { seed, folder } = wish
  const failures: string[] = []
  const simulation = await startVenues({ seed, folder, rate: RATE, links: linksOf(wish) })
  const streams = VENUES.map(
    (venue) =>
      new StreamInProcess(venue, simulation.endpoints[venue] ?? { ws: '', rest: '' }, FAULT_WAYS[wish.way]),
  )
  const found: ModeFindings[] = []
  const delays = monitorEventLoopDelay({ resolution: 20 })
  delays.enable()
  const marking = setInterval(() => {
    mark(simulation)
  }, MARK_INTERVAL)
  try {
    await untilDone(wish, simulation, failures)
    await heal(simulation, streams, failures)
    mark(simulation)
    for (const stream of streams) found.push(await stream.stop())
  } finally {
    clearInterval(marking)
    await simulation.stop()
  }
  delays.disable()
  const lateness = delays.max / 1000
  const { sent: sentFile, faults: faultFile } = filesOf(folder)
  const sent = await readSentFrames(sentFile)
  const faults = await readFaults(faultFile)
  const figures: Readonly<Record<string, number>>[] = []
  for (const { stream, batches } of streams) {
    const own = sent.get(stream.replace(`:${PAIR}`, '')) ?? []
    const audited = { stream, sent: own, faults }
    const redundant = linesOf(wish) > 1 ? auditRedundant(batches, audited) : undefined
    const audit = redundant ?? (await auditRecords(batches, audited))
    figures.push(figuresOf(audit))
    for (const failure of failuresOf(stream, audit, lateness)) failures.push(failure)
    for (const needless of redundant?.needless.slice(0, 5) ?? []) failures.push(`${stream}: ${needless}`)
  }
  for (const each of found) {
    figures.push(each.figures)
    for (const failure of each.failures) failures.push(failure)
  }
  const late = { 'most ms late itself': Math.round(lateness / 1000) }
  return { figures: { ...sumFigures(figures.map((each) => ({ figures: each }))), ...late }, failures }
}
