#!/usr/bin/env node
/** The command line: finds the command, prints its problem as one sentence, sets the exit code. */
import yargs from 'yargs'
import { hideBin } from 'yargs/helpers'

import { SOFTWARE_VERSION } from '../app/software.ts'
import { bookCommand } from './commands/book.ts'
import { demoCommand } from './commands/demo.ts'
import { exportCommand } from './commands/export.ts'
import { importCommand } from './commands/import.ts'
import { infoCommand } from './commands/info.ts'
import { recordCommand } from './commands/record.ts'
import { replayCommand } from './commands/replay.ts'
import { simulateCommand } from './commands/simulate.ts'
import { verifyCommand } from './commands/verify.ts'
import { EXIT, Problem } from './problem.ts'

const main = async (): Promise<void> => {
  try {
    await yargs(hideBin(process.argv))
      .scriptName('bookreel')
      .version(SOFTWARE_VERSION)
      .usage('$0 <command>\n\nRecords what exchanges say about their order books, and replays it.')
      .command(recordCommand)
      .command(replayCommand)
      .command(bookCommand)
      .command(verifyCommand)
      .command(infoCommand)
      .command(exportCommand)
      .command(importCommand)
      .command(simulateCommand)
      .command(demoCommand)
      .demandCommand(1, 'Say which command to run; "bookreel --help" lists them.')
      .strict()
      .wrap(Math.min(110, process.stdout.columns || 110))
      .fail((message, error: Error | undefined) => {
        throw error ?? new Problem(`${message} ("bookreel --help" shows what there is.)`, EXIT.usage)
      })
      .parseAsync()
  } catch (error) {
    const isProblem = error instanceof Problem
    const message = error instanceof Error ? error.message : String(error)
    process.stderr.write(
      `bookreel: ${isProblem ? message : `unexpected trouble, please report it: ${message}`}\n`,
    )
    if (!isProblem && process.env['BOOKREEL_DEBUG'] !== undefined) console.error(error)
    process.exitCode = isProblem ? error.exitCode : EXIT.failed
  }
}

// A reader that has seen enough (`| head`) is no trouble.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})

await main()
