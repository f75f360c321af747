/** What commands that serve venues share: telling where, waiting until they are stopped, naming a port's trouble. */
import { setTimeout as sleep } from 'node:timers/promises'

import { PlaybackProblem } from '../../../simulator/playback/playback-problem.ts'
import { TEST_CREDENTIALS } from '../../../simulator/simulate.ts'
import { CaptureProblem } from '../../app/archive/capture-reader.ts'
import { durationOf } from '../options.ts'
import { print, table } from '../printing/output.ts'
import { Problem } from '../problem.ts'
import { listenToSignals } from '../signals.ts'

/** Addresses by venue. */
export type Endpoints = Readonly<Record<string, { readonly ws: string; readonly rest: string }>>

export const tellWhere = (venues: Endpoints): void => {
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

/** `needsKeys`: the Coinbase served checks signatures, or a client sends them only where it has keys. */
export const tellHowToRecord = (pairs: string, venues: Endpoints, needsKeys: boolean): void => {
  const { key, secret, passphrase } = TEST_CREDENTIALS
  print('\nRecord from here (another terminal):')
  if (needsKeys && 'coinbase' in venues)
    print(`  COINBASE_API_KEY=${key} COINBASE_API_SECRET=${secret} COINBASE_API_PASSPHRASE=${passphrase} \\`)
  print(`  ${recordCommand(pairs, venues)}`)
  print('\nCtrl-C stops it.')
}

/** Waits for `--for` or a signal; sets the exit code. */
export const untilStopped = async (duration: string | undefined): Promise<void> => {
  const milliseconds = duration === undefined ? undefined : durationOf('for', duration) / 1000
  const stop = new AbortController()
  const deafen = listenToSignals((code) => {
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
  deafen()
}

const NO_ROOM = 'ENOSPC'

/** A failure of one of the logs as one sentence; undefined for every other. */
const logProblem = (error: unknown): Problem | undefined => {
  if (!(error instanceof Error) || !('syscall' in error)) return undefined
  if (error.syscall === 'open' && 'path' in error)
    return new Problem(`${String(error.path)} cannot be written: ${error.message}.`)
  if (error.syscall !== 'write') return undefined
  const reason = 'code' in error && error.code === NO_ROOM ? 'the disk is full' : error.message
  return new Problem(`A log (--log-sent, --log-faults) could not be written to its end: ${reason}.`)
}

/** What starts on these ports; its trouble as one sentence. */
export const started = async <A>(port: number, start: Promise<A>): Promise<A> => {
  try {
    return await start
  } catch (error) {
    if (error instanceof CaptureProblem || error instanceof PlaybackProblem) throw new Problem(error.message)
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    const free = 'choose another with --port, or 0 for a free one'
    if (code === 'EADDRINUSE') throw new Problem(`Port ${String(port)} (or the next) is in use: ${free}.`)
    const problem = logProblem(error)
    if (problem !== undefined) throw problem
    if (code === 'EACCES') throw new Problem(`Port ${String(port)} may not be opened by this user: ${free}.`)
    throw error
  }
}

/** What ends and closes its logs; their trouble as one sentence. */
export const ended = async (end: Promise<void>): Promise<void> => {
  try {
    await end
  } catch (error) {
    throw logProblem(error) ?? error
  }
}
