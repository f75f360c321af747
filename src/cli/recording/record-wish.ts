/** What `record` was asked for: flags and file together, a flag in front of the file. */
import { readFileSync } from 'node:fs'

import { isLeft } from 'fp-ts/lib/Either.js'

import { remoteStoreName, venues } from '../../app/production.ts'
import { parseRecordConfig, type RecordConfig } from '../../app/recording/record-config.ts'
import { type PairWishes, planRecording, type RecordPlan } from '../../app/recording/record-plan.ts'
import type { SettingProblem } from '../../app/recording/setting-codecs.ts'
import { SOFTWARE } from '../../app/software.ts'
import { defaultStore, durationOf, portOf, sizeOf } from '../options.ts'
import { usageProblem } from '../problem.ts'

const LONGEST_TIMER = 2 ** 31 - 1

/** Flags under their names; lists of a flag that was not given are absent or empty. */
export interface RecordFlags extends Omit<RecordConfig, 'pairs'> {
  readonly pairs?: readonly string[] | undefined
  readonly config?: string | undefined
}

export interface RecordWish {
  readonly plan: RecordPlan
  readonly store: string
  readonly spool: string | undefined
  readonly standsBy: boolean
  readonly takesOver: boolean
  readonly json: boolean
  readonly metrics: { readonly port: number | undefined; readonly host: string }
  /** Milliseconds; undefined: until stopped. */
  readonly duration: number | undefined
  /** Bytes; undefined: the disk is not watched. `resume`: undefined: recording ends. */
  readonly free: { readonly least: number; readonly resume: number | undefined } | undefined
}

/** The text of a `--config` file. A Problem says that it cannot be read. */
export const configText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw usageProblem(
      `Cannot read --config ${path}: ${error instanceof Error ? error.message : String(error)}.`,
    )
  }
}

/** `pairs[1].feed[0] must be …`. */
export const settingText = ({ path, problem }: SettingProblem): string =>
  path === '' ? `The whole ${problem}` : `${path} ${problem}`

const readConfig = (path: string, text: string): RecordConfig => {
  const parsed = parseRecordConfig(text)
  if (!isLeft(parsed)) return parsed.right
  const [first, ...others] = parsed.left
  const more =
    others.length === 0 ? '' : ` ("bookreel check-config ${path}" lists ${String(others.length)} more)`
  const what =
    first === undefined
      ? 'is wrong'
      : `${first.path === '' ? '' : `is wrong: ${first.path} `}${first.problem}`
  throw usageProblem(`The file ${path} ${what}${more}.`)
}

/** Lists of the flags stand in the place of those of the file. */
const ownWishes = (flags: RecordFlags, file: RecordConfig): ReadonlyMap<string, Partial<PairWishes>> => {
  const own = new Map<string, Partial<PairWishes>>()
  const unlessFlag = (
    flag: readonly string[] | undefined,
    mine: readonly string[] | undefined,
  ): readonly string[] | undefined => (flag !== undefined && flag.length > 0 ? undefined : mine)
  for (const entry of file.pairs ?? []) {
    if (typeof entry === 'string') continue
    const wishes = {
      venues: unlessFlag(flags.venue, entry.venue),
      endpoints: unlessFlag(flags.endpoint, entry.endpoint),
      symbols: unlessFlag(flags.symbol, entry.symbol),
      feeds: unlessFlag(flags.feed, entry.feed),
    }
    const given = Object.entries(wishes).filter(([, wish]) => wish !== undefined)
    own.set(entry.pair ?? '', Object.fromEntries(given))
  }
  return own
}

const lastingOf = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  const duration = durationOf('for', text) / 1000
  if (duration <= LONGEST_TIMER) return duration
  throw usageProblem('--for is at most 24 days: leave it out to record until stopped.')
}

const intervalOf = (text: string | undefined): number | undefined =>
  text === undefined ? undefined : durationOf('interval', text)

const freeOf = (least: string | undefined, resume: string | undefined): RecordWish['free'] => {
  if (least === undefined) {
    if (resume !== undefined) throw usageProblem('--resume-at needs --min-free.')
    return undefined
  }
  const free = {
    least: sizeOf('min-free', least),
    resume: resume === undefined ? undefined : sizeOf('resume-at', resume),
  }
  if (free.resume !== undefined && free.resume <= free.least)
    throw usageProblem('--resume-at must be more than --min-free.')
  return free
}

/** Milliseconds; 0: never. */
const renewalOf = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  return text === 'never' ? 0 : durationOf('renew-after', text) / 1000
}

const planOf = (flags: RecordFlags, file: RecordConfig, store: string): RecordPlan => {
  const list = (
    flag: readonly string[] | undefined,
    fromFile: readonly string[] | undefined,
  ): readonly string[] => (flag !== undefined && flag.length > 0 ? flag : (fromFile ?? []))
  const silence = flags['takeover-after'] ?? file['takeover-after']
  const filePairs = file.pairs?.map((entry) => (typeof entry === 'string' ? entry : (entry.pair ?? '')))
  const plan = planRecording(
    {
      pairs: list(flags.pairs, filePairs),
      own: ownWishes(flags, file),
      venues: list(flags.venue, file.venue),
      mode: flags.mode ?? file.mode ?? 'full',
      interval: intervalOf(flags.interval ?? file.interval),
      depth: flags.depth ?? file.depth,
      store,
      endpoints: list(flags.endpoint, file.endpoint),
      symbols: list(flags.symbol, file.symbol),
      feeds: list(flags.feed, file.feed),
      spool: flags.spool ?? file.spool,
      spoolLimit: sizeOf('spool-limit', flags['spool-limit'] ?? file['spool-limit'] ?? '20GB'),
      isStoreRemote: remoteStoreName(store) !== undefined,
      standsBy: flags.standby ?? file.standby ?? false,
      takesOver: flags['take-over'] ?? file['take-over'] ?? false,
      connections: Number(flags.connections ?? file.connections ?? '1'),
      renewAfter: renewalOf(flags['renew-after'] ?? file['renew-after']),
      patience: silence === undefined ? undefined : durationOf('takeover-after', silence) / 1000,
      durability: durationOf('durability', flags.durability ?? file.durability ?? '200ms') / 1000,
    },
    venues,
    process.env,
    SOFTWARE,
  )
  if (isLeft(plan)) throw usageProblem(plan.left)
  return plan.right
}

/** `text`: of the file that `--config` names; a Problem says what is wrong with it or with a flag. */
export const recordWish = (flags: RecordFlags, text: string | undefined): RecordWish => {
  const file = text === undefined ? {} : readConfig(flags.config ?? '', text)
  const store = flags.store ?? file.store ?? defaultStore()
  const port = flags['metrics-port'] ?? file['metrics-port']
  return {
    plan: planOf(flags, file, store),
    store,
    spool: flags.spool ?? file.spool,
    standsBy: flags.standby ?? file.standby ?? false,
    takesOver: flags['take-over'] ?? file['take-over'] ?? false,
    json: flags.json ?? file.json ?? false,
    metrics: {
      port: port === undefined ? undefined : portOf('metrics-port', port),
      host: flags['metrics-host'] ?? file['metrics-host'] ?? '127.0.0.1',
    },
    duration: lastingOf(flags.for ?? file.for),
    free: freeOf(flags['min-free'] ?? file['min-free'], flags['resume-at'] ?? file['resume-at']),
  }
}
