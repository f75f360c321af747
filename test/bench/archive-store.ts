/**
 * A store of generated streams as the recorder would have left it, and beside it the same records raw, batch by batch, for
 * whoever only parses them. Owns what is on disk; nothing here measures.
 */
import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { createWriteStream, openSync, readSync } from 'node:fs'
import path from 'node:path'

import { isLeft } from 'fp-ts/lib/Either.js'

import { openStore } from '../../src/app/production.ts'
import { CHAIN_START } from '../../src/log/chain.ts'
import { EntryCursor, EntryWriter } from '../../src/log/entry.ts'
import type { EventStore } from '../../src/log/event-store.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { CHUNK_LIMITS } from '../../src/recorder/feed/entry-log.ts'
import { StreamSealer } from '../../src/recorder/sealing/stream-sealer.ts'
import { bitfinexVenue } from '../../src/venues/bitfinex/venue.ts'
import { coinbaseVenue } from '../../src/venues/coinbase/venue.ts'
import type { Venue } from '../../src/venues/venue.ts'
import { bitfinexHour } from './bitfinex-hour.ts'
import { FullFrames } from './full-frames.ts'

/** One stream of the archive. */
export interface ArchivedStream {
  readonly venue: Venue
  readonly stream: StreamId
  readonly frames: number
  /** Packed records, one batch a chunk: their lengths in the raw file. */
  readonly batches: readonly number[]
  readonly rawFile: string
  readonly storedBytes: number
}

const HOUR = 3600
/** Frames generated at once. */
const STEP = 50_000

export const openArchive = async (folder: string): Promise<EventStore> => {
  const opened = await openStore(`file:${folder}`, 'write')()
  if (isLeft(opened)) throw new Error(opened.left.kind)
  return opened.right
}

/** Cuts records where the recorder would end a chunk. */
function* cutIntoChunks(batches: Iterable<Uint8Array>): Generator<Uint8Array, void> {
  const writer = new EntryWriter(CHUNK_LIMITS.bytes * 2)
  let payloads = 0
  for (const batch of batches) {
    const cursor = new EntryCursor(batch)
    while (cursor.next()) {
      const bytes = cursor.bytes()
      payloads += bytes.length
      writer.append(cursor.kind, cursor.seq, cursor.receiveTime, cursor.connection, bytes)
      if (writer.entryCount < CHUNK_LIMITS.entries && payloads < CHUNK_LIMITS.bytes) continue
      payloads = 0
      yield writer.take() ?? batch
    }
  }
  const rest = writer.take()
  if (rest !== undefined) yield rest
}

const framesIn = (records: Uint8Array): number => {
  const cursor = new EntryCursor(records)
  let frames = 0
  while (cursor.next()) if (cursor.kind === 'frame') frames++
  return frames
}

const record = async (
  folder: string,
  store: EventStore,
  venue: Venue,
  batches: Iterable<Uint8Array>,
): Promise<ArchivedStream> => {
  const stream: StreamId = `${venue.id}:BTC-USD`
  const rawFile = path.join(folder, `${venue.id}.raw`)
  const file = createWriteStream(rawFile)
  const start = { chainSeq: 0, chainHead: CHAIN_START, keyframeSeq: 0, keyframeState: undefined }
  const sealer = new StreamSealer(venue, { stream, ...start })
  const lengths: number[] = []
  let frames = 0
  let storedBytes = 0
  for (const records of cutIntoChunks(batches)) {
    lengths.push(records.length)
    frames += framesIn(records)
    if (!file.write(records)) await once(file, 'drain')
    const { chunk, keyframes } = sealer.seal(records)
    storedBytes += chunk.payload.length
    const appended = await store.append(chunk)()
    if (isLeft(appended)) throw new Error(appended.left.kind)
    for (const keyframe of keyframes) await store.putKeyframe(keyframe)()
  }
  file.end()
  await once(file, 'close')
  return { venue, stream, frames, batches: lengths, rawFile, storedBytes }
}

function* fullBatches(frames: number): Generator<Uint8Array, void> {
  const source = new FullFrames()
  yield source.opening()
  for (let left = frames; left > 0; left -= STEP) yield source.next(Math.min(left, STEP))
}

/** Coinbase `full` of at least so many frames, and a Bitfinex hour (less of it in proportion below a million frames). */
export const makeArchive = async (folder: string, frames: number): Promise<readonly ArchivedStream[]> => {
  const store = await openArchive(folder)
  const coinbase = await record(folder, store, coinbaseVenue, fullBatches(frames))
  const seconds = Math.min(HOUR, (HOUR * frames) / 1_000_000)
  const bitfinex = await record(folder, store, bitfinexVenue, [bitfinexHour(seconds)])
  await store.close()
  return [coinbase, bitfinex]
}

/** The raw records again, batch by batch; each is valid until the next one. */
export function* rawBatches({ rawFile, batches }: ArchivedStream): Generator<Uint8Array, void> {
  const file = openSync(rawFile, 'r')
  const buffer = Buffer.allocUnsafeSlow(Math.max(...batches))
  for (const length of batches) {
    readSync(file, buffer, 0, length, null)
    yield buffer.subarray(0, length)
  }
}
