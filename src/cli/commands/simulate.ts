/** `bookreel simulate`: simulated venues on loopback, until it is told to stop. */
import type { CommandModule } from 'yargs'

import { startPlayback } from '../../../simulator/playback/start-playback.ts'
import { type Simulation, startSimulation, TEST_CREDENTIALS } from '../../../simulator/simulate.ts'
import { durationOf } from '../options.ts'
import { print, printJson, table } from '../printing/output.ts'
import { Problem } from '../problem.ts'
import { linksOf } from '../serving/link-options.ts'
import { ended, started, tellHowToRecord, tellWhere, untilStopped } from '../serving/served-venues.ts'
import {
  paceOf,
  portOf,
  seedOf,
  type SimulateArguments,
  simulationOf,
  withSimulateOptions,
} from '../serving/simulate-options.ts'

const tellBooks = (simulation: Simulation, json: boolean): void => {
  const books = simulation.books()
  if (json) {
    printJson({ books })
    return
  }
  print(
    `\n${table([
      ['stream', 'sequence', 'bids', 'asks', 'best bid', 'best ask', 'digest'],
      ...books.map(({ stream, sequence, bids, asks, bestBid, bestAsk, digest }) => [
        ...[stream, String(sequence), String(bids), String(asks), bestBid ?? '-', bestAsk ?? '-', digest],
      ]),
    ])}`,
  )
}

const simulate = async (args: SimulateArguments): Promise<void> => {
  const flow = simulationOf(args)
  const options = { ...flow, links: linksOf(args, flow.seed, args['log-sent']) }
  const simulation = await started(portOf(args), startSimulation(options))
  const { endpoints } = simulation
  if (args.json) printJson({ venues: endpoints, credentials: TEST_CREDENTIALS })
  else {
    tellWhere(endpoints)
    tellHowToRecord(options.pairs.join(' '), endpoints, true)
  }
  await untilStopped(args.for)
  simulation.stopFlow()
  if (args.books) tellBooks(simulation, args.json)
  await ended(simulation.stop())
}

const play = async (args: SimulateArguments, capture: string): Promise<void> => {
  const pace = paceOf(args)
  const links = linksOf(args, seedOf(args), args['log-sent'])
  const options = { capture, pace, port: portOf(args), control: args.control, links }
  const playback = await started(options.port, startPlayback(options))
  const venues = { [playback.venue]: playback.endpoints }
  if (args.json) printJson({ venues })
  else {
    tellWhere(venues)
    tellHowToRecord('PAIR', venues, false)
  }
  await untilStopped(args.for)
  await ended(playback.stop())
  const problem = playback.problem()
  if (problem !== undefined) throw new Problem(problem.message)
}

export const simulateCommand: CommandModule<unknown, SimulateArguments> = {
  command: 'simulate',
  describe: 'Start simulated venues on this machine: generated flow, or a capture played again',
  builder: (command) =>
    withSimulateOptions(command)
      .example('$0 simulate --seed 7 --rate 2000', 'both venues, BTC-USD')
      .example('$0 simulate --capture DIR --pace max', 'the venue of a capture'),
  handler: async (args) => {
    if (args.for !== undefined) durationOf('for', args.for)
    if (args.capture === undefined) await simulate(args)
    else await play(args, args.capture)
  },
}
