/** Generated streams for tests of what is derived from a replay, and their entries as packed records. */
import { EntryCursor, EntryWriter } from '../../src/log/entry.ts'
import type { EventStore } from '../../src/log/event-store.ts'
import type { Micros } from '../../src/market/time.ts'
import type { ReplaySummary } from '../../src/replay/replay-summary.ts'
import type { ReplayVisitor } from '../../src/replay/stream-state.ts'
import { visit } from '../../src/replay/visit.ts'
import { bitfinexVenue } from '../../src/venues/bitfinex/venue.ts'
import { coinbaseVenue } from '../../src/venues/coinbase/venue.ts'
import type { Venue } from '../../src/venues/venue.ts'
import { generatedFeed } from './generated-feeds.ts'
import { storeOf } from './stored-streams.ts'

/** Feeds by order and by level of both venues. */
export const DERIVED_FEEDS = ['full', 'level3', 'level2_batch', 'R0', 'P0'] as const
export type DerivedFeed = (typeof DERIVED_FEEDS)[number]

const venueOfFeed = (feed: DerivedFeed): Venue =>
  feed === 'R0' || feed === 'P0' ? bitfinexVenue : coinbaseVenue

const made = new Map<string, Uint8Array>()

/** Two connections, one after the other; `isFaulty`: over a bad line. The same call gives the same bytes. */
export const derivedRecords = (feed: DerivedFeed, seed: number, isFaulty = false): Uint8Array => {
  const name = `${feed} ${String(seed)} ${String(isFaulty)}`
  const known = made.get(name) ?? generatedFeed({ feed, seed, events: 300, connections: 2, isFaulty })
  made.set(name, known)
  return known
}

/** A store of one stream per feed given; those of one venue would clash. */
export const derivedStore = async (
  feeds: readonly { readonly feed: DerivedFeed; readonly records: Uint8Array }[],
): Promise<EventStore> =>
  await storeOf(feeds.map(({ feed, records }) => ({ venue: venueOfFeed(feed), pair: 'BTC-USD', chunks: [records] }))) // prettier-ignore

const venueOf = (stream: string): Venue => (stream.startsWith('bitfinex') ? bitfinexVenue : coinbaseVenue)

/** Replays a whole store to a visitor. */
export const visitStore = async (
  store: EventStore,
  visitor: ReplayVisitor,
  range: Parameters<typeof visit>[1]['range'] = {},
): Promise<ReplaySummary> => await visit(store, { venueOf, range }, visitor)

/** Replays one generated stream to a visitor. */
export const visitFeed = async (
  feed: DerivedFeed,
  records: Uint8Array,
  visitor: ReplayVisitor,
): Promise<ReplaySummary> => await visitStore(await derivedStore([{ feed, records }]), visitor)

/** The receive times of all entries. */
export const receiveTimes = (records: Uint8Array): readonly Micros[] => {
  const times: Micros[] = []
  const cursor = new EntryCursor(records)
  while (cursor.next()) times.push(cursor.receiveTime)
  return times
}

/** The entries up to an instant as they are; those behind it have other payloads. */
export const alteredAfter = (records: Uint8Array, time: number, other: Uint8Array): Uint8Array => {
  const writer = new EntryWriter(64 * 1024 * 1024)
  const cursor = new EntryCursor(records)
  const poison = new EntryCursor(other)
  while (cursor.next()) {
    const { kind, seq, receiveTime, connection, isBinary } = cursor
    const hasOther = poison.next()
    if (receiveTime <= time) writer.append(kind, seq, receiveTime, connection, cursor.bytes(), isBinary)
    else if (hasOther)
      writer.append(poison.kind, seq, receiveTime, poison.connection, poison.bytes(), poison.isBinary)
  }
  return writer.take() ?? new Uint8Array(0)
}
