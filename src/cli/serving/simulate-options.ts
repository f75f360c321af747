/** Reads the arguments of `bookreel simulate`; says in one sentence what is wrong with them. */
import type { Argv } from 'yargs'

import { FLOW_PRESETS, type FlowPresetName } from '../../../simulator/engine/flow-preset.ts'
import type { Pace } from '../../../simulator/playback/start-playback.ts'
import {
  SIMULATED_VENUES,
  type SimulatedVenueId,
  type SimulationOptions,
} from '../../../simulator/simulate.ts'
import { isPair } from '../../market/instrument.ts'
import { durationOf } from '../options.ts'
import { usageProblem } from '../problem.ts'
import { type HabitArguments, habitsOf, withHabitOptions } from './habit-options.ts'
import { type LinkArguments, withLinkOptions } from './link-options.ts'

export interface SimulateArguments extends LinkArguments, HabitArguments {
  seed: number | undefined
  rate: string | undefined
  preset: string | undefined
  lag: string | undefined
  events: number | undefined
  amend: boolean
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

const DEFAULT_PRESET = 'busy'

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
      describe:
        'Events a second of each market, or max: as fast as somebody reads [by preset: 50, 500, 2000]',
    })
    .option('preset', {
      type: 'string',
      requiresArg: true,
      describe: 'Kind of flow: calm, busy, burst [busy]',
    })
    .option('lag', {
      type: 'string',
      requiresArg: true,
      describe: 'The second venue sees the market so much later, such as 40ms [0]',
    })
    .option('events', {
      type: 'number',
      requiresArg: true,
      describe: 'Events of each market, then silence',
    })
    .option('amend', {
      type: 'boolean',
      default: true,
      describe: 'Amend orders; --no-amend for clients that do not know amendments',
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
  withHabitOptions(withLinkOptions(withFlowOptions(command)))
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
      describe: 'Answer the test bench’s own addresses under /simulator/ beside the REST addresses',
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
      describe: 'Write every frame sent here',
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

const presetOf = (text: string): FlowPresetName => {
  const names = Object.keys(FLOW_PRESETS) as FlowPresetName[]
  const preset = names.find((name) => name === text)
  if (preset !== undefined) return preset
  throw usageProblem(
    `There is no preset "${text}": give ${names.slice(0, -1).join(', ')} or ${names.at(-1)}.`,
  )
}

/** Of the flow, and of chaos. */
export const seedOf = (args: SimulateArguments): number =>
  wholeNumber('seed', args.seed ?? 1, 0, Number.MAX_SAFE_INTEGER)

const lagOf = (text: string | undefined, venues: readonly SimulatedVenueId[]): number => {
  const lag = text === undefined || text === '0' ? 0 : durationOf('lag', text)
  if (lag > 0 && venues.length === 1)
    throw usageProblem(`--lag is between two venues, but only ${venues.join()} is simulated.`)
  return lag
}

/** For generated flow. */
export const simulationOf = (args: SimulateArguments): SimulationOptions => {
  if (args.pace !== undefined) throw usageProblem('--pace is for --capture only.')
  const preset = presetOf(args.preset ?? DEFAULT_PRESET)
  const venues = [...new Set((args.venue ?? SIMULATED_VENUES).map(venueOf))]
  const events = args.events === undefined ? undefined : wholeNumber('events', args.events, 1, 1e12)
  return {
    seed: seedOf(args),
    preset,
    rate: rateOf(args.rate ?? String(FLOW_PRESETS[preset].rate)),
    lag: lagOf(args.lag, venues),
    venues,
    pairs: [...new Set((args.pair ?? ['BTC-USD']).map(pairOf))],
    port: portOf(args),
    control: args.control,
    amends: args.amend,
    habits: habitsOf(args),
    events,
  }
}

/** For a capture. */
export const paceOf = (args: SimulateArguments): Pace => {
  for (const option of ['rate', 'preset', 'lag', 'events', 'pair', 'venue'] as const)
    if (args[option] !== undefined)
      throw usageProblem(`--${option} does not go with --capture: a capture is played as it is.`)
  if (args.seed !== undefined && args.chaos === undefined)
    throw usageProblem('--seed goes with --capture for --chaos only: a capture is played as it is.')
  if (!args.quirks || !args.limits || args.deflate)
    throw usageProblem('--no-quirks, --no-limits and --deflate do not go with --capture.')
  if (!args.amend) throw usageProblem('--no-amend does not go with --capture: a capture is played as it is.')
  if (args.books) throw usageProblem('--books does not go with --capture: no engine holds its books.')
  const text = args.pace ?? 'recorded'
  if (text === 'recorded' || text === 'max') return text
  const factor = Number(text)
  if (text.trim() !== '' && factor > 0 && factor < 1e9) return factor
  throw usageProblem(`--pace "${text}" is no pace: give recorded, max, or a factor such as 10.`)
}
