/** `bookreel status`: how the recorders that run on this machine are doing. */
import type { CommandModule } from 'yargs'

import type { RecorderReport } from '../../app/monitor/recorder-report.ts'
import { askRecorders } from '../../app/monitor/status-sockets.ts'
import { microsOf, microsToIso } from '../../market/time.ts'
import { bytesText, print, printJson, table } from '../printing/output.ts'
import { storeAwayText } from '../printing/status-table.ts'
import { EXIT, Problem } from '../problem.ts'

const secondsText = (micros: number): string => {
  const seconds = Math.max(0, Math.round(micros / 1e6))
  if (seconds < 120) return `${String(seconds)} s`
  if (seconds < 7200) return `${String(Math.round(seconds / 60))} min`
  return seconds < 172_800
    ? `${String(Math.round(seconds / 3600))} h`
    : `${String(Math.round(seconds / 86_400))} d`
}

const describe = ({
  process,
  software,
  startedAt,
  now,
  store,
  freeBytes,
  streams,
  troubles,
  restarts,
}: RecorderReport): string => {
  const since = microsToIso(microsOf(startedAt)).replace(/\.\d+Z$/, 'Z')
  const free = freeBytes === null ? '' : `, ${bytesText(freeBytes)} free`
  const head = `${software}, process ${String(process)}, since ${since} (${secondsText(now - startedAt)}), into ${store}${free}`
  const rows = streams.map((status) => [
    status.stream,
    status.state,
    status.valid ? (status.verified ? 'verified' : 'valid') : (status.reason ?? '-'),
    String(status.entries),
    status.lastFrameTime === null ? '-' : `${secondsText(status.silence * 1000)} ago`,
    String(status.gaps),
    `${String(status.checksums.right)}/${String(status.checksums.wrong)}`,
    String(status.spooledChunks),
  ])
  const again = Object.entries(restarts)
    .filter(([, count]) => count > 0)
    .map(
      ([pair, count]) =>
        `${pair}: its process was started again ${count === 1 ? 'once' : `${String(count)} times`}.`,
    )
  const columns = ['stream', 'state', 'book', 'entries', 'last', 'gaps', 'checks', 'spool']
  const away = streams.flatMap(({ stream, storeAway }) =>
    storeAway === null ? [] : [storeAwayText(stream, storeAway)],
  )
  return [head, table([columns, ...rows]), ...troubles, ...away, ...again].join('\n')
}

export const statusCommand: CommandModule<unknown, { json: boolean }> = {
  command: 'status',
  describe: 'Ask the recorders that run on this machine how they are doing',
  builder: (command) =>
    command
      .option('json', { type: 'boolean', default: false, describe: 'Print results as JSON, for machines' })
      .example('$0 status', 'a table for each recorder of yours that runs'),
  handler: async ({ json }) => {
    const { reports, silent } = await askRecorders()
    if (json) printJson({ recorders: reports, silent })
    else if (reports.length === 0 && silent.length === 0)
      print('No recorder of yours is running on this machine.')
    else print(reports.map(describe).join('\n\n'))
    if (silent.length > 0)
      throw new Problem(`No answer from process ${silent.join(', ')}: it runs and is stuck.`)
    if (reports.length === 0 || reports.some(({ healthy }) => !healthy)) process.exitCode = EXIT.failed
  },
}
