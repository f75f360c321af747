/** `bookreel export`: stored data as files that other tools read. */
import type { CommandModule } from 'yargs'

import type { ExportRequest, ExportSummary } from '../../app/export/export-request.ts'
import { exportTable } from '../../app/export/export-tables.ts'
import { ExportProblem } from '../../export/export-problem.ts'
import { formatOfPath } from '../../export/formats/new-encoder.ts'
import { exportFrames } from '../../export/frames.ts'
import type { EventStore } from '../../log/event-store.ts'
import type { StreamId } from '../../market/instrument.ts'
import { ReplayFailure } from '../../replay/replay-failure.ts'
import { streamsOf, withStoreAt } from '../archive.ts'
import {
  checkExport,
  EXPORT_KINDS,
  type ExportArguments,
  exportRequestOf,
  withExportOptions,
} from '../export-options.ts'
import { rangeOf, withRange, withStore } from '../options.ts'
import { bytesText, tell } from '../printing/output.ts'
import { newProgress } from '../printing/progress.ts'
import { openOutput } from '../printing/text-output.ts'
import { Problem, usageProblem } from '../problem.ts'

const toExport = async (
  store: EventStore,
  names: readonly string[] | undefined,
): Promise<readonly StreamId[]> => {
  const found = await streamsOf(store, names ?? [])
  if (found.length === 0) throw new Problem('The store is empty: there is nothing to export.')
  return found.map(({ stream }) => stream)
}

const writeFrames = async (
  store: EventStore,
  stream: StreamId,
  { from, to, out, overwrite }: ExportArguments,
): Promise<void> => {
  const range = rangeOf(from, to)
  const output = await openOutput(out, overwrite)
  const progress = newProgress('export', await store.lastSeq(stream), 'entries')
  try {
    const entries = await exportFrames(store, stream, range, async (text, count) => {
      progress.add(count)
      await output.write(text)
    })
    await output.finish()
    progress.stop()
    if (out !== undefined && out !== '-') tell(`${String(entries)} entries of ${stream} written to ${out}.`)
  } catch (error) {
    progress.stop()
    await output.abandon()
    throw error
  }
}

const exportRaw = async (args: ExportArguments): Promise<void> => {
  rangeOf(args.from, args.to)
  for (const option of ['columns', 'where', 'every'] as const)
    if (args[option] !== undefined)
      throw usageProblem(`--${option} is for tables, not for frames as JSON lines: name another format.`)
  await withStoreAt(args.store, 'read', async (store) => {
    const found = await toExport(store, args.streams)
    const [only] = found
    if (only === undefined || found.length > 1)
      throw usageProblem(`Name one stream to export: ${found.join(', ')}.`)
    await writeFrames(store, only, args)
  })
}

/** Frames are JSON lines in one file unless another format is named. */
const isJsonLines = ({ format, out }: ExportArguments): boolean => {
  const named = format ?? formatOfPath(out ?? '') ?? 'jsonl'
  return named === 'jsonl'
}

const entriesOf = async (store: EventStore, streams: readonly StreamId[]): Promise<number> => {
  let entries = 0
  for (const stream of streams)
    for (const header of await store.headers(stream).catch(() => [])) entries += header.entries
  return entries
}

const tellSummary = (summary: ExportSummary, kind: string, out: string, seconds: number): void => {
  const { rows, files, skipped, bytes } = summary
  const count = files === 1 ? '1 file' : `${String(files)} files`
  const before = skipped === 0 ? '' : ` (${String(skipped)} finished before)`
  const size = `${bytesText(bytes)}, ${rows === 0 ? '0' : (bytes / rows).toFixed(1)} bytes a row`
  tell(`${String(rows)} rows of ${kind} in ${count}${before} at ${out}: ${size}, ${seconds.toFixed(1)} s.`)
}

const exportRows = async (args: ExportArguments, kind: string): Promise<void> => {
  const wish = exportRequestOf(args, kind)
  checkExport({ ...wish, streams: [] })
  const startedAt = performance.now()
  await withStoreAt(args.store, 'read', async (store) => {
    const streams = await toExport(store, args.streams)
    const progress = newProgress('export', await entriesOf(store, streams), 'entries')
    const request: ExportRequest = { ...wish, streams, onEntries: progress.add }
    try {
      const summary = await exportTable(store, request)
      progress.stop()
      const out = args.out === undefined || args.out === '-' ? 'stdout' : args.out
      if (args.json) process.stderr.write(`${JSON.stringify(summary)}\n`)
      else if (out !== 'stdout') tellSummary(summary, kind, out, (performance.now() - startedAt) / 1000)
    } catch (error) {
      progress.stop()
      throw error instanceof ExportProblem || error instanceof ReplayFailure
        ? new Problem(error.message)
        : error
    }
  })
}

export const exportCommand: CommandModule<unknown, ExportArguments> = {
  command: 'export <kind> [streams..]',
  describe: `Write stored data to files; KIND is ${EXPORT_KINDS.join(', ')}`,
  builder: (command) =>
    withExportOptions(
      withRange(
        withStore(
          command
            .positional('kind', { type: 'string', describe: EXPORT_KINDS.join(', ') })
            .positional('streams', { type: 'string', array: true, describe: 'Streams; all if left out' }),
        ),
      ),
    )
      .example('$0 export events --out data', 'a Parquet data set, a file for each stream and day')
      .example('$0 export books coinbase:BTC-USD --every 1s --out books.parquet', 'the best ten levels each second')
      .example('$0 export trades --where "size >= 1" --out trades.csv.gz', 'large trades')
      .example('$0 export frames coinbase:BTC-USD --out frames.jsonl', 'everything that was received'), // prettier-ignore
  handler: async (args) => {
    const kind = args.kind ?? ''
    if (!EXPORT_KINDS.includes(kind))
      throw usageProblem(`Unknown export kind "${kind}": this version exports ${EXPORT_KINDS.join(', ')}.`)
    if (kind === 'frames' && isJsonLines(args)) await exportRaw(args)
    else await exportRows(args, kind)
  },
}
