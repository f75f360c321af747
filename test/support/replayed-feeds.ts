/** Stores of several streams with many small chunks and keyframes, and what replaying them must tell: a plain model. */
import { isLeft } from 'fp-ts/lib/Either.js'

import { CHAIN_START } from '../../src/log/chain.ts'
import { EntryCursor, EntryWriter, type Seq } from '../../src/log/entry.ts'
import type { EventStore } from '../../src/log/event-store.ts'
import { EventCollector, type MarketEvent } from '../../src/market/event.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { StreamSealer } from '../../src/recorder/sealing/stream-sealer.ts'
import { BookKeeper, type KeeperSummary } from '../../src/replay/keeper/book-keeper.ts'
import { newMemoryStore } from '../../src/storage/memory/memory-store.ts'
import { venueById } from '../../src/venues/registry.ts'
import type { Venue } from '../../src/venues/venue.ts'
import { splitRecords } from './entries.ts'
import { generatedFeed } from './generated-feeds.ts'
import { toyVenue } from './toy-venue.ts'

export interface Feed {
  readonly stream: StreamId
  readonly venue: Venue
  readonly records: Uint8Array
}

/** As the app knows them, and the toy venue. */
export const venueOf = (stream: StreamId): Venue | undefined =>
  stream.startsWith('toy:') ? toyVenue : venueById(stream.slice(0, stream.indexOf(':')))

/** A conversation with a simulated venue: `full`, `level2_batch` of Coinbase, `R0`, `P0` … of Bitfinex. */
export const feedOf = (
  stream: StreamId,
  feed: string,
  seed: number,
  events: number,
  isFaulty = false,
): Feed => {
  const venue = venueOf(stream)
  if (venue === undefined) throw new Error(`no venue of ${stream}`)
  return { stream, venue, records: generatedFeed({ feed, seed, events, isFaulty, connections: 2 }) }
}

/** The records, so many entries a piece. */
const piecesOf = (records: Uint8Array, entries: number): readonly Uint8Array[] => {
  const cursor = new EntryCursor(records)
  const pieces: Uint8Array[] = []
  const writer = new EntryWriter()
  const cut = (): void => {
    const taken = writer.take()
    if (taken !== undefined) pieces.push(taken)
  }
  while (cursor.next()) {
    const { kind, seq, receiveTime, connection, isBinary } = cursor
    writer.append(kind, seq, receiveTime, connection, cursor.bytes(), isBinary)
    if (writer.entryCount === entries) cut()
  }
  cut()
  return pieces
}

/** A store that holds the feeds; another than one in memory where it is given. */
export const storeOfFeeds = async (
  feeds: readonly Feed[],
  { store = newMemoryStore(), chunkEntries = 97, keyframeEntries = 150 } = {},
): Promise<EventStore> => {
  for (const { stream, venue, records } of feeds) {
    const start = { stream, chainSeq: 0, chainHead: CHAIN_START, keyframeSeq: 0, keyframeState: undefined }
    const sealer = new StreamSealer(venue, start, { entries: keyframeEntries, entriesPerOrder: 0 })
    for (const piece of piecesOf(records, chunkEntries)) {
      const { chunk, keyframes } = sealer.seal(piece)
      if (isLeft(await store.append(chunk)())) throw new Error('a chunk was not taken')
      for (const keyframe of keyframes)
        if (isLeft(await store.putKeyframe(keyframe)())) throw new Error('a keyframe was not taken')
    }
  }
  return store
}

/** An entry applied, as the plain model has it. */
export interface ModelEntry {
  readonly stream: StreamId
  readonly seq: Seq
  readonly receiveTime: number
  readonly events: readonly MarketEvent[]
  readonly after: KeeperSummary
}

/** Every entry of the feeds in the stated order, each stream by a keeper that knows nothing of stores. */
export const modelOf = (feeds: readonly Feed[]): readonly ModelEntry[] => {
  const entries = feeds.flatMap(({ stream, venue, records }, place) => {
    const listener = new EventCollector()
    const keeper = new BookKeeper(venue, { listener })
    return [...splitRecords(records)].map((record) => {
      keeper.applyRecords(record)
      const after = keeper.summary()
      const entry = { stream, seq: after.lastSeq, receiveTime: after.lastReceiveTime, after }
      return { place, entry: { ...entry, events: listener.take() } }
    })
  })
  return entries
    .sort((one, other) => one.entry.receiveTime - other.entry.receiveTime || one.place - other.place)
    .map(({ entry }) => entry)
}
