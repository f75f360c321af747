/** The streams that the whole pipeline must replay alike everywhere: every fixture, and every capture where there are any. */
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { join } from 'node:path'

import { importCapture } from '../../src/app/archive/import-capture.ts'
import { EventCollector } from '../../src/market/event.ts'
import { type StreamId, streamIdOf } from '../../src/market/instrument.ts'
import { BookKeeper } from '../../src/replay/keeper/book-keeper.ts'
import { readChunks } from '../../src/replay/reading/chunk-reader.ts'
import { newMemoryStore } from '../../src/storage/memory/memory-store.ts'
import { venues } from '../../src/venues/registry.ts'
import type { Venue } from '../../src/venues/venue.ts'
import { captureNames, capturesFolder, readCapture } from '../support/captures.ts'
import { recordsOfFixture, venueFixtures } from '../support/venue-fixtures.ts'

export interface Golden {
  readonly name: string
  readonly venue: Venue
  /** A stream of its own in a store that holds all of them. */
  readonly stream: StreamId
  readonly records: Uint8Array
}

const importedRecords = async (
  folder: string,
  name: string,
  venue: Venue,
  symbol: string,
): Promise<Uint8Array> => {
  const pair = venue.pairOf(symbol)
  if (pair === undefined) throw new Error(`no pair ${symbol}`)
  const store = newMemoryStore()
  const stream = streamIdOf(venue.id, pair)
  await importCapture({
    store,
    stream,
    venue,
    pair,
    symbol: venue.symbolOf(pair),
    location: join(folder, name),
    assumeEmptyBook: name.startsWith('coinbase-full'),
    onLines: () => undefined,
  })
  const parts: Uint8Array[] = []
  for await (const { records } of readChunks(store, stream)) parts.push(records)
  return Buffer.concat(parts)
}

const captured = async (venue: Venue, folder: string): Promise<readonly Omit<Golden, 'stream'>[]> => {
  const found: Omit<Golden, 'stream'>[] = []
  for (const name of captureNames(folder, venue.id)) {
    const [symbol = ''] = Object.keys(readCapture(folder, name).meta.expected.symbols)
    found.push({ name, venue, records: await importedRecords(folder, name, venue, symbol) })
  }
  return found
}

/** All of them; two calls give equal ones. */
export const goldenStreams = async (): Promise<readonly Golden[]> => {
  const folder = capturesFolder()
  const found: Omit<Golden, 'stream'>[] = []
  for (const venue of venues) {
    for (const { name, lines } of venueFixtures(venue.id))
      found.push({ name: `${venue.id}-${name}`, venue, records: recordsOfFixture(lines) })
    for (const one of folder === undefined ? [] : await captured(venue, folder)) found.push(one)
  }
  return found.map((golden, index) => ({
    ...golden,
    stream: streamIdOf(golden.venue.id, `G${String(index)}-USD`),
  }))
}

/** What came of a replay, as hashes. */
export interface Outcome {
  readonly events: string
  readonly state: string
  readonly digest: string
}

export const sha256 = (content: string | Uint8Array): string =>
  createHash('sha256').update(content).digest('hex')

/** What a keeper, and the collector that it tells, came to since the last `take` of the collector. */
export const outcomeOf = (keeper: BookKeeper, listener: EventCollector): Outcome => ({
  events: sha256(JSON.stringify(listener.take())),
  state: sha256(keeper.save()),
  digest: keeper.digest().digest,
})

/** Straight from the records, no store in between; `front`: records whose events are not counted. */
export const replayedDirectly = (
  venue: Venue,
  records: Uint8Array,
  front: Uint8Array = new Uint8Array(),
): Outcome => {
  const listener = new EventCollector()
  const keeper = new BookKeeper(venue, { listener })
  keeper.applyRecords(front)
  listener.take()
  keeper.applyRecords(records)
  return outcomeOf(keeper, listener)
}
