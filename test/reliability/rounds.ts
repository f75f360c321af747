/** Which rounds there are, and which comes next: every part gets its share of the time, every row its turn. */
import { CHAOS_LEVELS } from '../../simulator/faults/chaos.ts'
import { LONE_KINDS } from './fault-cases.ts'
import { FAULT_WAYS, type FaultWay, runFaultRound } from './fault-round.ts'
import { HOSTILE_CASES } from './hostile-cases.ts'
import { KILL_WAYS, type KillWay, runKillRound } from './kill-round.ts'
import { type Part, PARTS, type RoundFindings, type RoundResult } from './round-results.ts'
import { runSoakRound } from './soak-round.ts'

export interface RoundWish {
  readonly seed: number
  /** Empty, and the round's own. */
  readonly folder: string
  /** For a round that lasts as long as it may. */
  readonly minutes: number
  /** What the round is at, for people. */
  readonly tell: (text: string) => void
}

/** What can be run again and again, each time with another seed. */
export interface Row {
  readonly part: Part
  readonly name: string
  /** How often it is run for each time that the others are. */
  readonly weight?: number
  readonly run: (wish: RoundWish) => Promise<RoundFindings>
}

const KILLS_OF_A_ROUND = 10
const MIXED_MILLISECONDS = 40_000

const killRows = (Object.keys(KILL_WAYS) as KillWay[]).map((way): Row => ({
  part: 'kill',
  name: `killed: ${way}`,
  run: async ({ seed, folder, tell }) =>
    await runKillRound({
      ...{ way, seed, folder, kills: KILLS_OF_A_ROUND },
      onKill: (count) => {
        tell(`${String(count)} kills`)
      },
    }),
}))

/** The usual way goes without saying. */
const inWay = (name: string, way: FaultWay): string => (way === 'full' ? name : `${name}, ${way}`)

const loneRowsOf = (way: FaultWay): readonly Row[] =>
  LONE_KINDS.map((fault): Row => ({
    part: 'fault',
    name: inWay(`alone: ${fault}`, way),
    run: async ({ seed, folder }) =>
      await runFaultRound({ way, seed, folder, faults: { kind: 'alone', fault } }),
  }))

const mixedRowsOf = (way: FaultWay): readonly Row[] =>
  CHAOS_LEVELS.map((level): Row => ({
    part: 'fault',
    name: inWay(`mixed: ${level}`, way),
    run: async ({ seed, folder }) =>
      await runFaultRound({
        ...{ way, seed, folder },
        faults: { kind: 'mixed', level, milliseconds: MIXED_MILLISECONDS },
      }),
  }))

const mixedRows = (Object.keys(FAULT_WAYS) as FaultWay[]).flatMap(mixedRowsOf)
// What a mode does with one fault the mixtures show; what a second connection does is seen fault by fault.
const loneRows = (['full', 'two connections'] satisfies FaultWay[]).flatMap(loneRowsOf)

const hostileRows = Object.entries(HOSTILE_CASES).map(([name, run]): Row => ({
  part: 'hostile',
  name,
  run: async (wish) => await run(wish),
}))

const soakRow: Row = {
  part: 'soak',
  name: '5,000 frames a second of each venue, chaos high',
  run: runSoakRound,
}

const ROWS: readonly Row[] = [...killRows, ...mixedRows, ...loneRows, ...hostileRows, soakRow]

/** Of the time. */
const SHARES: Readonly<Record<Part, number>> = { kill: 4, fault: 3, hostile: 1, soak: 2 }
/** Rounds that mostly wait run beside each other. */
const LANES: Readonly<Record<Part, number>> = { kill: 1, fault: 4, hostile: 1, soak: 1 }

/** A command has one soak, as long as its share. */
export const soakMinutes = (minutes: number, parts: readonly Part[]): number =>
  (minutes * SHARES.soak) / parts.reduce((sum, part) => sum + SHARES[part], 0)

export interface PlannedRound {
  readonly row: Row
  readonly seed: number
}

/** Of these parts the rows whose name begins so; without a beginning all of them. */
export const rowsOf = (parts: readonly Part[], beginning = ''): readonly Row[] =>
  ROWS.filter(({ part, name }) => parts.includes(part) && name.startsWith(beginning))

/** The rounds to run next, beside each other; all of one part, which has had least of its share. */
export const nextRounds = (
  results: readonly RoundResult[],
  rows: readonly Row[],
  firstSeed: number,
): readonly PlannedRound[] => {
  const spent = (part: Part): number =>
    results.filter((result) => result.part === part).reduce((sum, { seconds }) => sum + seconds, 0) /
    SHARES[part] /
    LANES[part]
  const parts = PARTS.filter((part) => rows.some((row) => row.part === part))
  const [part] = [...parts].sort((one, other) => spent(one) - spent(other))
  if (part === undefined) return []
  const counts = rows
    .filter((row) => row.part === part)
    .map((row) => ({
      row,
      count: results.filter((result) => result.part === part && result.row === row.name).length,
    }))
  const turns = ({ row, count }: (typeof counts)[number]): number => count / (row.weight ?? 1)
  counts.sort((one, other) => turns(one) - turns(other))
  return counts.slice(0, LANES[part]).map(({ row, count }) => ({ row, seed: firstSeed + count }))
}
