/** Runs the live book of a stream of samples inside its thread: takes what the feed sends, hands samples to the journal. */
import type { MessagePort } from 'node:worker_threads'

import type { Venue } from '../../venues/venue.ts'
import { Clock } from '../clock.ts'
import { SeenRooms } from '../feed/carried-batch.ts'
import { type ChunkLimits, EntryLog } from '../feed/entry-log.ts'
import { LiveSummary } from '../live-summary.ts'
import { systemScheduler } from '../scheduler.ts'
import { LiveFigureSink } from '../sealing/live-figures.ts'
import type { FeedToKeeper, FromKeeper, KeeperToFeed, SamplerStart } from '../thread-messages.ts'
import { BookSampler } from './book-sampler.ts'

/** Samples are few: chunks of a minute would hold little more than their own tables. */
const SAMPLE_LIMITS: ChunkLimits = { entries: 100_000, bytes: 16 * 1024 * 1024, milliseconds: 300_000 }

export interface SamplerHostOptions {
  readonly venue: Venue
  readonly start: SamplerStart
  readonly main: MessagePort
  readonly feed: MessagePort
}

const newSampleLog = (start: SamplerStart, tellMain: (message: FromKeeper) => void): EntryLog => {
  const clock = new Clock(start.clock)
  return new EntryLog({
    ...start,
    now: () => clock.now(),
    scheduler: systemScheduler,
    limits: SAMPLE_LIMITS,
    onBatch: (batch) => {
      tellMain({ kind: 'batch', batch: { ...batch, records: batch.records.slice() } })
    },
  })
}

export const hostSampler = ({ venue, start, main, feed }: SamplerHostOptions): void => {
  const tellFeed = (message: KeeperToFeed): void => {
    feed.postMessage(message)
  }
  const tellMain = (message: FromKeeper): void => {
    main.postMessage(message)
  }
  const log = newSampleLog(start, tellMain)
  const figures = new LiveFigureSink(() => sampler.receiveTime)
  const sampler: BookSampler = new BookSampler({
    ...start,
    listener: figures,
    venue,
    onEntry: (kind, time, connection, payload) => {
      log.append(kind, connection, payload, false, time)
    },
    onCommand: (command) => {
      tellFeed({ kind: 'command', command })
    },
    onStarted: (connection) => {
      tellFeed({ kind: 'started', connection })
      tellMain({ kind: 'started' })
    },
  })
  const live = new LiveSummary(() => {
    tellMain({ kind: 'summary', summary: sampler.summary(), figures: figures.figures() })
  })
  const rooms = new SeenRooms()
  feed.on('message', (message: FeedToKeeper) => {
    switch (message.kind) {
      case 'batch': {
        const { records } = rooms.open(message.batch)
        sampler.apply(records)
        figures.begin()
        tellFeed({ kind: 'taken', bytes: records.length })
        live.note()
        return
      }
      case 'instant':
        sampler.reach(message.time)
        return
      case 'end':
        log.flush(true)
        live.now()
        tellMain({ kind: 'ended' })
    }
  })
}
