/**
 * The threads of a light recording: one for all sockets, one that follows and seals all streams. What the follower of a
 * stream and its feed say to each other passes through the thread that journals.
 */
import { MessageChannel, type MessagePort, type Worker } from 'node:worker_threads'

import type { StreamId } from '../../market/instrument.ts'
import type { StreamThreads } from '../../recorder/stream-recorder-options.ts'
import type {
  FeedStart,
  FromFollower,
  FromKeeper,
  FromSealer,
  KeeperStart,
  KeeperToFeed,
  ToFeed,
  ToFollower,
} from '../../recorder/thread-messages.ts'
import type { AddFeed, FeedsThreadData } from './feeds-thread.ts'
import { holdFeed } from './held-feed.ts'
import { type ProcessThreads, restPort, sealingOn, startWorker } from './pair-threads.ts'
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

/** The thread that follows and seals all streams, and who listens to what it says of each. */
interface Followers {
  readonly tell: (message: ToFollower) => void
  readonly listeners: Map<StreamId, (told: Told) => void>
}

const followersOn = (sealing: Worker): Followers => {
  const listeners: Followers['listeners'] = new Map()
  sealing.on('message', (message: FromSealer) => {
    if (!('id' in message)) listeners.get(message.stream)?.(message.told)
  })
  return {
    listeners,
    tell: (message) => {
      sealing.postMessage(message)
    },
  }
}

/** Has the entries of a feed followed. `onFeed`: how its messages are listened to. */
const follow = (
  { tell, listeners }: Followers,
  feed: MessagePort,
  onFeed: StreamThreads['onFeed'],
  keeperStart: KeeperStart,
): StreamThreads => {
  const { stream } = keeperStart
  const tellFeed = (message: ToFeed | KeeperToFeed): void => {
    feed.postMessage(message)
  }
  tell({ kind: 'follow', start: keeperStart })
  return {
    tellFeed,
    onFeed: (listener) => {
      onFeed((message) => {
        // Before the journal has it: a chunk is followed to its end when its seal is asked for.
        if (message.kind === 'batch') tell({ kind: 'followed', stream, batch: message.batch })
        if (message.kind === 'ended') tell({ kind: 'follow-ended', stream })
        listener(message)
      })
    },
    onKeeper: (listener) => {
      listeners.set(stream, (told) => {
        passOn(told, tellFeed, listener)
      })
    },
    end: async () => {
      feed.close()
      listeners.delete(stream)
      await Promise.resolve()
    },
  }
}

/** The threads of one process; asked for once. */
export const sharedThreads = (): ProcessThreads => {
  const feedsData: FeedsThreadData = { rest: restPort() }
  const feeds = startWorker('./feeds-thread.js', feedsData, [feedsData.rest])
  const sealing = startWorker('./sealer-thread.js', SHARED)
  const followers = followersOn(sealing)
  const addFeed = (start: FeedStart): MessagePort => {
    const { port1: feed, port2: main } = new MessageChannel()
    const added: AddFeed = { start, main }
    feeds.postMessage(added, [main])
    return feed
  }
  return {
    startSealer: () => ({
      ...sealingOn(sealing),
      end: async () => {
        await Promise.all([feeds.terminate(), sealing.terminate()])
      },
    }),
    startThreads: (feedStart, keeperStart) => {
      const feed = addFeed(feedStart)
      const onFeed: StreamThreads['onFeed'] = (listener) => {
        feed.on('message', listener)
      }
      return follow(followers, feed, onFeed, keeperStart)
    },
    startHeldFeed: (start, askGrant) => {
      const feed = addFeed({ ...start, isHeld: true })
      return holdFeed(feed, {
        askGrant,
        begin: (onFeed, keeperStart) => follow(followers, feed, onFeed, keeperStart),
        end: async () => {
          const stop: ToFeed = { kind: 'stop' }
          feed.postMessage(stop)
          feed.close()
          await Promise.resolve()
        },
      })
    },
  }
}
