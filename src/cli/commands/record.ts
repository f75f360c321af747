/** `bookreel record`: records pairs until it is told to stop. */
import { isatty } from 'node:tty'

import type { ArgumentsCamelCase, CommandModule } from 'yargs'

import { DiskGuard } from '../../app/monitor/disk-guard.ts'
import { freeBytesAt } from '../../app/monitor/free-space.ts'
import { startMonitoring } from '../../app/monitor/monitoring.ts'
import { shownStore } from '../../app/production.ts'
import { journalFolder } from '../../app/recording/open-journal.ts'
import { checkStore, newSupervisor } from '../../app/recording/record.ts'
import type { StreamStatus } from '../../recorder/stream-status.ts'
import type { Supervisor, SupervisorOutcome } from '../../recorder/supervisor.ts'
import { checkIsKept } from '../archive.ts'
import { askForHandOver } from '../hand-over.ts'
import { print, printJson } from '../printing/output.ts'
import { endText } from '../printing/record-end.ts'
import { newRecordScreen, type RecordScreen } from '../printing/record-screen.ts'
import { EXIT, Problem } from '../problem.ts'
import { type RecordArguments, withRecordOptions } from '../recording/record-options.ts'
import { configText, type RecordWish, recordWish } from '../recording/record-wish.ts'
import { takeSecrets } from '../recording/secrets-file.ts'
import { SettingsReload } from '../recording/settings-reload.ts'
import { listenToSignals } from '../signals.ts'

const STATUS_INTERVAL = 1000

/** Stops at the first signal, ends at once at the second. Gives the exit code to end with. */
const stopOnSignals = (
  supervisor: Supervisor,
  screen: RecordScreen,
  onHangUp: () => void,
): (() => number) => {
  let exitCode: number = EXIT.done
  const stop = (code: number): void => {
    exitCode = code
    const message = 'Stopping: flushing and sealing what was recorded.'
    screen.writeLog({ level: 'info', about: undefined, message })
    supervisor.stop()
  }
  listenToSignals(stop, () => {
    supervisor.kill()
    const message = 'Ended at once: what was not stored waits in the journal, and the next start stores it.'
    screen.writeLog({ level: 'warn', about: undefined, message })
  })
  const hadTerminal = isatty(2)
  // Nobody listens any more; what was received is kept all the same.
  process.stderr.on('error', () => undefined)
  process.stdout.removeAllListeners('error').once('error', () => {
    process.stdout.on('error', () => undefined)
    const message = 'Nobody reads the lines of status any more: recording goes on without them.'
    screen.writeLog({ level: 'warn', about: undefined, message })
  })
  process.on('SIGHUP', () => {
    if (hadTerminal && !isatty(2)) stop(EXIT.hungUp)
    else onHangUp()
  })
  return () => exitCode
}

/** Has the recorder end that has these streams. */
const takeOver =
  (wish: RecordWish, { writeLog }: RecordScreen) =>
  (): void => {
    const streams = wish.plan.pairs.flatMap((pair) => pair.streams.map(({ stream }) => stream))
    void askForHandOver({ journalFolder: journalFolder(wish), streams, writeLog })
  }

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
  for (const status of streams) print(endText(status, shownStore(store)))
}

const throwFailures = ({ failures, hasNoRoom }: SupervisorOutcome): void => {
  if (failures.length > 0)
    throw new Problem(failures.join('\nbookreel: '), hasNoRoom ? EXIT.noRoom : EXIT.failed)
}

const awayText = (sentence: string, standsBy: boolean): string =>
  standsBy
    ? `${sentence} Standing by until it is there.`
    : `${sentence} Recording begins without it: what is recorded waits in the spool.`

/** Undefined: it can be recorded into, or may be there later. */
const checkTarget = async ({ store, standsBy, free }: RecordWish, screen: RecordScreen): Promise<void> => {
  checkIsKept(store)
  const trouble = await checkStore(store)
  if (trouble === undefined) return
  if (trouble.kind === 'no-room') {
    // It pauses at once, and goes on by itself.
    if (free?.resume !== undefined) return
    throw new Problem(trouble.sentence, EXIT.noRoom)
  }
  if (trouble.kind === 'refused') throw new Problem(trouble.sentence)
  screen.writeLog({ level: 'warn', about: undefined, message: awayText(trouble.sentence, standsBy) })
}

/** Calls `action` every second until the answer is called. */
const everySecond = (action: () => void): (() => void) => {
  const ticking = setInterval(action, STATUS_INTERVAL)
  return () => {
    clearInterval(ticking)
  }
}

/** What looks after a recording from outside: the disk, new settings, those who ask how it goes. */
const watchOver = async (
  given: RecordArguments,
  text: string | undefined,
  { wish, supervisor, screen }: { wish: RecordWish; supervisor: Supervisor; screen: RecordScreen },
) => {
  const { store, spool, metrics, free } = wish
  const folder = journalFolder({ store, spool })
  const { writeLog } = screen
  const endMonitoring = await startMonitoring({
    supervisor,
    store: shownStore(store),
    journalFolder: folder,
    ...metrics,
    writeLog,
    onHandOver: stopFor(supervisor, screen),
  }).catch((error: unknown) => {
    throw new Problem(error instanceof Error ? error.message : String(error))
  })
  const freeBytes = async (): Promise<number | undefined> => await freeBytesAt(folder)
  const guard = free === undefined ? undefined : new DiskGuard({ ...free, freeBytes, supervisor, writeLog })
  const reload = new SettingsReload({ flags: given, text, wish, supervisor, writeLog })
  return { endMonitoring, freeBytes, guard, reload }
}

const record = async (given: ArgumentsCamelCase<RecordArguments>): Promise<void> => {
  if (given.secrets !== undefined) takeSecrets(given.secrets)
  const text = given.config === undefined ? undefined : configText(given.config)
  const wish = recordWish(given, text)
  const { plan, store, standsBy, json, duration } = wish
  const screen = newRecordScreen()
  await checkTarget(wish, screen)
  for (const message of plan.notices) screen.writeLog({ level: 'warn', about: undefined, message })
  const supervisor = newSupervisor(plan, {
    writeLog: screen.writeLog,
    onReady: takeOver(wish, screen),
    pausesWithoutRoom: wish.free?.resume !== undefined,
  })
  const { endMonitoring, freeBytes, guard, reload } = await watchOver(given, text, {
    wish,
    supervisor,
    screen,
  })
  const exitCode = stopOnSignals(supervisor, screen, () => {
    reload.ask()
    void guard?.askToResume()
  })
  const show = async (streams: readonly StreamStatus[]): Promise<void> => {
    const paused = supervisor.pauseReason
    screen.showStatus({ streams, paused, freeBytes: await freeBytes() })
    if (json) printJson(paused === undefined ? { streams } : { streams, paused })
  }
  await guard?.check()
  if (guard?.reason === undefined) supervisor.start()
  const endTicking = everySecond(() => {
    void guard?.check()
    reload.check()
    void show(supervisor.status())
  })
  const stop = (): void => {
    supervisor.stop()
  }
  const ending = duration === undefined ? undefined : setTimeout(stop, duration)
  const outcome = await supervisor.outcome
  endTicking()
  clearTimeout(ending)
  await endMonitoring()
  await show(outcome.streams)
  if (!json) tellEnd(outcome.streams, store)
  if (guard?.reason !== undefined) throw new Problem(guard.reason, EXIT.noRoom)
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
