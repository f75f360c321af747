/** Entry of a live book's thread: decoding a large snapshot takes its time and must not delay the socket. */
import type { MessagePort } from 'node:worker_threads'
import { parentPort, workerData } from 'node:worker_threads'

import { hostSampler } from '../../recorder/sampling/sampler-host.ts'
import { hostKeeper } from '../../recorder/sealing/keeper-host.ts'
import type { KeeperStart } from '../../recorder/thread-messages.ts'
import { venueById } from '../../venues/registry.ts'
import { lowerPriority } from './lower-priority.ts'

/** What the thread is started with; `feed`: the way to the feed's thread. */
export interface KeeperThreadData {
  readonly start: KeeperStart
  readonly feed: MessagePort
}

const { start, feed } = workerData as KeeperThreadData
const { sampler, state } = start
const venue = venueById(start.venue)
if (parentPort === null || venue === undefined)
  throw new Error('a keeper thread is started by a pair process')
lowerPriority()
if (sampler === undefined) hostKeeper({ venue, state, main: parentPort, feed })
else hostSampler({ venue, start: sampler, main: parentPort, feed })
