/** Options of simulated venues about how they behave to their clients. */
import type { Argv } from 'yargs'

import type { SimulationOptions } from '../../../simulator/simulate.ts'

export interface HabitArguments {
  quirks: boolean
  limits: boolean
  deflate: boolean
}

/** `--no-quirks`, `--no-limits` and `--deflate`. */
export const withHabitOptions = <T>(command: Argv<T>): Argv<T & HabitArguments> =>
  command
    .option('quirks', {
      type: 'boolean',
      default: true,
      describe: 'Vary what no client may rely on, by the seed; --no-quirks for one plain form',
    })
    .option('limits', {
      type: 'boolean',
      default: true,
      describe: 'Enforce the venues’ rate limits; --no-limits for none',
    })
    .option('deflate', {
      type: 'boolean',
      default: false,
      describe: 'Coinbase agrees to compression when a client offers it',
    })

export const habitsOf = (args: HabitArguments): NonNullable<SimulationOptions['habits']> => ({
  quirks: args.quirks,
  limits: args.limits,
  compression: args.deflate,
})
