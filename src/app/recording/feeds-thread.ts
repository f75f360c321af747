/** Entry of the thread that all sockets of a light recording share. */
import type { MessagePort } from 'node:worker_threads'
import { parentPort } from 'node:worker_threads'

import type { FeedStart } from '../../recorder/thread-messages.ts'
import { runFeed } from './run-feed.ts'

/** One more feed; `main`: the way to the thread that journals its stream. */
export interface AddFeed {
  readonly start: FeedStart
  readonly main: MessagePort
}

if (parentPort === null) throw new Error('the feeds thread is started by a pair process')
parentPort.on('message', ({ start, main }: AddFeed) => {
  runFeed(start, main, undefined)
})
