/** `bookreel replay`: rebuilds the books from what was stored. */
import { once } from 'node:events'

import type { CommandModule } from 'yargs'

import { venueOfStream } from '../../app/production.ts'
import { OpenThreads } from '../../app/replaying/open-threads.ts'
import { breathe, followUntil, newPace } from '../../app/replaying/pacing.ts'
import { replayInParallel } from '../../app/replaying/replay-in-parallel.ts'
import type { EventStore } from '../../log/event-store.ts'
import type { StreamId } from '../../market/instrument.ts'
import type { ReplayRange } from '../../replay/position.ts'
import { ReplayFailure } from '../../replay/replay-failure.ts'
import type { Pace } from '../../replay/replay-options.ts'
import type { ReplaySummary } from '../../replay/replay-summary.ts'
import type { ReplayVisitor } from '../../replay/stream-state.ts'
import { visit } from '../../replay/visit.ts'
import { storeText, streamNamed, streamsOf, withStoreAt } from '../archive.ts'
import { countOf, durationOf, rangeOf, withRange, withStore } from '../options.ts'
import { print, printJson, tell } from '../printing/output.ts'
import { newProgress, type Progress } from '../printing/progress.ts'
import { type BookRow, BookRows, rowText } from '../printing/replay-rows.ts'
import { tellSummary } from '../printing/replay-summary.ts'
import { Problem, usageProblem } from '../problem.ts'
import { listenToSignals } from '../signals.ts'

interface ReplayArguments {
  store: string
  json: boolean
  streams: string[] | undefined
  from: string | undefined
  to: string | undefined
  resume: string | undefined
  speed: string
  every: string | undefined
  depth: number
  follow: boolean
  workers: number
}

/** What the words come to. */
interface Wish {
  readonly args: ReplayArguments
  readonly range: ReplayRange
  readonly speed: number
  /** Microseconds; undefined: no rows. */
  readonly every: number | undefined
  /** Aborted on the first SIGINT or SIGTERM, so that a summary is still printed. */
  readonly signal: AbortSignal
}

const speedOf = (text: string): number => {
  if (text === 'max') return Infinity
  const speed = Number(text)
  if (Number.isFinite(speed) && speed > 0) return speed
  throw usageProblem(`--speed "${text}" is no speed: give max, or a factor such as 1 or 10.`)
}

const interruption = (): AbortSignal => {
  const controller = new AbortController()
  listenToSignals((code) => {
    process.exitCode = code
    controller.abort()
  })
  return controller.signal
}

const wishOf = (args: ReplayArguments): Wish => {
  const range = rangeOf(args.from, args.to)
  countOf('depth', args.depth)
  countOf('workers', args.workers)
  const speed = speedOf(args.speed)
  const every = args.every === undefined ? undefined : durationOf('every', args.every)
  if (args.workers > 1 && (speed !== Infinity || args.follow || args.resume !== undefined))
    throw usageProblem('--workers replays as fast as possible: leave out --speed, --follow and --resume.')
  if (args.resume !== undefined && range.from !== undefined)
    throw usageProblem('--resume says where to begin: leave out --from.')
  return { args, range, speed, every, signal: interruption() }
}

const printRow =
  (json: boolean) =>
  (row: BookRow): void => {
    if (json) printJson(row)
    else print(rowText(row))
  }

/** Undefined while whoever reads the output keeps up. */
const drained = (): Promise<void> | undefined =>
  process.stdout.writableNeedDrain ? once(process.stdout, 'drain').then(() => undefined) : undefined

/** Waits for the entry's time, and for whoever reads the rows, which come before the wait. */
const paceOf = (speed: number, rows: BookRows | undefined): Pace | undefined => {
  const pace = speed === Infinity ? undefined : newPace(speed)
  if (rows === undefined) return pace
  return {
    due: (time, signal) => {
      rows.reach(time)
      return pace?.due(time, signal) ?? drained()
    },
  }
}

/** The streams to play; with `--follow` waits for those that are recorded but have no chunk yet. */
const streamsToPlay = async (
  store: EventStore,
  names: readonly string[],
  waitForMore: (() => Promise<boolean>) | undefined,
): Promise<readonly StreamId[]> => {
  const wanted = names.map((name) => streamNamed(name).stream)
  const isMissing = async (): Promise<boolean> => {
    const held = await store.streams()
    return held.length === 0 || wanted.some((stream) => !held.includes(stream))
  }
  if (waitForMore !== undefined && (await isMissing()))
    tell('Waiting for the first chunk: what is recorded is seen once it is sealed, a minute later at most.')
  while (waitForMore !== undefined && (await isMissing())) if (!(await waitForMore())) return []
  const found = await streamsOf(store, names)
  if (found.length === 0) throw new Problem('The store is empty: there is nothing to replay.')
  return found.map(({ stream }) => stream)
}

const progressOf = async (
  store: EventStore,
  streams: readonly StreamId[],
  { args, every }: Wish,
): Promise<Progress> => {
  let total = 0
  if (every === undefined && !args.follow)
    for (const stream of streams)
      total += (await store.headers(stream).catch(() => [])).reduce((sum, { entries }) => sum + entries, 0)
  return newProgress('replay', total, 'entries')
}

/** In this process, one entry after the other. */
const playSerially = async (store: EventStore, wish: Wish): Promise<ReplaySummary | undefined> => {
  const { args, range, every, signal } = wish
  const waitForMore = args.follow ? followUntil(signal) : undefined
  const names = args.streams ?? []
  const isResumed = args.resume !== undefined && names.length === 0
  const streams = isResumed ? undefined : await streamsToPlay(store, names, waitForMore)
  if (streams?.length === 0) return undefined
  const progress = await progressOf(store, streams ?? (await store.streams()), wish)
  const rows =
    every === undefined
      ? undefined
      : new BookRows({ every, depth: args.depth }, undefined, printRow(args.json))
  const visitor: ReplayVisitor = { replayBegins: (states) => rows?.begin(states) }
  const pace = paceOf(wish.speed, rows)
  const opener = new OpenThreads()
  try {
    const ports = { venueOf: venueOfStream, waitForMore, opener, breathe, onEntries: progress.add, pace }
    const options = { streams, range, resumeFrom: args.resume, signal, mayBeEmpty: true, ...ports }
    return await visit(store, options, visitor)
  } finally {
    await opener.close()
    progress.stop()
  }
}

/** On several threads; this one prints. */
const playInParallel = async (wish: Wish): Promise<ReplaySummary> => {
  const { args, range, every, signal } = wish
  const { store: url, workers, json, depth } = args
  const { streams, progress } = await withStoreAt(url, 'read', async (store) => {
    const found = await streamsToPlay(store, args.streams ?? [], undefined)
    return { streams: found, progress: await progressOf(store, found, wish) }
  })
  const module = new URL('../printing/replay-rows.js', import.meta.url).href
  const derivation = every === undefined ? undefined : { module, argument: { every, depth } }
  const printed = printRow(json)
  const onValue = (row: unknown): void | Promise<void> => {
    printed(row as BookRow)
    return drained()
  }
  try {
    const counted = { workers, onEntries: progress.add, mayBeEmpty: true }
    return await replayInParallel({ url, streams, range, derivation, onValue, signal, ...counted })
  } finally {
    progress.stop()
  }
}

const play = async (wish: Wish): Promise<void> => {
  const { args } = wish
  const startedAt = performance.now()
  try {
    const summary =
      args.workers > 1
        ? await playInParallel(wish)
        : await withStoreAt(args.store, 'read', async (store) => await playSerially(store, wish))
    if (summary?.isComplete === true && summary.entries === 0)
      tell(`The range holds no entry of ${summary.streams.map(({ stream }) => stream).join(', ')}.`)
    tellSummary(summary, (performance.now() - startedAt) / 1000, args.json)
  } catch (error) {
    if (!(error instanceof ReplayFailure)) throw error
    throw new Problem(error.error.kind === 'store' ? storeText(error.error.error) : error.message)
  }
}

export const replayCommand: CommandModule<unknown, ReplayArguments> = {
  command: 'replay [streams..]',
  describe: 'Rebuild the books from what was stored; print rows on the way and a summary',
  builder: (command) =>
    withRange(
      withStore(
        command.positional('streams', { type: 'string', array: true, describe: 'Streams; all if left out' }),
      ),
    )
      .option('speed', {
        type: 'string',
        default: 'max',
        requiresArg: true,
        describe: 'max, or times real time',
      })
      .option('every', {
        type: 'string',
        requiresArg: true,
        describe: 'Print the books at each interval, such as 1s',
      })
      .option('depth', { type: 'number', default: 10, describe: 'Levels a side in the rows' })
      .option('follow', { type: 'boolean', default: false, describe: 'Go on with what is being recorded' })
      .option('resume', {
        type: 'string',
        requiresArg: true,
        describe: 'Go on where a replay was left: the position it printed',
      })
      .option('workers', {
        type: 'number',
        default: 1,
        requiresArg: true,
        describe: 'Threads that replay parts of the range at the same time; the output stays the same',
      })
      .example('$0 replay', 'every stream of ./bookreel-data, as fast as possible')
      .example('$0 replay coinbase:BTC-USD --every 1s --depth 5', 'a row a second')
      .example('$0 replay --workers 4', 'the same result sooner, on four threads')
      .example(
        '$0 replay --from 2026-01-31T12:00:00Z --to 2026-01-31T13:00:00Z --json',
        'one hour, for machines',
      ),
  handler: async (args) => {
    await play(wishOf(args))
  },
}
