/** Runs the live book inside its thread: applies what the feed sends, sends back what the decoder asks for. */
import type { MessagePort } from 'node:worker_threads'

import { BookKeeper } from '../../replay/keeper/book-keeper.ts'
import type { Venue } from '../../venues/venue.ts'
import type { EntryBatch } from '../feed/entry-log.ts'
import { systemScheduler } from '../scheduler.ts'
import type { FeedToKeeper, FromKeeper, KeeperToFeed } from '../thread-messages.ts'

/** A summary at most this often, in milliseconds. */
const SUMMARY_INTERVAL = 200

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
  const keeper = new BookKeeper(venue, {
    onCommand: (command) => {
      tellFeed({ kind: 'command', command })
    },
    onStarted: (connection) => {
      tellFeed({ kind: 'started', connection })
      tellMain({ kind: 'started' })
    },
  })
  keeper.restore(state)
  let isSummaryDue = false
  const tellSummary = (): void => {
    isSummaryDue = false
    tellMain({ kind: 'summary', summary: keeper.summary() })
  }
  const take = (batch: EntryBatch): void => {
    keeper.applyRecords(batch.records)
    tellFeed({ kind: 'taken', bytes: batch.records.length })
    if (batch.endsChunk) {
      const { digest, digestSeq } = keeper.takeVerdict().book
      tellMain({ kind: 'digest', live: { seq: batch.lastSeq, digest, digestSeq } })
    }
    if (isSummaryDue) return
    isSummaryDue = true
    systemScheduler.after(SUMMARY_INTERVAL, tellSummary)
  }
  feed.on('message', (message: FeedToKeeper) => {
    if (message.kind === 'batch') {
      take(message.batch)
      return
    }
    tellSummary()
    tellMain({ kind: 'ended' })
  })
}
