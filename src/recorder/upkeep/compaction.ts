/**
 * Makes full chunks of the small ones that a quiet or often restarted stream leaves behind. Entries, chain and keyframes
 * stay what they are; each replacement is one atomic step of the store, so that it may be stopped at any moment.
 */
import { Buffer } from 'node:buffer'

import { isLeft } from 'fp-ts/lib/Either.js'

import { encodeChunk } from '../../codec/chunk-columns.ts'
import { decodeChunk } from '../../codec/chunk-format.ts'
import type { Chunk, ChunkHeader, Verdict } from '../../log/chunk.ts'
import type { ColumnHints } from '../../log/column-hints.ts'
import { EntryCursor, type Seq } from '../../log/entry.ts'
import { type EventStore, StoreFailure } from '../../log/event-store.ts'
import type { StreamId } from '../../market/instrument.ts'
import { addVerdicts } from '../../replay/keeper/verdict-sum.ts'
import { openChunk } from '../../replay/reading/chunk-reader.ts'
import { pagedParts } from '../../replay/reading/log-pages.ts'

/** What a full chunk holds at most; `bytes` counts payloads. */
export interface CompactionLimits {
  readonly entries: number
  readonly bytes: number
}

export interface CompactionOptions {
  readonly limits: CompactionLimits
  /** Of the stream's venue. */
  readonly hints?: ColumnHints | undefined
  /** Changes nothing and only tells what would be done. */
  readonly isDryRun: boolean
  /** Told of entries passed since the last call. */
  readonly onEntries: (entries: number) => void
}

/** What became of one stream. */
export interface CompactionResult {
  readonly stream: StreamId
  readonly entries: number
  readonly chunksBefore: number
  readonly chunksAfter: number
  /** Of payloads as stored. */
  readonly bytesBefore: number
  /** Null in a dry run: only merging them shows it. */
  readonly bytesAfter: number | null
  /** First entries of chunks that could not be read, and were left alone with those they would have joined. */
  readonly damaged: readonly Seq[]
}

/** Consecutive chunks that fit into one. */
interface Group {
  readonly headers: ChunkHeader[]
  entries: number
  bytes: number
  verdict: Verdict
}

const groupOf = (header: ChunkHeader): Group => ({
  headers: [header],
  entries: header.entries,
  bytes: header.rawBytes,
  verdict: header.verdict,
})

/** Adds a chunk to the group; false, and nothing added, where they do not make one. */
const join = (group: Group, header: ChunkHeader, limits: CompactionLimits): boolean => {
  const last = group.headers.at(-1)
  const isNext =
    last !== undefined && last.lastSeq + 1 === header.firstSeq && last.chainAfter === header.chainBefore
  const fits =
    group.entries + header.entries <= limits.entries && group.bytes + header.rawBytes <= limits.bytes
  const verdict = isNext && fits ? addVerdicts(group.verdict, header.verdict) : undefined
  if (verdict === undefined) return false
  group.headers.push(header)
  group.entries += header.entries
  group.bytes += header.rawBytes
  group.verdict = verdict
  return true
}

/** The one chunk that holds what the group's hold. Throws StoreFailure when one of them is damaged. */
const merge = async (
  store: EventStore,
  { headers, verdict }: Group,
  hints: ColumnHints | undefined,
): Promise<Chunk> => {
  const [first] = headers
  const last = headers.at(-1)
  if (first === undefined || last === undefined) throw new Error('a group without chunks')
  const parts: Uint8Array[] = []
  for (const header of headers) parts.push((await openChunk(store, header)).records)
  const records = Buffer.concat(parts)
  const chunk = encodeChunk({
    stream: first.stream,
    records,
    chainBefore: first.chainBefore,
    chainAfter: last.chainAfter,
    chainFirstBlock: headers.find(({ chainFirstBlock }) => chainFirstBlock !== null)?.chainFirstBlock ?? null,
    chainBlock: last.chainBlock,
    verdict,
    hints,
  })
  // The old bytes are gone afterwards: the new ones must give the same.
  const decoded = decodeChunk(chunk.header, chunk.payload)
  if (isLeft(decoded) || !records.equals(decoded.right))
    throw new Error(
      `the chunk made of entries ${String(first.firstSeq)} to ${String(last.lastSeq)} does not read back`,
    )
  return chunk
}

const endsRun = (records: Uint8Array): boolean => {
  const cursor = new EntryCursor(records)
  while (cursor.next());
  return cursor.kind === 'run-ended'
}

class Compactor {
  entries = 0
  chunksBefore = 0
  chunksAfter = 0
  bytesBefore = 0
  bytesAfter = 0
  readonly damaged: Seq[] = []
  private readonly store: EventStore
  private readonly stream: StreamId
  private readonly options: CompactionOptions

  constructor(store: EventStore, stream: StreamId, options: CompactionOptions) {
    this.store = store
    this.stream = stream
    this.options = options
  }

  async run(): Promise<void> {
    let group: Group | undefined
    const lastOpen = await this.openEnd()
    for await (const part of pagedParts(this.store, this.stream)) {
      if (part.kind !== 'chunk') {
        await this.finish(group)
        group = undefined
        continue
      }
      const { header } = part
      const isTaken = header.firstSeq < lastOpen
      if (isTaken && group !== undefined && join(group, header, this.options.limits)) continue
      await this.finish(group)
      group = groupOf(header)
    }
    await this.finish(group)
  }

  /**
   * The first entry to leave alone. A recorder may be storing the last chunk right now, and be answered for it when it
   * tries again: it is taken only when its run has ended.
   */
  private async openEnd(): Promise<Seq> {
    const { store, stream } = this
    const lastSeq = await store.lastSeq(stream)
    const [part] = await store.parts(stream, { from: lastSeq }, 1)
    if (part?.kind !== 'chunk') return lastSeq
    const { header } = part
    const hasEnded = await this.unlessDamaged(async () => endsRun((await openChunk(store, header)).records))
    return hasEnded === true ? header.lastSeq + 1 : header.firstSeq
  }

  /** Undefined, and the damage noted, where stored bytes are not what was written. */
  private async unlessDamaged<A>(action: () => Promise<A>): Promise<A | undefined> {
    try {
      return await action()
    } catch (error) {
      if (!(error instanceof StoreFailure) || error.error.kind !== 'damaged') throw error
      if (!this.damaged.includes(error.error.seq)) this.damaged.push(error.error.seq)
      return undefined
    }
  }

  /** Nothing more fits behind the group: makes one chunk of it. */
  private async finish(group: Group | undefined): Promise<void> {
    if (group === undefined) return
    const { headers, entries } = group
    const bytes = headers.reduce((total, { storedBytes }) => total + storedBytes, 0)
    const merged = headers.length > 1 ? await this.replace(group) : undefined
    this.entries += entries
    this.chunksBefore += headers.length
    this.chunksAfter += merged === undefined ? headers.length : 1
    this.bytesBefore += bytes
    this.bytesAfter += merged ?? bytes
    this.options.onEntries(entries)
  }

  /** Bytes of the chunk that stands there now; undefined: nothing was done. */
  private async replace(group: Group): Promise<number | undefined> {
    if (this.options.isDryRun) return 0
    return await this.unlessDamaged(async () => {
      const chunk = await merge(this.store, group, this.options.hints)
      const replaced = await this.store.replace(chunk)()
      if (isLeft(replaced)) throw new StoreFailure(replaced.left)
      return chunk.header.storedBytes
    })
  }
}

/** Compacts one stream, in memory bounded by a full chunk. Throws StoreFailure when the store fails. */
export const compactStream = async (
  store: EventStore,
  stream: StreamId,
  options: CompactionOptions,
): Promise<CompactionResult> => {
  const compactor = new Compactor(store, stream, options)
  await compactor.run()
  const { entries, chunksBefore, chunksAfter, bytesBefore, bytesAfter, damaged } = compactor
  return {
    stream,
    entries,
    chunksBefore,
    chunksAfter,
    bytesBefore,
    bytesAfter: options.isDryRun ? null : bytesAfter,
    damaged,
  }
}
