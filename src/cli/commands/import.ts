/** `bookreel import`: recorded frames from a file into a store. */
import type { CommandModule } from 'yargs'

import { CaptureProblem } from '../../app/archive/capture-reader.ts'
import { importCapture, surveyCapture } from '../../app/archive/import-capture.ts'
import { whileOwning } from '../../app/archive/own-stream.ts'
import { splitStreamId } from '../../market/instrument.ts'
import { checkIsKept, checkSpool, streamNamed, withStoreAt } from '../archive.ts'
import { withSpool, withStore } from '../options.ts'
import { print, printJson, tell } from '../printing/output.ts'
import { newProgress } from '../printing/progress.ts'
import { Problem } from '../problem.ts'

interface ImportArguments {
  store: string
  json: boolean
  path: string | undefined
  stream: string
  symbol: string | undefined
  spool: string | undefined
  'assume-empty-book': boolean
}

const asProblem = (error: unknown): never => {
  throw error instanceof CaptureProblem ? new Problem(error.message) : error
}

export const importCommand: CommandModule<unknown, ImportArguments> = {
  command: 'import <path>',
  describe: 'Put recorded frames (JSON lines, gzip or plain) into a store, as if just received',
  builder: (command) =>
    withSpool(
      withStore(
        command.positional('path', {
          type: 'string',
          describe: 'A capture file, or the folder that holds one',
        }),
      ),
    )
      .option('stream', {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: 'The stream to make of it, such as coinbase:BTC-USD',
      })
      .option('symbol', {
        type: 'string',
        requiresArg: true,
        describe: 'The venue’s own name of the pair, if unusual',
      })
      .option('assume-empty-book', {
        type: 'boolean',
        default: false,
        describe: 'For a fragment without its snapshot: begin with an empty book (valid, never verified)',
      })
      .example('$0 import capture.jsonl.gz --stream coinbase:BTC-USD', 'one pair of a capture'),
  handler: async ({
    store: url,
    json,
    path = '',
    stream: name,
    symbol,
    spool,
    'assume-empty-book': assumeEmptyBook,
  }) => {
    const { stream, venue } = streamNamed(name)
    const pair = splitStreamId(stream)?.pair ?? ''
    checkIsKept(url)
    checkSpool(url, spool)
    // A file that is wrong somewhere leaves nothing in the store.
    const lines = await surveyCapture(path).catch(asProblem)
    await withStoreAt(url, 'write', async (store) => {
      const counter = newProgress('import', lines, 'lines')
      try {
        const options = {
          store,
          stream,
          venue,
          pair,
          symbol: symbol ?? venue.symbolOf(pair),
          location: path,
          assumeEmptyBook,
          onLines: counter.add,
        }
        const result = await whileOwning({ url, spool, store }, stream, () => importCapture(options))
        counter.stop()
        if (result.isEmpty)
          tell(
            `Nothing in ${path} makes a book or a trade of ${stream}; its frames are kept. ` +
              'It may speak of other pairs (--symbol names an unusual one), or lack its snapshot (--assume-empty-book).',
          )
        if (json) printJson(result)
        else
          print(
            `${String(result.lines)} lines of ${path} are now entries ${String(result.firstSeq)} to ${String(result.lastSeq)} of ${stream}.`,
          )
      } catch (error) {
        counter.stop()
        asProblem(error)
      }
    })
  },
}
