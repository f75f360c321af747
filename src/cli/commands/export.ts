/** `bookreel export`: stored data as files that other tools read. */
import type { CommandModule } from 'yargs'

import { exportFrames } from '../../export/frames.ts'
import { streamsOf, withStoreAt } from '../archive.ts'
import { rangeOf, withRange, withStore } from '../options.ts'
import { tell } from '../printing/output.ts'
import { newProgress } from '../printing/progress.ts'
import { openOutput } from '../printing/text-output.ts'
import { Problem, usageProblem } from '../problem.ts'

interface ExportArguments {
  store: string
  json: boolean
  kind: string | undefined
  streams: string[] | undefined
  out: string | undefined
  from: string | undefined
  to: string | undefined
  overwrite: boolean
}

export const exportCommand: CommandModule<unknown, ExportArguments> = {
  command: 'export <kind> [streams..]',
  describe: 'Write stored data to files; KIND is frames: every entry as a JSON line, byte for byte',
  builder: (command) =>
    withRange(
      withStore(
        command
          .positional('kind', { type: 'string', describe: 'frames' })
          .positional('streams', { type: 'string', array: true, describe: 'The stream' }),
      ),
    )
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'File to write; stdout if left out or -',
      })
      .option('overwrite', { type: 'boolean', default: false, describe: 'Replace the file if it exists' })
      .example('$0 export frames coinbase:BTC-USD --out frames.jsonl', 'everything that was received'),
  handler: async ({ store: url, kind, streams, out, from, to, overwrite }) => {
    if (kind !== 'frames')
      throw usageProblem(`Unknown export kind "${kind ?? ''}": this version exports frames.`)
    const range = rangeOf(from, to)
    await withStoreAt(url, 'read', async (store) => {
      const found = await streamsOf(store, streams ?? [])
      const [only] = found
      if (only === undefined) throw new Problem('The store is empty: there is nothing to export.')
      if (found.length > 1)
        throw usageProblem(`Name one stream to export: ${found.map(({ stream }) => stream).join(', ')}.`)
      const output = await openOutput(out, overwrite)
      const progress = newProgress('export', await store.lastSeq(only.stream), 'entries')
      try {
        const entries = await exportFrames(store, only.stream, range, async (text, count) => {
          progress.add(count)
          await output.write(text)
        })
        await output.finish()
        progress.stop()
        if (out !== undefined && out !== '-')
          tell(`${String(entries)} entries of ${only.stream} written to ${out}.`)
      } catch (error) {
        progress.stop()
        await output.abandon()
        throw error
      }
    })
  },
}
