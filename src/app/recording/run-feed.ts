/** Runs the feed of one stream in this thread, with the credentials of the process. */
import type { MessagePort } from 'node:worker_threads'

import { isLeft } from 'fp-ts/lib/Either.js'

import { hostFeed } from '../../recorder/feed/feed-host.ts'
import type { FeedStart } from '../../recorder/thread-messages.ts'
import type { GetRest } from '../../transport/rest.ts'
import { venueById } from '../../venues/registry.ts'

/** The ways out of the feed; see FeedHostOptions. */
export interface FeedWays {
  readonly main: MessagePort
  readonly keeper: MessagePort | undefined
  readonly get: GetRest
}

export const runFeed = (start: FeedStart, ways: FeedWays): void => {
  const venue = venueById(start.config.venue)
  if (venue === undefined) throw new Error(`there is no venue ${start.config.venue}`)
  // Secrets come from the environment here, where they are used; what is signed with them leaves for the request alone.
  const credentials = venue.credentialsFrom(process.env)
  hostFeed({ ...ways, start, venue, credentials: isLeft(credentials) ? undefined : credentials.right })
}
