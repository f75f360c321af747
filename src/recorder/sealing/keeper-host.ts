/** Runs the live book inside its thread: applies what the feed sends, sends back what the decoder asks for. */
import type { MessagePort } from 'node:worker_threads'

import { BookKeeper } from '../../replay/keeper/book-keeper.ts'
import type { Venue } from '../../venues/venue.ts'
import { type CarriedBatch, SeenRooms } from '../feed/carried-batch.ts'
import { LiveSummary } from '../live-summary.ts'
import type { FeedToKeeper, FromKeeper, KeeperToFeed } from '../thread-messages.ts'
import { LiveFigureSink } from './live-figures.ts'

export interface KeeperHostOptions {
  readonly venue: Venue
  readonly state: Uint8Array
  readonly main: MessagePort
  readonly feed: MessagePort
}

export const hostKeeper = ({ venue, state, main, feed }: KeeperHostOptions): void => {
  const tellFeed = (message: KeeperToFeed): void => {
    feed.postMessage(message)
  }
  const tellMain = (message: FromKeeper): void => {
    main.postMessage(message)
  }
  const figures = new LiveFigureSink(() => keeper.receiveTime)
  const keeper: BookKeeper = new BookKeeper(venue, {
    listener: figures,
    onCommand: (command) => {
      tellFeed({ kind: 'command', command })
    },
    onStarted: (connection) => {
      tellFeed({ kind: 'started', connection })
      tellMain({ kind: 'started' })
    },
  })
  keeper.restore(state)
  const live = new LiveSummary(() => {
    tellMain({ kind: 'summary', summary: keeper.summary(), figures: figures.figures() })
  })
  const rooms = new SeenRooms()
  const take = (carried: CarriedBatch): void => {
    const batch = rooms.open(carried)
    keeper.applyRecords(batch.records)
    figures.begin()
    tellFeed({ kind: 'taken', bytes: batch.records.length })
    if (batch.endsChunk) {
      const { digest, digestSeq } = keeper.takeVerdict().book
      tellMain({ kind: 'digest', live: { seq: batch.lastSeq, digest, digestSeq } })
    }
    live.note()
  }
  feed.on('message', (message: FeedToKeeper) => {
    if (message.kind === 'batch') take(message.batch)
    if (message.kind !== 'end') return
    live.now()
    tellMain({ kind: 'ended' })
  })
}
