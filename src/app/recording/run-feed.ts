/** Runs the feed of one stream in this thread, with the credentials of the process. */
import type { MessagePort } from 'node:worker_threads'

import { isLeft } from 'fp-ts/lib/Either.js'

import { hostFeed } from '../../recorder/feed/feed-host.ts'
import type { FeedStart } from '../../recorder/thread-messages.ts'
import { venueById } from '../../venues/registry.ts'

/** `keeper`: see FeedHostOptions. */
export const runFeed = (start: FeedStart, main: MessagePort, keeper: MessagePort | undefined): void => {
  const venue = venueById(start.config.venue)
  if (venue === undefined) throw new Error(`there is no venue ${start.config.venue}`)
  // Secrets come from the environment here, where they are used, and pass through no message.
  const credentials = venue.credentialsFrom(process.env)
  hostFeed({ start, venue, credentials: isLeft(credentials) ? undefined : credentials.right, main, keeper })
}
