/**
 * The threads of a light recording: one for all sockets, one that follows and seals all streams. What the follower of a
 * stream and its feed say to each other passes through the thread that journals.
 */
import { MessageChannel } from 'node:worker_threads'

import type { StreamId } from '../../market/instrument.ts'
import { askSealers } from '../../recorder/sealing/sealer-host.ts'
import type { StreamThreads } from '../../recorder/stream-recorder-options.ts'
import type {
  FeedStart,
  FromFeed,
  FromFollower,
  FromKeeper,
  FromSealer,
  KeeperStart,
  KeeperToFeed,
  ToFeed,
  ToFollower,
} from '../../recorder/thread-messages.ts'
import type { AddFeed } from './feeds-thread.ts'
import { type ProcessThreads, startWorker } from './pair-threads.ts'
import { SHARED } from './shared-sealer.ts'

type Told = FromFollower['told']

/** What the follower of a stream says, to whom it concerns. */
const passOn = (
  told: Told,
  tellFeed: (message: KeeperToFeed) => void,
  tellRecorder: (message: FromKeeper) => void,
): void => {
  if (told.kind === 'command' || told.kind === 'taken' || told.kind === 'started') tellFeed(told)
  if (told.kind !== 'command' && told.kind !== 'taken') tellRecorder(told)
}

/** The threads of one process; asked for once. */
export const sharedThreads = (): ProcessThreads => {
  const feeds = startWorker('./feeds-thread.js', undefined)
  const sealing = startWorker('./sealer-thread.js', SHARED)
  const followers = new Map<StreamId, (told: Told) => void>()
  sealing.on('message', (message: FromSealer) => {
    if (!('id' in message)) followers.get(message.stream)?.(message.told)
  })
  const tellSealing = (message: ToFollower): void => {
    sealing.postMessage(message)
  }
  const startThreads = (feedStart: FeedStart, keeperStart: KeeperStart): StreamThreads => {
    const { stream } = keeperStart
    const { port1: feed, port2: main } = new MessageChannel()
    const tellFeed = (message: ToFeed | KeeperToFeed): void => {
      feed.postMessage(message)
    }
    const added: AddFeed = { start: feedStart, main }
    tellSealing({ kind: 'follow', start: keeperStart })
    feeds.postMessage(added, [main])
    return {
      tellFeed,
      onFeed: (listener) => {
        feed.on('message', (message: FromFeed) => {
          // Before the journal has it: a chunk is followed to its end when its seal is asked for.
          if (message.kind === 'batch') tellSealing({ kind: 'followed', stream, batch: message.batch })
          if (message.kind === 'ended') tellSealing({ kind: 'follow-ended', stream })
          listener(message)
        })
      },
      onKeeper: (listener) => {
        followers.set(stream, (told) => {
          passOn(told, tellFeed, listener)
        })
      },
      end: async () => {
        feed.close()
        followers.delete(stream)
        await Promise.resolve()
      },
    }
  }
  return {
    startSealer: () => ({
      sealer: askSealers(sealing),
      end: async () => {
        await Promise.all([feeds.terminate(), sealing.terminate()])
      },
    }),
    startThreads,
  }
}
