/**
 * What each mode of recording makes of the batches of a feed, with the parts that do it in a recorder's threads: a live book;
 * a book that follows and has verdicts ready for the seal; samples of a book.
 */
import type { RunManifest } from '../../src/log/payloads.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { type Micros, microsOf } from '../../src/market/time.ts'
import { type ChunkLimits, type EntryBatch, EntryLog } from '../../src/recorder/feed/entry-log.ts'
import { BookSampler } from '../../src/recorder/sampling/book-sampler.ts'
import { systemScheduler } from '../../src/recorder/scheduler.ts'
import { HeldBytes } from '../../src/recorder/sealing/held-bytes.ts'
import { StreamFollower } from '../../src/recorder/sealing/stream-follower.ts'
import { BookKeeper, type KeeperSummary } from '../../src/replay/keeper/book-keeper.ts'
import type { FeedCommand, Venue } from '../../src/venues/venue.ts'
import { ChunkProof } from './chunk-proof.ts'
import { auditSamples } from './sample-audit.ts'

export interface LiveBookOptions {
  readonly stream: StreamId
  readonly venue: Venue
  readonly manifest: RunManifest
  readonly now: () => Micros
  readonly onCommand: (command: FeedCommand) => void
  readonly onStarted: (connection: number) => void
}

/** What a mode did that its promises are held against. */
export interface ModeFindings {
  readonly figures: Readonly<Record<string, number>>
  readonly failures: readonly string[]
}

export interface LiveBook {
  /** Where chunks end, if not as usual. */
  readonly limits?: ChunkLimits
  /** Microseconds between the instants that are told; undefined: none are. */
  readonly interval?: number
  readonly take: (batch: EntryBatch) => void
  /** Everything received up to this time was taken. */
  readonly reach: (time: Micros) => void
  readonly summary: () => KeeperSummary
  readonly digest: () => string
  /** The run is over. `batches`: all that were taken. */
  readonly end: (batches: readonly Uint8Array[]) => ModeFindings
}

const NOTHING: ModeFindings = { figures: {}, failures: [] }

export const fullBook = ({ venue, onCommand, onStarted }: LiveBookOptions): LiveBook => {
  const keeper = new BookKeeper(venue, { onCommand, onStarted })
  return {
    take: ({ records }) => {
      keeper.applyRecords(records)
    },
    reach: () => undefined,
    summary: () => keeper.summary(),
    digest: () => keeper.digest().digest,
    end: () => NOTHING,
  }
}

/** Small chunks: many ends. */
const LIGHT_LIMITS: ChunkLimits = { entries: 1500, bytes: 16 * 1024 * 1024, milliseconds: 5000 }
/** Room for some of them, not for all: a chunk that is not held is scanned again. */
const LIGHT_ROOM = 250_000

export const lightBook = ({ stream, venue, onCommand, onStarted }: LiveBookOptions): LiveBook => {
  const plain = new BookKeeper(venue)
  const follower = new StreamFollower({
    ...{ stream, venue, onCommand, onStarted },
    state: new BookKeeper(venue).save(),
    room: new HeldBytes(LIGHT_ROOM),
  })
  const proof = new ChunkProof(stream, venue)
  return {
    limits: LIGHT_LIMITS,
    take: (batch) => {
      plain.applyRecords(batch.records)
      follower.follow(batch)
      proof.take(batch, follower)
    },
    reach: () => undefined,
    summary: () => follower.summary(),
    digest: () => plain.digest().digest,
    end: () => {
      follower.end()
      return proof.findings()
    },
  }
}

const SAMPLING = { interval: 100_000, depth: 50 } as const

export const snapshotBook = (options: LiveBookOptions): LiveBook => {
  const { stream, venue, manifest, now, onCommand, onStarted } = options
  const plain = new BookKeeper(venue)
  const samples: Uint8Array[] = []
  const log = new EntryLog({
    ...{ now, scheduler: systemScheduler, lastSeq: 0, lastReceiveTime: microsOf(0) },
    onBatch: ({ records }) => {
      samples.push(records)
    },
  })
  const sampler = new BookSampler({
    ...{ ...SAMPLING, venue, onCommand, onStarted },
    manifest: { ...manifest, ...SAMPLING },
    onEntry: (kind, time, connection, payload) => {
      log.append(kind, connection, payload, false, time)
    },
  })
  return {
    interval: SAMPLING.interval,
    take: ({ records }) => {
      plain.applyRecords(records)
      sampler.apply(records)
    },
    reach: (time) => {
      sampler.reach(time)
    },
    summary: () => sampler.summary(),
    digest: () => plain.digest().digest,
    end: (batches) => {
      log.flush(true)
      return auditSamples({ stream, venue, samples, batches, ...SAMPLING })
    },
  }
}
