/**
 * Records simulated venues while much goes wrong, for as long as wanted, then holds the recording against what was sent.
 * `--minutes N --chaos low|medium|high --seed N --rate N --keep --result FILE`: `--rate` is frames a second of each venue,
 * about, while it is connected. Ends with 1 when something was lost or wrong.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

import { seedFor } from '../../simulator/engine/random.ts'
import { CHAOS_LEVELS } from '../../simulator/faults/chaos.ts'
import { type Simulation, startSimulation, TEST_CREDENTIALS } from '../../simulator/simulate.ts'
import { ended, MAIN, onLine, start } from '../bench/processes.ts'
import { auditRecording, type RecordingAudit } from '../support/recording-audit.ts'
import { readFaults, readSentFrames } from '../support/sent-frames.ts'
import { HeldOverTime } from './resources.ts'

const PAIR = 'BTC-USD'
const VENUES = ['coinbase', 'bitfinex'] as const
const STREAMS = VENUES.map((venue) => `${venue}:${PAIR}` as const)
/** Engine events to a frame: Bitfinex shows the best 250 orders of a side, and what changed between two bursts once. */
const EVENTS_PER_FRAME = { coinbase: 1, bitfinex: 15 } as const
const MARK_INTERVAL = 1000
/** Milliseconds for the books to be right again after the last fault. */
const HEALING = 120_000

interface Wish {
  readonly minutes: number
  readonly chaos: (typeof CHAOS_LEVELS)[number]
  readonly seed: number
  readonly rate: number
  readonly keep: boolean
  /** A file that gets what was found, as JSON. */
  readonly result: string | undefined
}

const readWish = (): Wish => {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '30' },
      chaos: { type: 'string', default: 'high' },
      seed: { type: 'string', default: '1' },
      rate: { type: 'string', default: '500' },
      keep: { type: 'boolean', default: false },
      result: { type: 'string' },
    },
  })
  const [minutes, seed, rate] = [Number(values.minutes), Number(values.seed), Number(values.rate)]
  const chaos = CHAOS_LEVELS.find((level) => level === values.chaos)
  if (!(minutes > 0) || !Number.isSafeInteger(seed) || !(rate > 0) || chaos === undefined)
    throw new Error('Give --minutes N --chaos low|medium|high --seed N --rate N.')
  return { minutes, chaos, seed, rate, keep: values.keep, result: values.result }
}

interface Status {
  readonly stream: string
  readonly valid: boolean
  readonly verified: boolean
  readonly sealMismatches: number
  readonly lastSeq: number
}

const print = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`

/** A venue, and where it writes what it sent and what it spoiled. */
interface SimulatedSide {
  readonly venue: (typeof VENUES)[number]
  readonly simulation: Simulation
  readonly logSent: string
  readonly logFaults: string
}

/** Each venue by itself: they have flows of different rates. */
const startVenues = async ({ seed, rate, chaos }: Wish, folder: string): Promise<readonly SimulatedSide[]> =>
  await Promise.all(
    VENUES.map(async (venue) => {
      const logSent = join(folder, `sent-${venue}.jsonl`)
      const logFaults = join(folder, `faults-${venue}.jsonl`)
      const simulation = await startSimulation({
        ...{ seed, rate: rate * EVENTS_PER_FRAME[venue], venues: [venue], pairs: [PAIR] },
        links: { seed: seedFor(seed, venue), chaos, logSent, logFaults },
      })
      return { venue, simulation, logSent, logFaults }
    }),
  )

/** The recorder and its latest status. */
const startRecorder = (sides: readonly SimulatedSide[], store: string) => {
  const endpoints = sides.flatMap(({ venue, simulation }) => {
    const { ws = '', rest = '' } = simulation.endpoints[venue] ?? {}
    return [`${venue}.ws=${ws}`, `${venue}.rest=${rest}`]
  })
  const words = [
    'record',
    PAIR,
    '--json',
    '--store',
    store,
    ...endpoints.flatMap((url) => ['--endpoint', url]),
  ]
  const child = start(MAIN, words, {
    COINBASE_API_KEY: TEST_CREDENTIALS.key,
    COINBASE_API_SECRET: TEST_CREDENTIALS.secret,
    COINBASE_API_PASSPHRASE: TEST_CREDENTIALS.passphrase,
  })
  let latest: readonly Status[] = []
  onLine(child, (line) => {
    latest = (JSON.parse(line) as { streams: readonly Status[] }).streams
  })
  return { child, status: () => latest }
}

type Recorder = ReturnType<typeof startRecorder>

const isSound = (recorder: Recorder): boolean =>
  recorder.status().length === STREAMS.length &&
  recorder.status().every(({ valid, verified }) => valid && verified)

const untilSound = async (recorder: Recorder): Promise<void> => {
  const end = performance.now() + HEALING
  while (!isSound(recorder) && performance.now() < end && recorder.child.exitCode === null) await sleep(200)
}

/** Waits until nothing but heartbeats comes. */
const untilQuiet = async (recorder: Recorder): Promise<void> => {
  const seqs = (): number => recorder.status().reduce((sum, { lastSeq }) => sum + lastSeq, 0)
  let before = seqs()
  for (let quiet = 0; quiet < 4;) {
    await sleep(1000)
    const now = seqs()
    quiet = now - before <= 6 ? quiet + 1 : 0
    before = now
  }
}

/** Sums of what was found, and a sentence for each promise that was not kept. */
const findings = { figures: new Map<string, number>(), failures: [] as string[] }

const add = (name: string, count: number): void => {
  findings.figures.set(name, (findings.figures.get(name) ?? 0) + count)
}

const run = async (wish: Wish, folder: string): Promise<void> => {
  const store = `file:${join(folder, 'store')}`
  const sides = await startVenues(wish, folder)
  const simulations = sides.map(({ simulation }) => simulation)
  const recorder = startRecorder(sides, store)
  const held = new HeldOverTime()
  const marking = setInterval(() => {
    for (const { books, links } of simulations) links.mark(books())
  }, MARK_INTERVAL)
  const end = performance.now() + wish.minutes * 60_000
  while (performance.now() < end && recorder.child.exitCode === null) {
    await sleep(Math.min(5000, Math.max(1, end - performance.now())))
    held.take(recorder.child.pid ?? 0)
  }
  const injected = sides.map(({ venue, simulation }) => ({ [venue]: simulation.links.faults() }))
  for (const { links } of simulations) links.stopFaults()
  // What was lost before shows with the next frames.
  await sleep(5000)
  await untilSound(recorder)
  for (const { stopFlow } of simulations) stopFlow()
  await untilQuiet(recorder)
  clearInterval(marking)
  const truth = simulations.flatMap(({ books }) => books())
  const live = recorder.status()
  recorder.child.kill('SIGINT')
  await ended(recorder.child)
  for (const { stop } of simulations) await stop()
  print(`faults injected: ${JSON.stringify(injected)}`)
  if (recorder.child.exitCode !== 130)
    findings.failures.push(`the recorder ended with exit code ${String(recorder.child.exitCode)}`)
  for (const { venue, logSent, logFaults } of sides) {
    const stream = `${venue}:${PAIR}` as const
    const sent = await readSentFrames(logSent)
    const audit = await auditRecording(store, stream, sent.get(venue) ?? [], await readFaults(logFaults))
    const digest = truth.find((book) => book.stream === stream)?.digest
    const status = live.find((each) => each.stream === stream)
    tell(stream, audit, digest, status)
    add(`frames of ${venue}`, audit.frames)
  }
  tellHeld(held)
  for (const growth of held.growth()) findings.failures.push(growth)
  add('minutes', wish.minutes)
}

const tell = (
  stream: string,
  audit: RecordingAudit,
  digest: string | undefined,
  status: Status | undefined,
): void => {
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`
  const unnoticed = Object.values(audit.faults).reduce((sum, fate) => sum + fate.unnoticed, 0)
  const isEqual = digest === audit.digest && status?.valid === true && status.verified
  print(`\n${stream}`)
  print(
    `  entries ${String(audit.entries)}, frames ${String(audit.frames)}, connections ${String(audit.connections)}, entries lost ${String(audit.lost)}`,
  )
  print(
    `  resyncs ${String(audit.resyncs)}, gaps ${String(audit.gaps)}, disconnects ${String(audit.disconnects)}, undecoded ${String(audit.undecoded)}, checksums ${String(audit.checksums.right)}/${String(audit.checksums.wrong)}, seals that differ ${String(status?.sealMismatches ?? -1)}`,
  )
  print(`  time valid ${percent(audit.validShare)}, verified ${percent(audit.verifiedShare)}`)
  print('  fault: injected = noticed + while not valid anyway + harmless + unnoticed')
  for (const [kind, fate] of Object.entries(audit.faults).sort()) {
    const { injected, noticed, unsettled, harmless, unnoticed: missed } = fate
    print(
      `    ${kind.padEnd(16)} ${String(injected)} = ${[noticed, unsettled, harmless, missed].join(' + ')}`,
    )
  }
  print(
    `  verified books compared with the venue’s: ${String(audit.compared)}, wrong: ${String(audit.falselyVerified.length)} ${audit.falselyVerified.slice(0, 5).join(', ')}`,
  )
  print(`  at the end: ${isEqual ? 'equal to' : 'DIFFERENT from'} the venue’s book`)
  const broken = {
    'differs from the venue’s book at the end': !isEqual,
    'lost frames': audit.lost > 0,
    'did not notice a fault': unnoticed > 0,
    'was proven while wrong': audit.falselyVerified.length > 0,
    'has seals that differ': status?.sealMismatches !== 0,
  }
  for (const [what, isSo] of Object.entries(broken)) if (isSo) findings.failures.push(`${stream} ${what}`)
  add(
    'faults',
    Object.values(audit.faults).reduce((sum, fate) => sum + fate.injected, 0),
  )
  add('proven books compared', audit.compared)
}

const tellHeld = (held: HeldOverTime): void => {
  const points = held.points.map(({ bytes, handles }) => `${megabytes(bytes)} and ${String(handles)}`)
  print(
    `\nmemory and open handles of the recorder’s processes: ${points.join(', ')}; most ${megabytes(held.mostBytes)}`,
  )
  findings.figures.set('most MB of memory', Math.round(held.mostBytes / 1e6))
  findings.figures.set('most open handles', held.mostHandles)
}

const wish = readWish()
const folder = mkdtempSync(join(tmpdir(), 'bookreel-soak-'))
print(`soak: ${String(wish.minutes)} minutes, chaos ${wish.chaos}, seed ${String(wish.seed)}, in ${folder}`)
await run(wish, folder)
const { failures } = findings
const isRight = failures.length === 0
print(isRight ? '\nNothing was lost, nothing was silently wrong.' : `\nFAILED; kept in ${folder}`)
for (const failure of failures) print(`  ${failure}`)
if (isRight && !wish.keep) rmSync(folder, { recursive: true })
if (wish.result !== undefined)
  writeFileSync(wish.result, JSON.stringify({ figures: Object.fromEntries(findings.figures), failures }))
process.exitCode = isRight ? 0 : 1
