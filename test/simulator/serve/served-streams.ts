/** Stored streams served for a test, and Coinbase clients of them. */
import { type ServeOptions, type Serving, startServe } from '../../../simulator/playback/start-serve.ts'
import type { EventStore } from '../../../src/log/event-store.ts'
import { bitfinexVenue } from '../../../src/venues/bitfinex/venue.ts'
import { coinbaseVenue } from '../../../src/venues/coinbase/venue.ts'
import { type PlainClient, until } from '../playback/playback-client.ts'

export const SIGNED = { key: 'k', passphrase: 'p', timestamp: '1', signature: 's' }

export const serveStreams = async (
  store: EventStore,
  streams: readonly string[],
  more: Partial<ServeOptions> = {},
): Promise<Serving> =>
  await startServe({
    ...{ store, range: {}, speed: 'max', port: 0, control: true },
    streams: streams.map((stream) => ({
      stream: stream as `${string}:${string}`,
      venue: stream.startsWith('coinbase') ? coinbaseVenue : bitfinexVenue,
    })),
    ...more,
  })

export const wsOf = (server: Serving, venue: string): string => server.endpoints[venue]?.ws ?? ''
export const restOf = (server: Serving, venue: string): string => server.endpoints[venue]?.rest ?? ''

export const playsEnded = (server: Serving, plays = 1): Promise<void> =>
  until('the plays end', () =>
    server.activity().every(({ begunPlays, runningPlays }) => begunPlays >= plays && runningPlays === 0),
  )

/** The client's frames of these types, parsed. */
export const framesOf = (
  client: PlainClient,
  ...types: readonly string[]
): readonly Readonly<Record<string, unknown>>[] =>
  client.frames
    .filter((text) => text.startsWith('{'))
    .map((text) => JSON.parse(text) as Readonly<Record<string, unknown>>)
    .filter(({ type }) => types.includes(String(type)))
