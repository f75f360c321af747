/** The command line: finds the command, prints its problem as one sentence, sets the exit code. */
import yargs from 'yargs'
import { hideBin } from 'yargs/helpers'

import { SOFTWARE_VERSION } from '../app/software.ts'
import { type AddCommand, COMMANDS } from './command-table.ts'
import { EXIT, Problem, usageProblem } from './problem.ts'

/** In the place of the parser's own words; its types do not know of plurals. */
const SENTENCES = {
  'Not enough arguments following: %s': 'The option --%s needs a value',
  'Missing required argument: %s': {
    one: 'The option --%s must be given',
    other: 'These options must be given: %s',
  },
  'Not enough non-option arguments: got %s, need at least %s': {
    one: 'The command needs to be told more: %s words given, %s needed',
    other: 'The command needs to be told more: %s words given, %s needed',
  },
}

/** Options that may be given again and again; a positional list is one too. */
const LISTS = ['_', 'pairs', 'streams', 'venue', 'endpoint', 'feed', 'pair', 'head']

const checkWords = (
  args: Readonly<Record<string, unknown>> & { readonly _: readonly (string | number)[] },
): true => {
  const [command, stray] = args._
  if (stray !== undefined) throw usageProblem(`"${String(stray)}" is one word too many.`)
  const isList = (name: string): boolean =>
    LISTS.includes(name) || (name === 'symbol' && command === 'record')
  const twice = Object.keys(args).find((name) => Array.isArray(args[name]) && !isList(name))
  if (twice !== undefined) throw usageProblem(`--${twice} was given twice: give it once.`)
  return true
}

const refuse = (message: string, error: Error | undefined): never => {
  if (error !== undefined && error.name !== 'YError') throw error
  const sentence = message.replace(/\s*\n\s*/g, ' ').replace(/[.\s]+$/, '')
  throw new Problem(`${sentence} ("bookreel --help" shows what there is).`, EXIT.usage)
}

/** One sentence on stderr, and the exit code. */
const tellProblem = (error: unknown): void => {
  const isProblem = error instanceof Problem
  const message = error instanceof Error ? error.message : String(error)
  process.stderr.write(
    `bookreel: ${isProblem ? message : `unexpected trouble, please report it: ${message}`}\n`,
  )
  if (!isProblem && process.env['BOOKREEL_DEBUG'] !== undefined) console.error(error)
  process.exitCode = isProblem ? error.exitCode : EXIT.failed
}

/** The one that is meant, or all of them where that is not plain: to be listed, or because options come first. */
const commandsFor = ([first = '']: readonly string[]): Iterable<AddCommand> => {
  const only = COMMANDS.get(first)
  return only === undefined ? COMMANDS.values() : [only]
}

/** Runs the command that the process was started with; sets the exit code. */
export const runCommandLine = async (): Promise<void> => {
  try {
    const words = hideBin(process.argv)
    const line = yargs(words)
    for (const add of commandsFor(words)) await add(line)
    await line
      .scriptName('bookreel')
      .locale('en')
      .updateStrings(SENTENCES as unknown as Record<string, string>)
      .version(SOFTWARE_VERSION)
      .usage('$0 <command>\n\nRecords what exchanges say about their order books, and replays it.')
      .demandCommand(1, 'Say which command to run')
      .strictCommands()
      .strict()
      .check(checkWords)
      .wrap(Math.min(110, process.stdout.columns || 110))
      .fail(refuse)
      .parseAsync()
  } catch (error) {
    tellProblem(error)
  }
}
