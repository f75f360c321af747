/** Entry of a live book's thread: decoding a large snapshot takes its time and must not delay the socket. */
import type { MessagePort } from 'node:worker_threads'
import { parentPort, workerData } from 'node:worker_threads'

import { hostKeeper } from '../../recorder/sealing/keeper-host.ts'
import type { KeeperStart } from '../../recorder/thread-messages.ts'
import { venueById } from '../production.ts'

/** What the thread is started with; `feed`: the way to the feed's thread. */
export interface KeeperThreadData {
  readonly start: KeeperStart
  readonly feed: MessagePort
}

const { start, feed } = workerData as KeeperThreadData
const venue = venueById(start.venue)
if (parentPort === null || venue === undefined)
  throw new Error('a keeper thread is started by a pair process')
hostKeeper({ venue, state: start.state, main: parentPort, feed })
