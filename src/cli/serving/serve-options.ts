/** Reads the arguments of `bookreel serve`; says in one sentence what is wrong with them. */
import type { Argv } from 'yargs'

import { parseSpeed } from '../../../simulator/playback/control-requests.ts'
import type { ServeOptions } from '../../../simulator/playback/start-serve.ts'
import { rangeOf, withRange, withStore } from '../options.ts'
import { usageProblem } from '../problem.ts'
import { type LinkArguments, linksOf, withLinkOptions } from './link-options.ts'

export interface ServeArguments extends LinkArguments {
  store: string
  json: boolean
  streams: string[] | undefined
  from: string | undefined
  to: string | undefined
  speed: string
  port: number
  control: boolean
  for: string | undefined
  seed: number
  'log-sent': string | undefined
}

/** The options of the command. */
export const withServeOptions = (command: Argv): Argv<ServeArguments> =>
  withLinkOptions(
    withRange(
      withStore(
        command.positional('streams', {
          type: 'string',
          array: true,
          describe: 'Streams to serve, such as coinbase:BTC-USD',
        }),
      ),
    ),
  )
    .option('speed', {
      type: 'string',
      default: '1',
      requiresArg: true,
      describe: 'Times real time, or max: as fast as each client reads',
    })
    .option('port', {
      type: 'number',
      default: 0,
      requiresArg: true,
      describe: 'Port of the first venue, the next one has the next; 0: free ones',
    })
    .option('control', {
      type: 'boolean',
      default: false,
      describe: 'Answer pause, resume, step, speed and position under /simulator/ (docs/simulator.md)',
    })
    .option('for', { type: 'string', requiresArg: true, describe: 'Stop after this long, such as 10s' })
    .option('seed', { type: 'number', default: 1, requiresArg: true, describe: 'Of --chaos' })
    .option('log-sent', {
      type: 'string',
      requiresArg: true,
      describe: 'Write every frame sent here',
    })

const MOST_PORTS = 65_534

/** All but the store and its streams. */
export const serveOptionsOf = (args: ServeArguments): Omit<ServeOptions, 'store' | 'streams'> => {
  const speed = parseSpeed(args.speed)
  if (speed === undefined)
    throw usageProblem(`--speed "${args.speed}" is no speed: give max, or a factor such as 1 or 10.`)
  const { port, seed } = args
  if (!(Number.isSafeInteger(port) && port >= 0 && port <= MOST_PORTS))
    throw usageProblem(`--port must be a whole number from 0 to ${String(MOST_PORTS)}.`)
  if (!Number.isSafeInteger(seed) || seed < 0) throw usageProblem('--seed must be a whole number from 0.')
  return {
    range: rangeOf(args.from, args.to),
    speed,
    port,
    control: args.control,
    links: linksOf(args, seed, args['log-sent']),
  }
}
