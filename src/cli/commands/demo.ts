/** `bookreel demo`: the whole way on simulated venues, with proof that no book was altered on it. */
import { setTimeout as sleep } from 'node:timers/promises'

import type * as t from 'io-ts'
import type { CommandModule } from 'yargs'

import {
  bookOf,
  decodeAs,
  Listening,
  Recorded,
  Replayed,
  Simulated,
  Status,
  Verified,
} from '../demo/demo-answers.ts'
import { OwnProcess } from '../demo/own-process.ts'
import { countOf } from '../options.ts'
import { bookPicture } from '../printing/book-picture.ts'
import { print, table, tell } from '../printing/output.ts'
import { EXIT, Problem } from '../problem.ts'

const PAIR = 'BTC-USD'

interface DemoArguments {
  store: string
  seconds: number
  events: number | undefined
  seed: number
}

const simulation = ({ seed, events }: DemoArguments): OwnProcess => {
  const flow = events === undefined ? ['--rate', '2000'] : ['--rate', 'max', '--events', String(events)]
  return new OwnProcess(['simulate', '--json', '--control', '--seed', String(seed), '--pair', PAIR, ...flow])
}

const recorder = (store: string, { venues, credentials }: t.TypeOf<typeof Listening>): OwnProcess => {
  const { coinbase, bitfinex } = venues
  const endpoints = { 'coinbase.ws': coinbase.ws, 'coinbase.rest': coinbase.rest, 'bitfinex.ws': bitfinex.ws, 'bitfinex.rest': bitfinex.rest } // prettier-ignore
  const flags = Object.entries(endpoints).flatMap(([name, url]) => ['--endpoint', `${name}=${url}`])
  return new OwnProcess(['record', PAIR, '--json', '--store', store, ...flags], {
    COINBASE_API_KEY: credentials.key,
    COINBASE_API_SECRET: credentials.secret,
    COINBASE_API_PASSPHRASE: credentials.passphrase,
  })
}

const control = async (rest: string, path: string, method: 'GET' | 'POST'): Promise<unknown> => {
  const answer = await fetch(`${rest}${path}`, { method, headers: { 'User-Agent': 'bookreel-demo' } })
  if (!answer.ok)
    throw new Problem(`The simulated venue answered ${path} with status ${String(answer.status)}.`)
  return await answer.json()
}

const entriesOf = (recording: OwnProcess): number =>
  decodeAs(Status, recording.latest, 'record').streams.reduce((sum, { entries }) => sum + entries, 0)

const POLL = 500

/** Waits until nothing but heartbeats reaches the recorder. */
const settled = async (recording: OwnProcess): Promise<void> => {
  let before = entriesOf(recording)
  for (let quietPolls = 0; quietPolls < 4;) {
    await sleep(POLL)
    const now = entriesOf(recording)
    quietPolls = now - before <= 4 ? quietPolls + 1 : 0
    before = now
  }
}

/** Waits until every market has had all its events: none moves any more. */
const flowEnded = async (rest: string, recording: OwnProcess): Promise<void> => {
  let before = ''
  for (;;) {
    await sleep(POLL)
    const now = JSON.stringify(await control(rest, '/simulator/books', 'GET'))
    if (now === before && entriesOf(recording) > 0) return
    before = now
  }
}

const run = async (args: DemoArguments): Promise<boolean> => {
  const { store, seconds, events } = args
  const simulator = simulation(args)
  const cleanUp: OwnProcess[] = [simulator]
  try {
    const listening = decodeAs(Listening, await simulator.first(), 'simulate')
    tell(
      `Simulated venues are up: Coinbase on ${listening.venues.coinbase.ws}, Bitfinex on ${listening.venues.bitfinex.ws}.`,
    )
    const recording = recorder(store, listening)
    cleanUp.push(recording)
    await recording.first()
    const extent = events === undefined ? `for ${String(seconds)} s` : `for ${String(events)} events each`
    tell(`Recording ${PAIR} of both venues into ${store} ${extent} …`)
    const { rest } = listening.venues.coinbase
    if (events === undefined) await sleep(seconds * 1000)
    else await flowEnded(rest, recording)
    await control(rest, '/simulator/stop-flow', 'POST')
    await settled(recording)
    const simulated = decodeAs(Simulated, await control(rest, '/simulator/books', 'GET'), 'simulate')
    const recorded = decodeAs(Recorded, await recording.stop(), 'record')
    await simulator.stop()
    return await prove(store, recorded, simulated)
  } finally {
    for (const process of cleanUp) process.kill()
  }
}

const prove = async (
  store: string,
  recorded: t.TypeOf<typeof Recorded>,
  simulated: t.TypeOf<typeof Simulated>,
): Promise<boolean> => {
  const streams = recorded.streams.map(({ stream }) => stream)
  const ask = async (...words: string[]): Promise<unknown> =>
    await new OwnProcess([...words, '--json', '--store', store]).end()
  const replayed = decodeAs(Replayed, await ask('replay', ...streams), 'replay')
  const verified = decodeAs(Verified, await ask('verify', ...streams), 'verify')
  const rows = recorded.streams.map((live) => {
    const again = replayed.streams.find(({ stream }) => stream === live.stream)
    const truth = simulated.books.find(({ stream }) => stream === live.stream)
    return { live, again, truth, isEqual: live.digest === again?.digest && live.digest === truth?.digest }
  })
  print('')
  print(
    table([
      ['stream', 'entries', 'gaps', 'checksums right/wrong', 'best bid', 'best ask'],
      ...rows.map(({ live, again }) => [
        live.stream,
        String(live.entries),
        String(live.gaps),
        `${String(live.checksums.right)}/${String(live.checksums.wrong)}`,
        again?.bestBid ?? '-',
        again?.bestAsk ?? '-',
      ]),
    ]),
  )
  for (const { again } of rows) {
    if (again === undefined) continue
    const at = `seq:${String(again.digestSeq)}`
    print(`\n${bookPicture(bookOf(await ask('book', again.stream, '--at', at)), 5)}`)
  }
  print('')
  for (const { live, again, truth, isEqual } of rows) {
    const digests = `live ${short(live.digest)} = replayed ${short(again?.digest)} = simulator ${short(truth?.digest)}`
    print(
      `${isEqual ? 'PROVEN ' : 'DIFFERS'} ${live.stream}: ${isEqual ? digests : digests.replaceAll(' = ', ' / ')}`,
    )
  }
  print(
    verified.ok
      ? 'verify: every hash, chain, book and keyframe holds.'
      : 'verify: PROBLEMS, see "bookreel verify".',
  )
  return verified.ok && rows.length > 0 && rows.every(({ isEqual }) => isEqual)
}

const short = (digest: string | undefined): string => (digest === undefined ? '(none)' : digest.slice(0, 12))

export const demoCommand: CommandModule<unknown, DemoArguments> = {
  command: 'demo',
  describe: 'Record two simulated venues, replay, verify, and compare with the venues’ own books',
  builder: (command) =>
    command
      .option('store', {
        type: 'string',
        default: 'file:./bookreel-demo',
        requiresArg: true,
        describe: 'Where to record',
      })
      .option('seconds', { type: 'number', default: 6, describe: 'How long to record' })
      .option('events', {
        type: 'number',
        describe: 'Instead: as fast as possible, until each market had so many events',
      })
      .option('seed', { type: 'number', default: 7, describe: 'Seed of the simulated market' })
      .example('$0 demo', 'six seconds, kept in ./bookreel-demo')
      .example('$0 demo --events 1000000 --seed 3', 'a million events of each venue'),
  handler: async (args) => {
    countOf('seconds', args.seconds)
    if (args.events !== undefined) countOf('events', args.events)
    const isProven = await run(args)
    print(`\nKept in ${args.store}. Look at it:`)
    for (const words of ['info', 'replay --every 1s --depth 3', 'book coinbase:BTC-USD', 'verify'])
      print(`  npx bookreel ${words} --store ${args.store}`)
    if (!isProven) process.exitCode = EXIT.failed
  },
}
