/** Entry of a feed's thread: one venue's socket of one pair, so that nobody else's work delays its receive times. */
import type { MessagePort } from 'node:worker_threads'
import { parentPort, workerData } from 'node:worker_threads'

import { isLeft } from 'fp-ts/lib/Either.js'

import { hostFeed } from '../../recorder/feed/feed-host.ts'
import type { FeedStart } from '../../recorder/thread-messages.ts'
import { venueById } from '../production.ts'

/** What the thread is started with; `keeper`: the way to the live book's thread. */
export interface FeedThreadData {
  readonly start: FeedStart
  readonly keeper: MessagePort
}

const { start, keeper } = workerData as FeedThreadData
const venue = venueById(start.config.venue)
if (parentPort === null || venue === undefined) throw new Error('a feed thread is started by a pair process')
// Secrets come from the environment here, where they are used, and pass through no message.
const credentials = venue.credentialsFrom(process.env)
hostFeed({
  start,
  venue,
  credentials: isLeft(credentials) ? undefined : credentials.right,
  main: parentPort,
  keeper,
})
