/**
 * Puts a capture file into a store as if its frames had just been received: entries, chunks, verdicts, keyframes, by the
 * recorder's own parts. Reading capture files is capture-reader's.
 */
import { Buffer } from 'node:buffer'

import { isLeft } from 'fp-ts/lib/Either.js'

import type { CaptureLine } from '../../log/capture-lines.ts'
import type { Seq } from '../../log/entry.ts'
import { type EventStore, StoreFailure } from '../../log/event-store.ts'
import { encodeJson, encodeResponse } from '../../log/payloads.ts'
import type { StreamId } from '../../market/instrument.ts'
import type { Micros } from '../../market/time.ts'
import { type EntryBatch, EntryLog } from '../../recorder/feed/entry-log.ts'
import { resumeSealer } from '../../recorder/recovery.ts'
import type { Scheduler } from '../../recorder/scheduler.ts'
import { StreamSealer } from '../../recorder/sealing/stream-sealer.ts'
import type { Sealer } from '../../recorder/thread-messages.ts'
import type { Venue } from '../../venues/venue.ts'
import { SOFTWARE } from '../software.ts'
import { CaptureProblem, readCapture } from './capture-reader.ts'

export interface ImportOptions {
  readonly store: EventStore
  readonly stream: StreamId
  readonly venue: Venue
  readonly pair: string
  readonly symbol: string
  readonly location: string
  readonly assumeEmptyBook: boolean
  /** Told of lines read since the last call. */
  readonly onLines: (lines: number) => void
}

/** What an import put into the store. */
export interface ImportResult {
  readonly stream: StreamId
  readonly lines: number
  readonly entries: number
  /** Nothing in it changed the stream's book or was a trade of it. */
  readonly isEmpty: boolean
  readonly firstSeq: number
  readonly lastSeq: number
}

/** Chunks of an import end by size alone, so no timer is ever needed. */
const noTimers: Scheduler = { after: () => () => undefined }

/** The sealer in this thread: an import has nothing else to do meanwhile. */
const localSealer = (venue: Venue): Sealer => {
  let opened: StreamSealer | undefined
  const sealer = (): StreamSealer => {
    if (opened === undefined) throw new Error('the sealer was not opened')
    return opened
  }
  return {
    open: async (_venue, start) => {
      opened = new StreamSealer(venue, start)
      return await Promise.resolve()
    },
    catchUp: async (_stream, records) => await Promise.resolve(sealer().catchUp(records)),
    seal: async (_stream, records) => await Promise.resolve(sealer().seal(records)),
    save: async () => await Promise.resolve(sealer().save()),
  }
}

/** Collects batches and stores the chunks they make. */
class ChunkStorer {
  trades = 0
  /** The last entry that changed the book; of the stream, not of this import alone. */
  lastChange: Seq = 0
  private parts: Uint8Array[] = []
  private ready: { readonly records: Uint8Array; readonly lastSeq: Seq }[] = []
  private readonly store: EventStore
  private readonly stream: StreamId
  private readonly sealer: Sealer

  constructor(store: EventStore, stream: StreamId, sealer: Sealer) {
    this.store = store
    this.stream = stream
    this.sealer = sealer
  }

  take(batch: EntryBatch): void {
    this.parts.push(batch.records)
    if (!batch.endsChunk) return
    this.ready.push({ records: Buffer.concat(this.parts), lastSeq: batch.lastSeq })
    this.parts = []
  }

  /** Stores the chunks that are complete. Throws StoreFailure. */
  async drain(): Promise<void> {
    for (let next = this.ready.shift(); next !== undefined; next = this.ready.shift()) {
      const { chunk, keyframes } = await this.sealer.seal(this.stream, next.records, next.lastSeq)
      const appended = await this.store.append(chunk)()
      if (isLeft(appended)) throw new StoreFailure(appended.left)
      this.trades += chunk.header.verdict.trades
      this.lastChange = chunk.header.verdict.book.digestSeq
      for (const keyframe of keyframes) {
        const kept = await this.store.putKeyframe(keyframe)()
        if (isLeft(kept)) throw new StoreFailure(kept.left)
      }
    }
  }
}

const appendLine = (log: EntryLog, line: CaptureLine): void => {
  const body = Buffer.from(line.text)
  if (line.kind === 'response') {
    const { method, url, status } = line
    log.append('response', 0, encodeResponse({ method, url, status, body }), false, line.receiveTime)
  } else {
    log.append(line.kind, line.connection, body, false, line.receiveTime)
  }
}

/** Feeds the file's lines into the log, one run from its first time to its last. */
const appendCapture = async (
  options: ImportOptions,
  log: EntryLog,
  end: Micros,
  chunks: ChunkStorer,
): Promise<number> => {
  const { venue, stream, pair, symbol, location, assumeEmptyBook, onLines } = options
  const seenConnections = new Set<number>()
  let lines = 0
  let last = end
  for await (const { line } of readCapture(location)) {
    const time = line.receiveTime
    if (lines === 0) {
      if (time < end)
        throw new CaptureProblem(
          `${location} begins before the last entry of ${stream}: older entries cannot be added.`,
        )
      const manifest = { software: SOFTWARE, stream, venue: venue.id, pair, symbol, feed: undefined, mode: 'import', assumeEmptyBook } as const // prettier-ignore
      log.append('run-started', 0, encodeJson(manifest), false, time)
    }
    if (line.kind !== 'response' && !seenConnections.has(line.connection)) {
      seenConnections.add(line.connection)
      log.append('opened', line.connection, encodeJson({ url: '' }), false, time)
    }
    appendLine(log, line)
    last = time
    lines++
    if (lines % 1000 === 0) onLines(1000)
    await chunks.drain()
  }
  onLines(lines % 1000)
  log.append('run-ended', 0, encodeJson({ cause: 'import-ended' }), false, last)
  return lines
}

/** Reads a capture to its end and counts its lines. Throws CaptureProblem at the first thing that is wrong. */
export const surveyCapture = async (location: string): Promise<number> => {
  let lines = 0
  for await (const { lineNumber } of readCapture(location)) lines = lineNumber
  return lines
}

/**
 * Imports a capture (a file, or a folder that holds one) as one run. Throws CaptureProblem when the file is wrong,
 * StoreFailure when the store is; a file that `surveyCapture` found sound is stored wholly.
 */
export const importCapture = async (options: ImportOptions): Promise<ImportResult> => {
  const { store, stream, venue } = options
  const sealer = localSealer(venue)
  const end = await resumeSealer(store, stream, venue, sealer)
  const chunks = new ChunkStorer(store, stream, sealer)
  let lastSeq = end.lastSeq
  const log = new EntryLog({
    lastSeq: end.lastSeq,
    lastReceiveTime: end.lastReceiveTime,
    now: () => end.lastReceiveTime,
    scheduler: noTimers,
    onBatch: (batch) => {
      lastSeq = batch.lastSeq
      chunks.take(batch)
    },
  })
  const lines = await appendCapture(options, log, end.lastReceiveTime, chunks)
  log.flush(true)
  await chunks.drain()
  const firstSeq = end.lastSeq + 1
  const isEmpty = chunks.trades === 0 && chunks.lastChange < firstSeq
  return { stream, lines, entries: lastSeq - end.lastSeq, isEmpty, firstSeq, lastSeq }
}
