/** `bookreel replay`: rebuilds the books from what was stored. */
import { setTimeout as sleep } from 'node:timers/promises'

import type { CommandModule } from 'yargs'

import { newPacer } from '../../app/pacing.ts'
import type { EventStore } from '../../log/event-store.ts'
import { playMerged } from '../../replay/merge.ts'
import { isBefore, type ReplayRange } from '../../replay/position.ts'
import { Sampler } from '../../replay/sampler.ts'
import { StreamPlayer } from '../../replay/stream-player.ts'
import { streamNamed, streamsOf, withStoreAt } from '../archive.ts'
import { countOf, durationOf, rangeOf, withRange, withStore } from '../options.ts'
import { print, printJson, table } from '../output.ts'
import { Problem, usageProblem } from '../problem.ts'
import { newProgress } from '../progress.ts'
import { printRow } from '../replay-rows.ts'
import { listenToSignals } from '../signals.ts'

interface ReplayArguments {
  store: string
  json: boolean
  streams: string[] | undefined
  from: string | undefined
  to: string | undefined
  speed: string
  every: string | undefined
  depth: number
  follow: boolean
}

const FOLLOW_MILLISECONDS = 500

const speedOf = (text: string): number | undefined => {
  if (text === 'max') return undefined
  const speed = Number(text)
  if (Number.isFinite(speed) && speed > 0) return speed
  throw usageProblem(`--speed "${text}" is no speed: give max, or a factor such as 1 or 10.`)
}

/** Aborts on the first SIGINT or SIGTERM, so that a summary is still printed. */
const interruption = (): AbortSignal => {
  const controller = new AbortController()
  listenToSignals((code) => {
    process.exitCode = code
    controller.abort()
  })
  return controller.signal
}

/** Counts of what was replayed inside the range, without the lead-in from the keyframe. */
class Measure {
  entries = 0
  private leadInEvents = new Map<StreamPlayer, number>()

  before(player: StreamPlayer, range: ReplayRange): boolean {
    const { head } = player
    if (head === undefined || (range.from !== undefined && isBefore(head, range.from))) return false
    if (!this.leadInEvents.has(player)) this.leadInEvents.set(player, player.keeper.summary().events)
    this.entries++
    return true
  }

  events(player: StreamPlayer): number {
    const { events } = player.keeper.summary()
    return events - (this.leadInEvents.get(player) ?? events)
  }
}

const tellSummary = (
  players: readonly StreamPlayer[],
  measure: Measure,
  seconds: number,
  json: boolean,
): void => {
  const events = players.reduce((sum, player) => sum + measure.events(player), 0)
  const streams = players.map(({ stream, keeper }) => {
    const { lastSeq, valid, reason, verified, bestBid, bestAsk, trades } = keeper.summary()
    return { stream, lastSeq, valid, reason, verified, bestBid, bestAsk, trades, ...keeper.digest() }
  })
  const eventsPerSecond = seconds > 0 ? Math.round(events / seconds) : 0
  if (json) {
    printJson({ entries: measure.entries, events, seconds, eventsPerSecond, streams })
    return
  }
  const rows = streams.map((row) => [
    row.stream,
    String(row.lastSeq),
    row.valid ? (row.verified ? 'valid, verified' : 'valid') : `not valid: ${row.reason ?? ''}`,
    row.bestBid ?? '-',
    row.bestAsk ?? '-',
    `${row.digest.slice(0, 16)}…`,
    String(row.digestSeq),
  ])
  print(table([['stream', 'entry', 'book', 'best bid', 'best ask', 'digest', 'at entry'], ...rows]))
  const rate = `${eventsPerSecond.toLocaleString('en-US')} events/s`
  print(`${String(measure.entries)} entries, ${String(events)} events in ${seconds.toFixed(2)} s: ${rate}`)
}

/** The streams to play; `follow`: waits for those that are recorded but have no chunk yet. */
const streamsToPlay = async (
  store: EventStore,
  names: readonly string[],
  waitForMore: (() => Promise<boolean>) | undefined,
): Promise<Awaited<ReturnType<typeof streamsOf>>> => {
  const wanted = names.map((name) => streamNamed(name).stream)
  const isMissing = async (): Promise<boolean> => {
    const held = await store.streams()
    return held.length === 0 || wanted.some((stream) => !held.includes(stream))
  }
  while (waitForMore !== undefined && (await isMissing())) if (!(await waitForMore())) return []
  const found = await streamsOf(store, names)
  if (found.length === 0) throw new Problem('The store is empty: there is nothing to replay.')
  return found
}

const play = async (store: EventStore, args: ReplayArguments, range: ReplayRange): Promise<void> => {
  const speed = speedOf(args.speed)
  const every = args.every === undefined ? undefined : durationOf('every', args.every)
  const signal = interruption()
  const waitForMore = async (): Promise<boolean> => {
    await sleep(FOLLOW_MILLISECONDS, undefined, { signal }).catch(() => undefined)
    return !signal.aborted
  }
  const found = await streamsToPlay(store, args.streams ?? [], args.follow ? waitForMore : undefined)
  const players = found.map(
    ({ stream, venue }) =>
      new StreamPlayer({ store, stream, venue, range, waitForMore: args.follow ? waitForMore : undefined }),
  )
  for (const player of players) await player.seek()
  const sampler = every === undefined ? undefined : new Sampler(every)
  const pace = speed === undefined ? undefined : newPacer(speed, signal)
  let total = 0
  for (const { stream } of found) total += await store.lastSeq(stream)
  const progress = newProgress('replay', every === undefined && !args.follow ? total : 0, 'entries')
  const measure = new Measure()
  const startedAt = performance.now()
  let unreported = 0
  await playMerged(players, {
    before: (player, time) => {
      if (signal.aborted) return false
      if (++unreported === 10_000) {
        progress.add(unreported)
        unreported = 0
      }
      if (!measure.before(player, range)) return undefined
      if (sampler !== undefined)
        for (const instant of sampler.due(time)) printRow(players, instant, args.depth, args.json)
      return pace?.(time)
    },
  })
  progress.add(unreported)
  progress.stop()
  tellSummary(players, measure, (performance.now() - startedAt) / 1000, args.json)
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
      .example('$0 replay', 'every stream of ./bookreel-data, as fast as possible')
      .example('$0 replay coinbase:BTC-USD --every 1s --depth 5', 'a row a second')
      .example(
        '$0 replay --from 2026-01-31T12:00:00Z --to 2026-01-31T13:00:00Z --json',
        'one hour, for machines',
      ),
  handler: async (args) => {
    const range = rangeOf(args.from, args.to)
    countOf('depth', args.depth)
    await withStoreAt(args.store, 'read', (store) => play(store, args, range))
  },
}
