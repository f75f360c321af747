/** `bookreel simulate`: simulated venues on loopback, until it is told to stop. */
import { setTimeout as sleep } from 'node:timers/promises'

import type { CommandModule } from 'yargs'

import { startPlayback } from '../../../simulator/playback/start-playback.ts'
import { type Simulation, startSimulation, TEST_CREDENTIALS } from '../../../simulator/simulate.ts'
import { CaptureProblem } from '../../app/capture-reader.ts'
import { durationOf } from '../options.ts'
import { print, printJson, table } from '../output.ts'
import { Problem } from '../problem.ts'
import { listenToSignals } from '../signals.ts'
import {
  paceOf,
  portOf,
  type SimulateArguments,
  simulationOf,
  withSimulateOptions,
} from '../simulate-options.ts'

type Endpoints = Simulation['endpoints']

const tellWhere = (venues: Endpoints): void => {
  const rows = Object.entries(venues).map(([venue, { ws, rest }]) => [venue, ws, rest])
  print(table([['venue', 'ws', 'rest'], ...rows]))
}

const recordCommand = (pairs: string, venues: Endpoints): string =>
  [
    `npx bookreel record ${pairs}`,
    ...Object.keys(venues).map((venue) => `--venue ${venue}`),
    ...Object.entries(venues).flatMap(([venue, { ws, rest }]) => [
      `--endpoint ${venue}.ws=${ws}`,
      `--endpoint ${venue}.rest=${rest}`,
    ]),
  ].join(' \\\n    ')

const tellHowToRecord = (pairs: string, venues: Endpoints, isGenerated: boolean): void => {
  const { key, secret, passphrase } = TEST_CREDENTIALS
  print('\nRecord from here (another terminal):')
  if (isGenerated && 'coinbase' in venues)
    print(`  COINBASE_API_KEY=${key} COINBASE_API_SECRET=${secret} COINBASE_API_PASSPHRASE=${passphrase} \\`)
  print(`  ${recordCommand(pairs, venues)}`)
  print('\nCtrl-C stops it.')
}

/** Waits for `--for` or a signal; sets the exit code. */
const untilStopped = async (duration: string | undefined): Promise<void> => {
  const milliseconds = duration === undefined ? undefined : durationOf('for', duration) / 1000
  const stop = new AbortController()
  listenToSignals((code) => {
    process.exitCode = code
    stop.abort()
  })
  const { signal } = stop
  // Without an end the wait goes on day after day: a timer cannot be longer than 2^31 ms.
  const LONGEST = 2 ** 31 - 1
  let left = milliseconds ?? Infinity
  while (left > 0 && !signal.aborted) {
    await sleep(Math.min(left, LONGEST), undefined, { signal }).catch(() => undefined)
    left -= LONGEST
  }
}

const started = async <A>(port: number, start: Promise<A>): Promise<A> => {
  try {
    return await start
  } catch (error) {
    if (error instanceof CaptureProblem) throw new Problem(error.message)
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const free = 'choose another with --port, or 0 for a free one'
    if (code === 'EADDRINUSE') throw new Problem(`Port ${String(port)} (or the next) is in use: ${free}.`)
    if (code === 'EACCES') throw new Problem(`Port ${String(port)} may not be opened by this user: ${free}.`)
    throw error
  }
}

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
  const options = simulationOf(args)
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
  await simulation.stop()
}

const play = async (args: SimulateArguments, capture: string): Promise<void> => {
  const logSent = args['log-sent']
  const options = {
    capture,
    pace: paceOf(args),
    port: portOf(args),
    ...(logSent === undefined ? {} : { logSent }),
  }
  const playback = await started(options.port, startPlayback(options))
  const venues = { [playback.venue]: playback.endpoints }
  if (args.json) printJson({ venues })
  else {
    tellWhere(venues)
    tellHowToRecord('PAIR', venues, false)
  }
  await untilStopped(args.for)
  await playback.stop()
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
