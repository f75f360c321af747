/** Asks the recorder before this one to end, once this one is ready to go on with its streams. */
import { systemPath } from '../app/monitor/monitoring.ts'
import { askRecorders, askToHandOver } from '../app/monitor/status-sockets.ts'
import type { StreamId } from '../market/instrument.ts'
import type { WriteLog } from '../recorder/recorder-log.ts'

export interface HandOver {
  readonly journalFolder: string
  readonly streams: readonly StreamId[]
  readonly writeLog: WriteLog
}

/** What cannot be asked is said: its operator has to stop it. */
export const askForHandOver = async ({ journalFolder, streams, writeLog }: HandOver): Promise<void> => {
  const journal = systemPath(journalFolder)
  const { reports } = await askRecorders()
  for (const report of reports) {
    const isOther = report.process !== process.pid && report.journal === journal
    if (!isOther || !report.streams.some(({ stream }) => streams.includes(stream))) continue
    const recorder = `process ${String(report.process)} (${report.software})`
    const agrees = await askToHandOver(report.process, process.pid)
    writeLog(
      agrees
        ? { level: 'info', about: undefined, message: `Connected; taking over from ${recorder}.` }
        : {
            level: 'warn',
            about: undefined,
            message: `Connected, but ${recorder} hands nothing over: stop it.`,
          },
    )
  }
}
