/**
 * What a simulated venue sent against what was recorded of it: frame by frame, and the books order by order, without
 * faults, with each fault by itself, and with many.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { parseFaultScript } from '../../simulator/faults/fault-script.ts'
import type { LinksOptions } from '../../simulator/faults/links.ts'
import {
  type Simulation,
  type SimulationOptions,
  startSimulation,
  TEST_CREDENTIALS,
} from '../../simulator/simulate.ts'
import { CommandProcess, runCommand, until } from '../support/recorder-process.ts'
import { auditRecording, type RecordingAudit } from '../support/recording-audit.ts'
import { readFaults, readSentFrames } from '../support/sent-frames.ts'

const VENUES = ['coinbase', 'bitfinex'] as const
type VenueName = (typeof VENUES)[number]

/** Kinds of problems that are the venue's: gaps. */
const LOSSES = ['venue-sequence', 'checksum', 'crossed', 'contradiction', 'malformed', 'not-representable']

/** One recording of simulated venues, in a folder of its own. */
class RoundTrip {
  readonly folder = mkdtempSync(join(tmpdir(), 'bookreel-round-trip-'))
  simulation: Simulation | undefined
  recorder: CommandProcess | undefined

  file(name: string): string {
    return join(this.folder, name)
  }

  get store(): string {
    return `file:${this.file('store')}`
  }

  async end(): Promise<void> {
    this.recorder?.killGroup('SIGKILL')
    await this.recorder?.ended
    await this.simulation?.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }

  async begin(venues: readonly VenueName[], more: Partial<SimulationOptions>): Promise<Simulation> {
    const links: LinksOptions = { logSent: this.file('sent'), logFaults: this.file('faults'), ...more.links }
    const options = { seed: 1, rate: 500, orders: 300, pairs: ['BTC-USD'], ...more, venues, links }
    const simulation = (this.simulation = await startSimulation(options))
    const endpoints = Object.entries(simulation.endpoints).flatMap(([venue, { ws, rest }]) => [
      '--endpoint',
      `${venue}.ws=${ws}`,
      '--endpoint',
      `${venue}.rest=${rest}`,
    ])
    const chosen = venues.flatMap((venue) => ['--venue', venue])
    this.recorder = new CommandProcess(
      ['record', 'BTC-USD', '--json', '--store', this.store, ...chosen, ...endpoints],
      {
        COINBASE_API_KEY: TEST_CREDENTIALS.key,
        COINBASE_API_SECRET: TEST_CREDENTIALS.secret,
        COINBASE_API_PASSPHRASE: TEST_CREDENTIALS.passphrase,
      },
    )
    return simulation
  }

  /** Resolves when each stream has recorded much more: what was lost before has shown. */
  async untilMore(entries: number): Promise<void> {
    const { recorder } = this
    const before = new Map(recorder?.status.map(({ stream, lastSeq }) => [stream, lastSeq]))
    await until(
      () =>
        recorder?.status.every(({ stream, lastSeq }) => lastSeq > (before.get(stream) ?? 0) + entries) ===
        true,
      () => JSON.stringify(recorder?.status),
    )
  }

  /** Resolves when every book of the recorder may be used and is proven. */
  async untilSound(venues: readonly VenueName[]): Promise<void> {
    const { recorder } = this
    const isSound = (): boolean =>
      recorder?.status.length === venues.length &&
      recorder.status.every(({ valid, verified }) => valid && verified)
    await until(isSound, () => JSON.stringify(recorder?.status))
  }

  /** Resolves when nothing but heartbeats came for a while. */
  private async untilQuiet(): Promise<void> {
    const { recorder } = this
    const frames = (): number => (recorder?.status ?? []).reduce((sum, { lastSeq }) => sum + lastSeq, 0)
    let before = -1
    let since = Date.now()
    await until(
      () => {
        const now = frames()
        if (now - before > 3) since = Date.now()
        before = now
        return Date.now() - since > 3000
      },
      () => 'the flow ends',
    )
  }

  /** Ends everything, and holds what was recorded against what was sent. */
  async audited(venues: readonly VenueName[]): Promise<ReadonlyMap<VenueName, RecordingAudit>> {
    const { simulation, recorder } = this
    if (simulation === undefined || recorder === undefined) throw new Error('nothing runs')
    simulation.stopFlow()
    await this.untilQuiet()
    mark(simulation)
    const truth = simulation.books()
    recorder.kill('SIGINT')
    const { code, stderr } = await recorder.ended
    expect({ code, stderr }).toMatchObject({ code: 130 })
    for (const status of recorder.status) expect(status).toMatchObject({ sealMismatches: 0 })
    await simulation.stop()
    const sent = await readSentFrames(this.file('sent'))
    const faults = await readFaults(this.file('faults'))
    const audits = new Map<VenueName, RecordingAudit>()
    for (const venue of venues) {
      const stream = `${venue}:BTC-USD` as const
      const audit = await auditRecording(this.store, stream, sent.get(venue) ?? [], faults)
      audits.set(venue, audit)
      expect(audit).toMatchObject({ lost: 0, falselyVerified: [] })
      const live = recorder.status.find((status) => status.stream === stream)
      const engine = truth.find((book) => book.stream === stream)
      // Digests cover every order in its place.
      expect([audit.digest, live?.digest]).toEqual([engine?.digest, engine?.digest])
      expect(audit.compared).toBeGreaterThan(0)
    }
    const { stdout } = await runCommand('verify', '--store', this.store, '--json')
    const { streams } = JSON.parse(stdout) as {
      streams: readonly { problems: readonly { kind: string }[] }[]
    }
    expect(streams.length).toBe(venues.length)
    // A gap is told as what it is; nothing else may be wrong.
    const problems = streams.flatMap((stream) => stream.problems)
    expect(problems.filter(({ kind }) => !LOSSES.includes(kind))).toEqual([])
    return audits
  }
}

const mark = ({ books, links }: Simulation): void => {
  links.mark(books())
}

const onRoundTrip = (use: (trip: RoundTrip) => Promise<void>) => async (): Promise<void> => {
  const trip = new RoundTrip()
  try {
    await use(trip)
  } finally {
    await trip.end()
  }
}

describe('a recording of simulated venues', () => {
  it.each([1, 2, 3])('holds every frame as it was sent, and the same books, seed %i', async (seed) => {
    await onRoundTrip(async (trip) => {
      const { flowEnded } = await trip.begin(VENUES, { seed, rate: 'max', events: 10_000 })
      await flowEnded
      await trip.untilSound(VENUES)
      const audits = await trip.audited(VENUES)
      const sent = await readSentFrames(trip.file('sent'))
      for (const venue of VENUES) {
        const frames = (sent.get(venue) ?? []).map(({ hashes }) => hashes.length)
        expect(frames.length).toBe(1)
        expect(audits.get(venue)).toMatchObject({
          ...{ frames: frames[0], gaps: 0, disconnects: 0, resyncs: 1, undecoded: 0, faults: {} },
        })
        expect(audits.get(venue)?.checksums.wrong).toBe(0)
      }
      expect(audits.get('coinbase')?.frames).toBeGreaterThan(10_000)
    })()
  })
})

/** One of each, one after the other, each when the book has been right again for long. */
const COINBASE_FAULTS: readonly object[] = [
  { fault: 'lose' },
  { fault: 'duplicate' },
  { fault: 'swap' },
  { fault: 'delay', seconds: 0.5 },
  { fault: 'truncate' },
  { fault: 'extra-field' },
  { fault: 'sequence-restart' },
  { fault: 'oversized', bytes: 3_000_000 },
  { fault: 'binary', bytes: 9 },
  { fault: 'silence', seconds: 1 },
  { fault: 'half-open', seconds: 30 },
  { fault: 'down', seconds: 1 },
  { fault: 'slow-write', seconds: 1, bytesPerSecond: 2000 },
]
const BITFINEX_FAULTS: readonly object[] = [
  { fault: 'lose' },
  { fault: 'duplicate' },
  { fault: 'truncate' },
  { fault: 'extra-field' },
  { fault: 'sequence-restart' },
  { fault: 'unknown-type' },
  { fault: 'malformed' },
  { fault: 'clock-step', seconds: -7200 },
  { fault: 'close', code: 1012 },
  { fault: 'reset' },
]

const rulesOf = (...rules: readonly object[]) => {
  const parsed = parseFaultScript(JSON.stringify(rules))
  if (isLeft(parsed)) throw new Error(parsed.left)
  return parsed.right
}

const spread = (venue: VenueName, channel: string, frames: number, faults: readonly object[]): object[] =>
  faults.map((fault, index) => ({ venue, channel, frame: (index + 1) * frames, ...fault }))

/** They mostly wait, each for its own recorder. */
describe('a recording of venues that misbehave', { timeout: 600_000 }, () => {
  it.concurrent(
    'tells each loss once, and nothing where nothing is lost',
    onRoundTrip(async (trip) => {
      // About four seconds each; the checksum is the first one of all.
      const rules = rulesOf(
        ...spread('coinbase', 'full', 4000, COINBASE_FAULTS),
        { fault: 'checksum', frame: 1 },
        ...spread('bitfinex', 'book', 1600, BITFINEX_FAULTS),
      )
      const running = await trip.begin(VENUES, { rate: 1000, links: { rules } })
      const count = (): number =>
        Object.values(running.links.faults()).reduce((sum, number) => sum + number, 0)
      await until(
        () => count() === rules.length,
        () => JSON.stringify([running.links.faults(), trip.recorder?.status]),
        300_000,
      )
      await trip.untilMore(3000)
      await trip.untilSound(VENUES)
      const audits = await trip.audited(VENUES)
      for (const { faults } of audits.values())
        for (const [kind, fate] of Object.entries(faults))
          expect({ kind, fate }).toMatchObject({ fate: { injected: 1, unnoticed: 0, unsettled: 0 } })
      // Lost, truncated, restarted, silent; truncated, oversized, binary; half-open, down.
      expect(audits.get('coinbase')).toMatchObject({ gaps: 4, undecoded: 3, disconnects: 2, resyncs: 7 })
      // Checksum, lost, truncated, restarted; repeated, truncated, unknown, malformed; closed, reset.
      expect(audits.get('bitfinex')).toMatchObject({ gaps: 4, undecoded: 4, disconnects: 2, resyncs: 7 })
      expect(audits.get('bitfinex')?.checksums.wrong).toBe(1)
    }),
  )

  it.concurrent(
    'comes to a right book in spite of refusals, a cut, an old and a too new one, and no answer at all',
    onRoundTrip(async (trip) => {
      const path = '/book'
      const rules = rulesOf(
        { fault: 'http-error', status: 500, path, request: 1 },
        { fault: 'http-truncate', path, request: 2 },
        { fault: 'newer-body', seconds: 0.5, path, request: 3 },
        { fault: 'lose', channel: 'full', frame: 6000 },
        { fault: 'stale-body', path, request: 4 },
        { fault: 'http-timeout', seconds: 1, path, request: 5 },
      )
      const running = await trip.begin(['coinbase'], { links: { rules } })
      await until(
        () => Object.keys(running.links.faults()).length === 6,
        () =>
          JSON.stringify([running.links.faults(), trip.recorder?.status, trip.recorder?.stderr.slice(-1000)]),
      )
      await trip.untilSound(['coinbase'])
      const audits = await trip.audited(['coinbase'])
      expect(audits.get('coinbase')).toMatchObject({ gaps: 1, resyncs: 2, disconnects: 0 })
    }),
  )

  it.concurrent(
    'loses nothing and is never silently wrong while everything goes wrong',
    onRoundTrip(async (trip) => {
      const running = await trip.begin(VENUES, { seed: 12, links: { chaos: 'high' } })
      const marking = setInterval(() => {
        mark(running)
      }, 500)
      const count = (): number =>
        Object.values(running.links.faults()).reduce((sum, number) => sum + number, 0)
      await until(
        () => count() >= 12,
        () => JSON.stringify(running.links.faults()),
      )
      running.links.stopFaults()
      await trip.untilMore(1000)
      await trip.untilSound(VENUES)
      const audits = await trip.audited(VENUES)
      clearInterval(marking)
      for (const [venue, { faults }] of audits)
        for (const [kind, fate] of Object.entries(faults))
          expect({ venue, kind, fate }).toMatchObject({ fate: { unnoticed: 0 } })
    }),
  )
})
