#!/usr/bin/env node
/** The command line: finds the command, prints its problem as one sentence, sets the exit code. */
import yargs from 'yargs'
import { hideBin } from 'yargs/helpers'

import { EXIT, Problem } from './problem.ts'

const main = async (): Promise<void> => {
  try {
    await yargs(hideBin(process.argv))
      .scriptName('bookreel')
      .usage('$0 <command>\n\nRecords what exchanges say about their order books, and replays it.')
      .demandCommand(1, 'Say which command to run; "bookreel --help" lists them.')
      .strict()
      .wrap(Math.min(110, process.stdout.columns || 110))
      .fail((message, error: Error | undefined) => {
        throw error ?? new Problem(`${message} ("bookreel --help" shows what there is.)`, EXIT.usage)
      })
      .parseAsync()
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    process.stderr.write(`bookreel: ${error.message}\n`)
    process.exitCode = error.exitCode
  }
}

await main()
