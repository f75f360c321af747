/** `bookreel report`: a stream as one page to look at. */
import type { CommandModule } from 'yargs'

import { writeReport } from '../../app/report/write-report.ts'
import { ExportProblem } from '../../export/export-problem.ts'
import { ReplayFailure } from '../../replay/replay-failure.ts'
import { storeText, streamsOf, withStoreAt } from '../archive.ts'
import { rangeOf, withRange, withStore } from '../options.ts'
import { bytesText, printJson, tell } from '../printing/output.ts'
import { newProgress } from '../printing/progress.ts'
import { Problem, usageProblem } from '../problem.ts'

interface ReportArguments {
  readonly store: string
  readonly json: boolean
  readonly stream: string | undefined
  readonly from: string | undefined
  readonly to: string | undefined
  readonly out: string | undefined
  readonly overwrite: boolean
}

/** The file, or undefined for stdout, which must lead somewhere else than to a terminal. */
const targetOf = (out: string | undefined): string | undefined => {
  if (out === '') throw usageProblem('--out needs the name of a file, such as report.html.')
  if (out !== undefined && out !== '-') return out
  if (process.stdout.isTTY)
    throw usageProblem(
      'A report is a page for a browser, not for a terminal: name a file, as in --out report.html.',
    )
  return undefined
}

const report = async (args: ReportArguments): Promise<void> => {
  const range = rangeOf(args.from, args.to)
  const out = targetOf(args.out)
  const { overwrite, json } = args
  await withStoreAt(args.store, 'read', async (store) => {
    const [found] = await streamsOf(store, [args.stream ?? ''])
    if (found === undefined) return
    const { stream } = found
    const progress = newProgress('report', await store.lastSeq(stream), 'entries')
    try {
      const bytes = await writeReport(store, { stream, range, out, overwrite, onEntries: progress.add })
      progress.stop()
      if (out === undefined) return
      if (json) printJson({ stream, out, bytes })
      else tell(`The report of ${stream} is ${out}, ${bytesText(bytes)}: open it in a browser.`)
    } catch (error) {
      progress.stop()
      if (error instanceof ReplayFailure && error.error.kind === 'store')
        throw new Problem(storeText(error.error.error))
      throw error instanceof ExportProblem || error instanceof ReplayFailure
        ? new Problem(error.message)
        : error
    }
  })
}

export const reportCommand: CommandModule<unknown, ReportArguments> = {
  command: 'report <stream>',
  describe: 'Draw a stream as one HTML page: prices, depth, trades, data quality, latency',
  builder: (command) =>
    withRange(
      withStore(command.positional('stream', { type: 'string', describe: 'Such as coinbase:BTC-USD' })),
    )
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'The file to write; stdout if left out or -, unless that is a terminal',
      })
      .option('overwrite', { type: 'boolean', default: false, describe: 'Replace a file that exists' })
      .example('$0 report coinbase:BTC-USD --out report.html', 'all of it')
      .example('$0 report bitfinex:BTC-USD --from 2026-01-31 --to 2026-02-01 --out day.html', 'one day'),
  handler: report,
}
