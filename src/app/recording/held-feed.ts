/** A feed that runs ahead of its stream, as the thread that journals sees it: what it reports waits until somebody listens. */
import type { HeldFeed, RunOptions, StreamThreads } from '../../recorder/stream-recorder-options.ts'
import type { FromFeed, KeeperStart, ToFeed } from '../../recorder/thread-messages.ts'

/** The way to a feed, by its thread or by a port. */
export interface FeedPort {
  readonly on: (event: 'message', listener: (message: FromFeed) => void) => unknown
  readonly postMessage: (message: ToFeed) => void
}

export interface HeldFeedThreads {
  /** Starts what follows the feed. */
  readonly begin: (onFeed: StreamThreads['onFeed'], keeperStart: KeeperStart) => StreamThreads
  readonly end: () => Promise<void>
  readonly askGrant: RunOptions['askGrant']
}

/** `feed` was started with `isHeld`. */
export const holdFeed = (feed: FeedPort, { begin, end, askGrant }: HeldFeedThreads): HeldFeed => {
  const early: FromFeed[] = []
  let listen = (message: FromFeed): void => void early.push(message)
  const ready = new Promise<void>((resolve) => {
    feed.on('message', (message) => {
      if (message.kind === 'ready') resolve()
      else if (message.kind === 'ask')
        askGrant(message.what, () => {
          feed.postMessage({ kind: 'granted', what: message.what })
        })
      else listen(message)
    })
  })
  const onFeed: StreamThreads['onFeed'] = (listener) => {
    listen = listener
    for (const message of early.splice(0)) listener(message)
  }
  return {
    ready,
    begin: ({ manifest, lastSeq, lastReceiveTime, lastConnection }, keeperStart) => {
      const threads = begin(onFeed, keeperStart)
      feed.postMessage({ kind: 'begin', begin: { manifest, lastSeq, lastReceiveTime, lastConnection } })
      return threads
    },
    end,
  }
}
