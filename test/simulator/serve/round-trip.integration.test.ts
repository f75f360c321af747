import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { startSimulation, TEST_CREDENTIALS } from '../../../simulator/simulate.ts'
import { CommandProcess, runCommand, until } from '../../support/recorder-process.ts'

type Venue = 'coinbase' | 'bitfinex'
interface Addresses {
  readonly ws: string
  readonly rest: string
}
interface Position {
  readonly clients: readonly { readonly ended: boolean; readonly frames: number }[]
}
interface ReplayedStream {
  readonly digest: string
  readonly bestBid: string | null
}

const CREDENTIALS = {
  COINBASE_API_KEY: TEST_CREDENTIALS.key,
  COINBASE_API_SECRET: TEST_CREDENTIALS.secret,
  COINBASE_API_PASSPHRASE: TEST_CREDENTIALS.passphrase,
}

let folder: string
const processes: CommandProcess[] = []
const endings: (() => unknown)[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bookreel-serve-'))
})
afterEach(async () => {
  for (const each of processes.splice(0)) {
    each.killGroup('SIGKILL')
    await each.ended
  }
  for (const end of endings.splice(0)) await end()
  rmSync(folder, { recursive: true })
})

const storeAt = (name: string): string => `file:${join(folder, name)}`

/** Records until the condition holds, then stops cleanly. */
const recordUntil = async (
  venue: Venue,
  feed: string,
  { ws, rest }: Addresses,
  store: string,
  condition: (entries: number) => Promise<boolean>,
): Promise<void> => {
  const endpoints = ['--endpoint', `${venue}.ws=${ws}`, '--endpoint', `${venue}.rest=${rest}`]
  const words = ['record', 'BTC-USD', '--venue', venue, '--feed', `${venue}=${feed}`, '--store', store]
  const recorder = new CommandProcess([...words, '--json', ...endpoints], CREDENTIALS)
  processes.push(recorder)
  let isReached = false
  const looks = setInterval(() => {
    condition(recorder.status[0]?.entries ?? 0).then(
      (holds) => (isReached ||= holds),
      () => undefined,
    )
  }, 50)
  await until(
    () => isReached,
    () => `${recorder.stdout.split('\n').slice(-3).join('\n')}\n${recorder.stderr}`,
  )
  clearInterval(looks)
  recorder.kill('SIGINT')
  expect((await recorder.ended).code).toBe(130)
}

const framesOf = async (venue: Venue, store: string): Promise<readonly string[]> => {
  const { stdout } = await runCommand('export', 'frames', `${venue}:BTC-USD`, '--store', store)
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { kind: string; text: string })
    .filter(({ kind }) => kind === 'frame')
    .map(({ text }) => text)
}

/** Without what each connection has of its own: acknowledgements, and the numbers of Bitfinex's channels. */
const servedFrames = (frames: readonly string[]): readonly string[] => {
  const names = new Map<string, string>()
  const served: string[] = []
  for (const text of frames) {
    const event = text.startsWith('{') ? (JSON.parse(text) as Record<string, unknown>) : {}
    if (event['event'] === 'subscribed') names.set(String(event['chanId']), String(event['channel']))
    if ('event' in event || event['type'] === 'subscriptions') continue
    served.push(text.replace(/^\[(\d+),/, (_all, id: string) => `[${names.get(id) ?? '?'},`))
  }
  return served
}

const replayed = async (store: string): Promise<ReplayedStream> => {
  const { stdout, code } = await runCommand('replay', '--store', store, '--json')
  expect(code).toBe(0)
  const [stream] = (JSON.parse(stdout) as { streams: ReplayedStream[] }).streams
  if (stream === undefined) throw new Error(`no stream in ${stdout}`)
  return stream
}

const servedAddresses = async (server: CommandProcess, venue: Venue): Promise<Addresses> => {
  await until(
    () => server.stdout.includes('\n'),
    () => server.stderr,
  )
  const { venues } = JSON.parse(server.stdout.split('\n')[0] ?? '') as { venues: Record<string, Addresses> }
  const addresses = venues[venue]
  if (addresses === undefined) throw new Error(`no ${venue} in ${server.stdout}`)
  return addresses
}

describe('recording what is served', () => {
  it.each([
    ['coinbase', 'full', 4000],
    ['coinbase', 'level2_batch', 120],
    ['bitfinex', 'R0', 1500],
  ] as const)('%s %s: gives the recording that is served, frame by frame', async (venue, feed, entries) => {
    const simulation = await startSimulation({ seed: 11, venues: [venue], pairs: ['BTC-USD'], rate: 3000 })
    endings.push(simulation.stop)
    const live = simulation.endpoints[venue] ?? { ws: '', rest: '' }
    await recordUntil(venue, feed, live, storeAt('first'), (recorded) => Promise.resolve(recorded > entries))
    await simulation.stop()
    const words = ['serve', `${venue}:BTC-USD`, '--store', storeAt('first'), '--speed', 'max']
    const server = new CommandProcess([...words, '--control', '--json'])
    processes.push(server)
    const served = await servedAddresses(server, venue)
    await recordUntil(venue, feed, served, storeAt('second'), async (recorded) => {
      const answer = await fetch(`${served.rest}/simulator/position`)
      const [client] = ((await answer.json()) as Position).clients
      return client?.ended === true && recorded > client.frames
    })
    const first = servedFrames(await framesOf(venue, storeAt('first')))
    const second = servedFrames(await framesOf(venue, storeAt('second')))
    expect(first.length).toBeGreaterThan(entries / 2)
    expect(second.slice(0, first.length)).toEqual(first)
    // Behind the end of the recording a venue goes on with heartbeats.
    expect(
      second.slice(first.length).filter((text) => !text.includes('heartbeat') && !text.includes('"hb"')),
    ).toEqual([])
    const [before, after] = [await replayed(storeAt('first')), await replayed(storeAt('second'))]
    expect(after.digest).toBe(before.digest)
    expect(after.bestBid).not.toBeNull()
    const verified = await runCommand('verify', '--store', storeAt('second'))
    expect(verified.code).toBe(0)
  })
})
