/**
 * Records simulated venues while much goes wrong, for as long as wanted, then holds the recording against what was sent.
 * `--minutes N --chaos low|medium|high --seed N --rate N --keep`. Ends with 1 when something was lost or wrong.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'

import { CHAOS_LEVELS } from '../../simulator/faults/chaos.ts'
import { type Simulation, startSimulation, TEST_CREDENTIALS } from '../../simulator/simulate.ts'
import { ended, MAIN, onLine, residentBytes, start } from '../bench/processes.ts'
import { auditRecording, type RecordingAudit } from '../support/recording-audit.ts'
import { readFaults, readSentFrames } from '../support/sent-frames.ts'

const PAIR = 'BTC-USD'
const VENUES = ['coinbase', 'bitfinex'] as const
const STREAMS = VENUES.map((venue) => `${venue}:${PAIR}` as const)
const MARK_INTERVAL = 1000
/** Milliseconds for the books to be right again after the last fault. */
const HEALING = 120_000

interface Wish {
  readonly minutes: number
  readonly chaos: (typeof CHAOS_LEVELS)[number]
  readonly seed: number
  readonly rate: number
  readonly keep: boolean
}

const readWish = (): Wish => {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '30' },
      chaos: { type: 'string', default: 'high' },
      seed: { type: 'string', default: '1' },
      rate: { type: 'string', default: '500' },
      keep: { type: 'boolean', default: false },
    },
  })
  const [minutes, seed, rate] = [Number(values.minutes), Number(values.seed), Number(values.rate)]
  const chaos = CHAOS_LEVELS.find((level) => level === values.chaos)
  if (!(minutes > 0) || !Number.isSafeInteger(seed) || !(rate > 0) || chaos === undefined)
    throw new Error('Give --minutes N --chaos low|medium|high --seed N --rate N.')
  return { minutes, chaos, seed, rate, keep: values.keep }
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

/** The recorder, its latest status and its memory over time. */
const startRecorder = (simulation: Simulation, store: string) => {
  const { coinbase, bitfinex } = simulation.endpoints
  const endpoints = [
    `coinbase.ws=${coinbase?.ws ?? ''}`,
    `coinbase.rest=${coinbase?.rest ?? ''}`,
    `bitfinex.ws=${bitfinex?.ws ?? ''}`,
    `bitfinex.rest=${bitfinex?.rest ?? ''}`,
  ]
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
  return { child, status: () => latest, memory: () => residentBytes(child.pid ?? 0) }
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

const mark = ({ books, links }: Simulation): void => {
  links.mark(books())
}

const run = async (wish: Wish, folder: string): Promise<boolean> => {
  const store = `file:${join(folder, 'store')}`
  const [logSent, logFaults] = [join(folder, 'sent.jsonl'), join(folder, 'faults.jsonl')]
  const { seed, rate, chaos } = wish
  const simulation = await startSimulation({
    ...{ seed, rate, venues: VENUES, pairs: [PAIR] },
    links: { seed, chaos, logSent, logFaults },
  })
  const recorder = startRecorder(simulation, store)
  const memory: number[] = []
  const marking = setInterval(() => {
    mark(simulation)
  }, MARK_INTERVAL)
  const end = performance.now() + wish.minutes * 60_000
  while (performance.now() < end && recorder.child.exitCode === null) {
    await sleep(Math.min(5000, Math.max(1, end - performance.now())))
    memory.push(recorder.memory())
  }
  const injected = simulation.links.faults()
  simulation.links.stopFaults()
  // What was lost before shows with the next frames.
  await sleep(5000)
  await untilSound(recorder)
  simulation.stopFlow()
  await untilQuiet(recorder)
  clearInterval(marking)
  const truth = simulation.books()
  const live = recorder.status()
  recorder.child.kill('SIGINT')
  await ended(recorder.child)
  await simulation.stop()
  print(`faults injected: ${JSON.stringify(injected)}`)
  const sent = await readSentFrames(logSent)
  const faults = await readFaults(logFaults)
  let isRight = recorder.child.exitCode === 130
  for (const stream of STREAMS) {
    const venue = stream.split(':')[0] ?? ''
    const audit = await auditRecording(store, stream, sent.get(venue) ?? [], faults)
    const digest = truth.find((book) => book.stream === stream)?.digest
    const status = live.find((each) => each.stream === stream)
    isRight = tell(stream, audit, digest, status) && isRight
  }
  tellMemory(memory)
  return isRight
}

const tell = (
  stream: string,
  audit: RecordingAudit,
  digest: string | undefined,
  status: Status | undefined,
): boolean => {
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
  return (
    isEqual &&
    audit.lost === 0 &&
    unnoticed === 0 &&
    audit.falselyVerified.length === 0 &&
    status.sealMismatches === 0
  )
}

/** Twelve points in time. */
const tellMemory = (memory: readonly number[]): void => {
  const step = Math.max(1, Math.ceil(memory.length / 12))
  const points = memory.filter((_bytes, index) => index % step === 0).map(megabytes)
  print(
    `\nmemory of the recorder’s processes: ${points.join(', ')}; most ${megabytes(Math.max(0, ...memory))}`,
  )
}

const wish = readWish()
const folder = mkdtempSync(join(tmpdir(), 'bookreel-soak-'))
print(`soak: ${String(wish.minutes)} minutes, chaos ${wish.chaos}, seed ${String(wish.seed)}, in ${folder}`)
const isRight = await run(wish, folder)
print(isRight ? '\nNothing was lost, nothing was silently wrong.' : `\nFAILED; kept in ${folder}`)
if (isRight && !wish.keep) rmSync(folder, { recursive: true })
process.exitCode = isRight ? 0 : 1
