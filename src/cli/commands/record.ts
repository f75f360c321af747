/** `bookreel record`: records pairs until it is told to stop. */
import { readFileSync } from 'node:fs'

import { isLeft } from 'fp-ts/lib/Either.js'
import type { ArgumentsCamelCase, Argv, CommandModule } from 'yargs'

import { startMonitoring } from '../../app/monitor/monitoring.ts'
import { remoteStoreName, shownStore, venues } from '../../app/production.ts'
import { journalFolder } from '../../app/recording/open-journal.ts'
import { checkStore, newSupervisor } from '../../app/recording/record.ts'
import { parseRecordConfig, type RecordConfig } from '../../app/recording/record-config.ts'
import { planRecording, type RecordPlan } from '../../app/recording/record-plan.ts'
import { SOFTWARE } from '../../app/software.ts'
import type { StreamId } from '../../market/instrument.ts'
import type { StreamStatus } from '../../recorder/stream-status.ts'
import type { Supervisor, SupervisorOutcome } from '../../recorder/supervisor.ts'
import { checkIsKept } from '../archive.ts'
import { askForHandOver } from '../hand-over.ts'
import { DEFAULT_STORE_TEXT, defaultStore, durationOf, portOf, sizeOf } from '../options.ts'
import { print, printJson } from '../printing/output.ts'
import { newRecordScreen, type RecordScreen } from '../printing/record-screen.ts'
import { EXIT, Problem, usageProblem } from '../problem.ts'
import { listenToSignals } from '../signals.ts'

const STATUS_INTERVAL = 1000
const LONGEST_TIMER = 2 ** 31 - 1

interface RecordArguments extends RecordConfig {
  readonly config: string | undefined
}

/** Options of one text each, and options that may be given again and again. */
const SINGLE = {
  mode: 'full (default); light and snapshot come later',
  for: 'Stop after this time: 30s, 10m, 2h',
  store: `Where recordings are kept (default: ${DEFAULT_STORE_TEXT})`,
  spool: 'Folder where entries wait for a store on a server (default: ./bookreel-spool/DATABASE)',
  'spool-limit': 'What may wait there for each stream (default: 20GB)',
  'takeover-after': 'With --standby: how long another recorder must be silent (default: 15s)',
  connections: 'Redundant connections of each stream, 1 to 4 (default: 1)',
  durability: 'Time until entries are on disk (default: 200ms)',
  'metrics-port': 'Port for Prometheus (/metrics) and /health; 0: any free one',
  'metrics-host': 'Address of that port (default: 127.0.0.1)',
  config: 'JSON file that holds what the flags hold',
} as const
const REPEATABLE = {
  venue: 'Venue to record (default: all)',
  endpoint: 'coinbase.ws=URL, coinbase.rest=URL, bitfinex.ws=URL, bitfinex.rest=URL',
  symbol: "The venue's own symbol: bitfinex=tBTCUSD",
  feed: 'coinbase=full|level3|level2_batch, bitfinex=R0|P0|P1|P2|P3|P4',
} as const

const withRecordOptions = (command: Argv): Argv<RecordArguments> => {
  let built: Argv = command
    .positional('pairs', { type: 'string', array: true, describe: 'Pairs such as BTC-USD' })
    .option('json', { type: 'boolean', describe: 'One line of status a second on stdout, for machines' })
    .option('standby', {
      type: 'boolean',
      describe: 'Wait while another recorder has the streams; take over when it is gone',
    })
    .option('take-over', {
      type: 'boolean',
      describe: 'Connect first, then take the streams over from the recorder that has them on this machine',
    })
    .example('$0 record BTC-USD', 'both venues, into ./bookreel-data, until Ctrl-C')
    .example('$0 record BTC-USD ETH-USD --venue bitfinex --for 10m', 'ten minutes of one venue')
  for (const [name, describe] of Object.entries(SINGLE))
    built = built.option(name, { type: 'string', requiresArg: true, describe })
  for (const [name, describe] of Object.entries(REPEATABLE))
    built = built.option(name, { type: 'string', array: true, nargs: 1, describe: `${describe}; repeatable` })
  return built as Argv<RecordArguments>
}

const readConfig = (path: string): RecordConfig => {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw usageProblem(
      `Cannot read --config ${path}: ${error instanceof Error ? error.message : String(error)}.`,
    )
  }
  const parsed = parseRecordConfig(text)
  if (isLeft(parsed)) throw usageProblem(`The file ${path} ${parsed.left}.`)
  return parsed.right
}

/** What was asked for: a flag wins over the file. */
interface Wish {
  readonly plan: RecordPlan
  readonly store: string
  readonly spool: string | undefined
  readonly standsBy: boolean
  readonly json: boolean
  readonly metrics: { readonly port: number | undefined; readonly host: string }
  /** Milliseconds; undefined: until stopped. */
  readonly duration: number | undefined
}

const readWish = (given: ArgumentsCamelCase<RecordArguments>): Wish => {
  const file = given.config === undefined ? {} : readConfig(given.config)
  const list = (
    flag: readonly string[] | undefined,
    fromFile: readonly string[] | undefined,
  ): readonly string[] => (flag !== undefined && flag.length > 0 ? flag : (fromFile ?? []))
  const store = given.store ?? file.store ?? defaultStore()
  const lasting = given.for ?? file.for
  const duration = lasting === undefined ? undefined : durationOf('for', lasting) / 1000
  if (duration !== undefined && duration > LONGEST_TIMER)
    throw usageProblem('--for is at most 24 days: leave it out to record until stopped.')
  const standsBy = given.standby ?? file.standby ?? false
  const silence = given['takeover-after'] ?? file['takeover-after']
  const plan = planRecording(
    {
      pairs: list(given.pairs, file.pairs),
      venues: list(given.venue, file.venue),
      mode: given.mode ?? file.mode ?? 'full',
      store,
      endpoints: list(given.endpoint, file.endpoint),
      symbols: list(given.symbol, file.symbol),
      feeds: list(given.feed, file.feed),
      spool: given.spool ?? file.spool,
      spoolLimit: sizeOf('spool-limit', given['spool-limit'] ?? file['spool-limit'] ?? '20GB'),
      isStoreRemote: remoteStoreName(store) !== undefined,
      standsBy,
      takesOver: given['take-over'] ?? file['take-over'] ?? false,
      patience: silence === undefined ? undefined : durationOf('takeover-after', silence) / 1000,
      connections: Number(given.connections ?? file.connections ?? '1'),
      durability: durationOf('durability', given.durability ?? file.durability ?? '200ms') / 1000,
    },
    venues,
    process.env,
    SOFTWARE,
  )
  if (isLeft(plan)) throw usageProblem(plan.left)
  const port = given['metrics-port'] ?? file['metrics-port']
  return {
    plan: plan.right,
    store,
    spool: given.spool ?? file.spool,
    standsBy,
    json: given.json ?? file.json ?? false,
    metrics: {
      port: port === undefined ? undefined : portOf('metrics-port', port),
      host: given['metrics-host'] ?? file['metrics-host'] ?? '127.0.0.1',
    },
    duration,
  }
}

/** Stops at the first signal, ends at once at the second. Gives the exit code to end with. */
const stopOnSignals = (supervisor: Supervisor, screen: RecordScreen): (() => number) => {
  let exitCode: number = EXIT.done
  listenToSignals(
    (code) => {
      exitCode = code
      const message = 'Stopping: flushing and sealing what was recorded.'
      screen.writeLog({ level: 'info', about: undefined, message })
      supervisor.stop()
    },
    () => {
      supervisor.kill()
    },
  )
  return () => exitCode
}

const streamsOf = ({ pairs }: RecordPlan): readonly StreamId[] =>
  pairs.flatMap(({ streams }) => streams.map(({ stream }) => stream))

/** Another recorder is ready to go on with the streams. */
const stopFor =
  (supervisor: Supervisor, screen: RecordScreen) =>
  (by: string): void => {
    const message = `Process ${by} takes over: flushing and sealing what was recorded.`
    screen.writeLog({ level: 'info', about: undefined, message })
    supervisor.stop()
  }

/** The end of a status line, once more for people. */
const tellEnd = (streams: readonly StreamStatus[], store: string): void => {
  for (const { stream, entries, lastSeq, gaps, checksums, sealMismatches } of streams) {
    const mismatches =
      sealMismatches === 0 ? '' : `; ${String(sealMismatches)} chunks not as the live book said`
    print(
      `${stream}: ${String(entries)} entries, the last is ${String(lastSeq)}; gaps ${String(gaps)}, ` +
        `checksums ${String(checksums.right)} right and ${String(checksums.wrong)} wrong${mismatches}; stored in ${shownStore(store)}`,
    )
  }
}

const throwFailures = ({ failures }: SupervisorOutcome): void => {
  if (failures.length > 0) throw new Problem(failures.join('\nbookreel: '))
}

const awayText = (sentence: string, standsBy: boolean): string =>
  standsBy
    ? `${sentence} Standing by until it is there.`
    : `${sentence} Recording begins without it: what is recorded waits in the spool.`

const record = async (given: ArgumentsCamelCase<RecordArguments>): Promise<void> => {
  const { plan, store, spool, standsBy, json, metrics, duration } = readWish(given)
  checkIsKept(store)
  const trouble = await checkStore(store)
  if (trouble?.kind === 'refused') throw new Problem(trouble.sentence)
  const screen = newRecordScreen()
  if (trouble !== undefined)
    screen.writeLog({ level: 'warn', about: undefined, message: awayText(trouble.sentence, standsBy) })
  for (const message of plan.notices) screen.writeLog({ level: 'warn', about: undefined, message })
  const place = journalFolder({ store, spool })
  const supervisor = newSupervisor(plan, screen.writeLog, () => {
    void askForHandOver({ journalFolder: place, streams: streamsOf(plan), writeLog: screen.writeLog })
  })
  const endMonitoring = await startMonitoring({
    supervisor,
    store: shownStore(store),
    journalFolder: place,
    ...metrics,
    writeLog: screen.writeLog,
    onHandOver: stopFor(supervisor, screen),
  }).catch((error: unknown) => {
    throw new Problem(error instanceof Error ? error.message : String(error))
  })
  const exitCode = stopOnSignals(supervisor, screen)
  const show = (streams: readonly StreamStatus[]): void => {
    screen.showStatus(streams)
    if (json) printJson({ streams })
  }
  supervisor.start()
  const ticking = setInterval(() => {
    show(supervisor.status())
  }, STATUS_INTERVAL)
  const ending =
    duration === undefined
      ? undefined
      : setTimeout(() => {
          supervisor.stop()
        }, duration)
  const outcome = await supervisor.outcome
  clearInterval(ticking)
  clearTimeout(ending)
  await endMonitoring()
  show(outcome.streams)
  if (!json) tellEnd(outcome.streams, store)
  throwFailures(outcome)
  // A recording that was stopped early may be empty; one that ended by itself was meant to hold something.
  if (exitCode() === EXIT.done && !supervisor.hasDelivered && !standsBy)
    throw new Problem('Nothing was recorded: no venue delivered in the time given with --for.')
  process.exitCode = exitCode()
}

export const recordCommand: CommandModule<unknown, RecordArguments> = {
  command: 'record [pairs..]',
  describe: 'Record pairs from their venues until stopped',
  builder: (command) => withRecordOptions(command),
  handler: record,
}
