/**
 * Run as a process: seeks to random instants of an archived stream as `bookreel book --at` does, and prints what each took
 * and what the process needed at most. Arguments: folder, stream, how many.
 */
import { venueById } from '../../src/app/production.ts'
import { OpenThreads } from '../../src/app/replaying/open-threads.ts'
import { splitStreamId, type StreamId } from '../../src/market/instrument.ts'
import { type Micros, microsOf } from '../../src/market/time.ts'
import { BookKeeper } from '../../src/replay/keeper/book-keeper.ts'
import { playMerged } from '../../src/replay/merge.ts'
import { nearestKeyframe } from '../../src/replay/reading/nearest-keyframe.ts'
import { StreamPlayer } from '../../src/replay/reading/stream-player.ts'
import { openArchive } from './archive-store.ts'
import { ownMemory } from './own-memory.ts'

/** Milliseconds of one seek, and of its parts measured once more. */
export interface Sought {
  readonly milliseconds: number
  /** Of processor time, all threads: what a busy machine shows best. */
  readonly processor: number
  readonly reading: number
  readonly restoring: number
  /** Entries behind the keyframe. */
  readonly tail: number
  readonly orders: number
  readonly isValid: boolean
  /** Bytes, see ownMemory. */
  readonly memory: number
}

const [, , folder = '', name = '', count = '100'] = process.argv
const stream = name as StreamId
const venue = venueById(splitStreamId(stream)?.venue ?? '')
if (venue === undefined) throw new Error(`no venue of ${name}`)
const store = await openArchive(folder)
const opener = new OpenThreads()
const headers = await store.headers(stream)
const first = headers[0]?.firstReceiveTime ?? 0
const last = headers.at(-1)?.lastReceiveTime ?? 0

let state = 42
const random = (): number => {
  state = (state * 48_271) % 2_147_483_647
  return state / 2_147_483_647
}

/** The seek alone: what follows must not find its book in memory. */
const seekAlone = async (time: Micros): Promise<Omit<Sought, 'reading' | 'restoring'>> => {
  const at = { kind: 'time', time } as const
  const before = process.cpuUsage()
  const started = performance.now()
  const player = new StreamPlayer({ store, stream, venue, range: { from: at, to: at }, opener })
  await player.seek()
  const { place } = player
  await playMerged([player], {})
  const ended = performance.now()
  const { user, system } = process.cpuUsage(before)
  const { lastSeq, valid } = player.keeper.summary()
  const book = player.keeper.book()
  return {
    milliseconds: ended - started,
    processor: (user + system) / 1000,
    tail: lastSeq - place,
    orders: book.orderCount('bid') + book.orderCount('ask'),
    isValid: valid,
    memory: ownMemory(),
  }
}

const seek = async (time: Micros): Promise<Sought> => {
  const sought = await seekAlone(time)
  const begun = performance.now()
  const keyframe = await nearestKeyframe(store, stream, venue, ({ receiveTime }) => receiveTime < time)
  const read = performance.now()
  if (keyframe !== undefined) new BookKeeper(venue).restore(keyframe.state)
  return { ...sought, reading: read - begun, restoring: performance.now() - read }
}

const sought: Sought[] = []
for (let index = 0; index < Number(count); index++)
  sought.push(await seek(microsOf(Math.floor(first + random() * (last - first)))))
await opener.close()
await store.close()
process.stdout.write(`${JSON.stringify({ sought, peak: process.resourceUsage().maxRSS * 1024 })}\n`)
