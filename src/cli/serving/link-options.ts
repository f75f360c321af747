/** Options of simulated venues about faults and logs on the way to the clients. Owns reading the fault script. */
import { readFileSync } from 'node:fs'

import { isLeft } from 'fp-ts/lib/Either.js'
import type { Argv } from 'yargs'

import { CHAOS_LEVELS } from '../../../simulator/faults/chaos.ts'
import { parseFaultScript } from '../../../simulator/faults/fault-script.ts'
import type { LinksOptions } from '../../../simulator/faults/links.ts'
import { usageProblem } from '../problem.ts'

export interface LinkArguments {
  faults: string | undefined
  chaos: string | undefined
  'log-faults': string | undefined
}

/** `--faults`, `--chaos` and `--log-faults`. */
export const withLinkOptions = <T>(command: Argv<T>): Argv<T & LinkArguments> =>
  command
    .option('faults', {
      type: 'string',
      requiresArg: true,
      describe: 'A script of what goes wrong where: JSON lines or a JSON array',
    })
    .option('chaos', {
      type: 'string',
      requiresArg: true,
      describe: `Things go wrong by chance, the same for the same seed: ${CHAOS_LEVELS.join(', ')}`,
    })
    .option('log-faults', { type: 'string', requiresArg: true, describe: 'Write every fault injected here' })

type Rules = NonNullable<LinksOptions['rules']>

const rulesOf = (file: string): Rules => {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw usageProblem(
      `Cannot read --faults ${file}: ${error instanceof Error ? error.message : String(error)}.`,
    )
  }
  const rules = parseFaultScript(text)
  if (isLeft(rules)) throw usageProblem(`The fault script ${file}: ${rules.left}.`)
  return rules.right
}

/** Reads the script; a Problem names the line and the reason. `seed`: of chaos. */
export const linksOf = (args: LinkArguments, seed: number, logSent: string | undefined): LinksOptions => {
  const chaos = CHAOS_LEVELS.find((level) => level === args.chaos)
  if (args.chaos !== undefined && chaos === undefined)
    throw usageProblem(`--chaos "${args.chaos}" is no level: give ${CHAOS_LEVELS.join(', ')}.`)
  const logFaults = args['log-faults']
  if (logFaults !== undefined && args.faults === undefined && chaos === undefined)
    throw usageProblem('--log-faults is for --faults or --chaos.')
  return {
    seed,
    ...(args.faults === undefined ? {} : { rules: rulesOf(args.faults) }),
    ...(chaos === undefined ? {} : { chaos }),
    ...(logFaults === undefined ? {} : { logFaults }),
    ...(logSent === undefined ? {} : { logSent }),
  }
}
