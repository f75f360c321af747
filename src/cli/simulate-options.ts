/** Reads the arguments of `bookreel simulate`; says in one sentence what is wrong with them. */
import type { Argv } from 'yargs'

import type { Pace } from '../../simulator/playback/pacer.ts'
import { SIMULATED_VENUES, type SimulatedVenueId, type SimulationOptions } from '../../simulator/simulate.ts'
import { isPair } from '../market/instrument.ts'
import { usageProblem } from './problem.ts'

export interface SimulateArguments {
  seed: number | undefined
  rate: string | undefined
  events: number | undefined
  pair: string[] | undefined
  venue: string[] | undefined
  port: number
  for: string | undefined
  json: boolean
  books: boolean
  control: boolean
  capture: string | undefined
  pace: string | undefined
  'log-sent': string | undefined
}

const DEFAULT_RATE = 500

/** What is generated. */
const withFlowOptions = (command: Argv) =>
  command
    .option('seed', {
      type: 'number',
      requiresArg: true,
      describe: 'The same seed gives the same flow [1]',
    })
    .option('rate', {
      type: 'string',
      requiresArg: true,
      describe: 'Events a second of each market, or max: as fast as somebody reads [500]',
    })
    .option('events', {
      type: 'number',
      requiresArg: true,
      describe: 'Events of each market, then silence',
    })
    .option('pair', {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'Pairs to trade [BTC-USD]',
    })
    .option('venue', {
      type: 'string',
      array: true,
      requiresArg: true,
      describe: 'coinbase, bitfinex [both]',
    })

/** The options of the command. */
export const withSimulateOptions = (command: Argv): Argv<SimulateArguments> =>
  withFlowOptions(command)
    .option('port', {
      type: 'number',
      default: 0,
      requiresArg: true,
      describe: 'Port of the first venue, the next one has the next; 0: free ones',
    })
    .option('for', { type: 'string', requiresArg: true, describe: 'Stop after this long, such as 10s' })
    .option('books', {
      type: 'boolean',
      default: false,
      describe: 'Print the engines’ own books at the end',
    })
    .option('control', {
      type: 'boolean',
      default: false,
      describe: 'Answer GET /simulator/books and POST /simulator/stop-flow beside the REST addresses',
    })
    .option('capture', {
      type: 'string',
      requiresArg: true,
      describe: 'Play this capture instead of a flow',
    })
    .option('pace', {
      type: 'string',
      requiresArg: true,
      describe: 'Of a capture: recorded, max or a factor',
    })
    .option('log-sent', {
      type: 'string',
      requiresArg: true,
      describe: 'Write every captured frame sent here',
    })
    .option('json', { type: 'boolean', default: false, describe: 'Print results as JSON, for machines' })

const wholeNumber = (option: string, value: number, least: number, most: number): number => {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value
  const range = `from ${String(least)} to ${String(most)}`
  const given = Number.isNaN(value) ? '' : ` ${String(value)}`
  throw usageProblem(`--${option}${given} is not a whole number ${range}.`)
}

export const portOf = (args: SimulateArguments): number => wholeNumber('port', args.port, 0, 65_534)

const venueOf = (text: string): SimulatedVenueId => {
  const venue = SIMULATED_VENUES.find((name) => name === text)
  if (venue !== undefined) return venue
  throw usageProblem(`No venue "${text}" can be simulated: there are ${SIMULATED_VENUES.join(' and ')}.`)
}

const pairOf = (text: string): string => {
  if (isPair(text)) return text
  throw usageProblem(`"${text}" is no pair: write it like BTC-USD.`)
}

const rateOf = (text: string): number | 'max' => {
  const rate = Number(text)
  if (text === 'max') return 'max'
  if (text.trim() !== '' && rate > 0 && rate <= 1e6) return rate
  throw usageProblem(`--rate "${text}" is no rate: give events a second, up to 1000000, or max.`)
}

/** For generated flow. */
export const simulationOf = (args: SimulateArguments): SimulationOptions => {
  for (const option of ['pace', 'log-sent'] as const)
    if (args[option] !== undefined) throw usageProblem(`--${option} is for --capture only.`)
  const events = args.events === undefined ? undefined : wholeNumber('events', args.events, 1, 1e12)
  return {
    seed: wholeNumber('seed', args.seed ?? 1, 0, Number.MAX_SAFE_INTEGER),
    rate: rateOf(args.rate ?? String(DEFAULT_RATE)),
    venues: [...new Set((args.venue ?? SIMULATED_VENUES).map(venueOf))],
    pairs: [...new Set((args.pair ?? ['BTC-USD']).map(pairOf))],
    port: portOf(args),
    control: args.control,
    events,
  }
}

/** For a capture. */
export const paceOf = (args: SimulateArguments): Pace => {
  for (const option of ['seed', 'rate', 'events', 'pair', 'venue'] as const)
    if (args[option] !== undefined)
      throw usageProblem(`--${option} does not go with --capture: a capture is played as it is.`)
  for (const option of ['books', 'control'] as const)
    if (args[option]) throw usageProblem(`--${option} does not go with --capture: no engine holds its books.`)
  const text = args.pace ?? 'recorded'
  if (text === 'recorded' || text === 'max') return text
  const factor = Number(text)
  if (text.trim() !== '' && factor > 0 && factor < 1e9) return factor
  throw usageProblem(`--pace "${text}" is no pace: give recorded, max, or a factor such as 10.`)
}
