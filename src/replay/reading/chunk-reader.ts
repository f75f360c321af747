/** Reads a stream's chunks in order, the next ones fetched while this one is used, and checks each against its header. */
import { isLeft } from 'fp-ts/lib/Either.js'

import type { ChunkCursor } from '../../codec/chunk-cursor.ts'
import { type ChunkContents, contentsOf, openPayload } from '../../codec/chunk-format.ts'
import type { ChunkHeader } from '../../log/chunk.ts'
import { recordsAfter, type Seq } from '../../log/entry.ts'
import { type EventStore, type SeqRange, StoreFailure } from '../../log/event-store.ts'
import { firstSeqOf, lastSeqOf, type LogPart, type Tombstone } from '../../log/tombstone.ts'
import type { StreamId } from '../../market/instrument.ts'
import type { ChunkOpener } from './chunk-opener.ts'

const HERE: ChunkOpener = {
  open: async (header, payload) => await Promise.resolve(openPayload(header, payload)),
}

/** A chunk opened: its header and its entries, or those of them that are wanted. */
export class OpenedChunk {
  readonly header: ChunkHeader
  private readonly contents: ChunkContents
  private packed: Uint8Array | undefined

  constructor(header: ChunkHeader, contents: ChunkContents) {
    this.header = header
    this.contents = contents
  }

  /** Packed, every byte as it was received; rendered at the first call. Throws StoreFailure `damaged`. */
  get records(): Uint8Array {
    if (this.packed !== undefined) return this.packed
    const records = this.contents.records()
    if (isLeft(records)) throw damaged(this.header, records.left.detail)
    this.packed = records.right
    return records.right
  }

  /** A walk over the entries, from the first on: rows where there are any, bytes only when asked for. */
  cursor(): ChunkCursor {
    return this.contents.cursor()
  }

  /** Neither it nor any cursor over it is used again: see ChunkContents. Needs not be called. */
  release(): void {
    this.contents.release()
  }

  /** The same chunk with entries `from` … `to` alone. */
  cut(header: ChunkHeader, from: Seq, to: Seq): OpenedChunk {
    const behind = recordsAfter(this.records, from - 1)
    const records = behind.subarray(0, behind.length - recordsAfter(behind, to).length)
    return new OpenedChunk(header, contentsOf(records))
  }
}

const damaged = ({ stream, firstSeq }: ChunkHeader, detail: string): StoreFailure =>
  new StoreFailure({ kind: 'damaged', stream, seq: firstSeq, detail })

/**
 * Fetches and opens one chunk. One that was compacted since its header was read is cut out of the chunk that holds its
 * entries now. Throws StoreFailure `damaged` when its bytes are not what its header says.
 */
export const openChunk = async (
  store: EventStore,
  header: ChunkHeader,
  opener: ChunkOpener = HERE,
): Promise<OpenedChunk> => {
  try {
    return await openStored(store, header, opener)
  } catch (error) {
    if (!(error instanceof StoreFailure) || error.error.kind !== 'damaged') throw error
    const cut = await cutFromNewer(store, header)
    if (cut === undefined) throw error
    return cut
  }
}

/** Undefined when the entries do not stand elsewhere. */
const cutFromNewer = async (store: EventStore, header: ChunkHeader): Promise<OpenedChunk | undefined> => {
  const { stream, firstSeq, lastSeq } = header
  const [part] = await store.parts(stream, { from: firstSeq, to: firstSeq }, 1)
  if (part?.kind !== 'chunk') return undefined
  const newer = part.header
  const isNewer =
    newer.firstSeq !== firstSeq || newer.lastSeq !== lastSeq || newer.payloadHash !== header.payloadHash
  if (!isNewer || newer.firstSeq > firstSeq || newer.lastSeq < lastSeq) return undefined
  return (await openChunk(store, newer)).cut(header, firstSeq, lastSeq)
}

const openStored = async (
  store: EventStore,
  header: ChunkHeader,
  opener: ChunkOpener,
): Promise<OpenedChunk> => {
  const payload = await store.payload(header.stream, header.firstSeq)
  const opened = await opener.open(header, payload)
  if (isLeft(opened)) throw damaged(header, opened.left.detail)
  return new OpenedChunk(header, opened.right)
}

/** Headers fetched at once. */
const PAGE = 64
/** Parts under way while one is used: here, where opening takes the reader's own time, and with an opener. */
const AHEAD_HERE = 1
const AHEAD = 3
/** A thread is not worth its start for so few parts. */
const FEW = 2

/** A chunk opened, or a hole. */
export type OpenedPart =
  | { readonly kind: 'chunk'; readonly chunk: OpenedChunk }
  | { readonly kind: 'hole'; readonly tombstone: Tombstone }

const openPart = async (
  store: EventStore,
  stream: StreamId,
  part: LogPart,
  opener: ChunkOpener | undefined,
): Promise<OpenedPart> => {
  switch (part.kind) {
    case 'chunk':
      return { kind: 'chunk', chunk: await openChunk(store, part.header, opener) }
    case 'hole':
      return part
    case 'unreadable':
      throw new StoreFailure({ kind: 'damaged', stream, seq: part.firstSeq, detail: part.detail })
  }
}

/** Whether more than a few of them begin by then. */
const isWorthThread = (page: readonly LogPart[], until: number): boolean => {
  const beyond = page[FEW]
  return beyond !== undefined && !(beyond.kind === 'chunk' && beyond.header.firstReceiveTime > until)
}

/** Whether a part could not be opened because another one stands there by now: it was split, or deleted. */
const isGone = async (store: EventStore, part: LogPart, error: unknown): Promise<boolean> => {
  const isDamage = error instanceof StoreFailure && error.error.kind === 'damaged'
  if (!isDamage || part.kind !== 'chunk') return false
  const { stream, firstSeq, lastSeq, payloadHash } = part.header
  const [now] = await store.parts(stream, { from: firstSeq, to: firstSeq }, 1)
  if (now?.kind !== 'chunk') return now?.kind === 'hole'
  return now.header.lastSeq !== lastSeq || now.header.payloadHash !== payloadHash
}

/** The part without entries before `from`, which the reader has had from chunks that were compacted since. */
const withoutBefore = (part: OpenedPart, from: Seq): OpenedPart =>
  part.kind === 'hole' || part.chunk.header.firstSeq >= from
    ? part
    : { kind: 'chunk', chunk: part.chunk.cut(part.chunk.header, from, part.chunk.header.lastSeq) }

/**
 * Opens the parts of the log that touch the range, in order; each entry once, also when chunks are compacted,
 * split or deleted meanwhile.
 * `opener`: opens them where more than a few follow. `until`: chunks that begin later are opened only when asked for.
 * Throws StoreFailure at the first damaged one.
 */
export async function* readParts(
  store: EventStore,
  stream: StreamId,
  { from: first = 1, to }: SeqRange = {},
  opener?: ChunkOpener,
  until = Infinity,
): AsyncGenerator<OpenedPart, void> {
  for (let from: Seq = first; ;) {
    const page = await store.parts(stream, { from, to }, PAGE)
    const elsewhere = isWorthThread(page, until) ? opener : undefined
    const ahead = elsewhere === undefined ? AHEAD_HERE : AHEAD
    const underWay: Promise<OpenedPart>[] = []
    let next = 0
    let goneAt: Seq | undefined
    for (;;) {
      for (let part = page[next]; part !== undefined && underWay.length <= ahead; part = page[next]) {
        if (underWay.length > 0 && part.kind === 'chunk' && part.header.firstReceiveTime > until) break
        const opening = openPart(store, stream, part, elsewhere)
        // A failure shows where it is awaited; a reader that stops early must not leave it unhandled.
        opening.catch(() => undefined)
        underWay.push(opening)
        next++
      }
      const awaited = page[next - underWay.length]
      let current: OpenedPart | undefined
      try {
        current = await underWay.shift()
      } catch (error) {
        if (awaited === undefined || !(await isGone(store, awaited, error))) throw error
        goneAt = Math.max(from, firstSeqOf(awaited))
        break
      }
      if (current === undefined) break
      yield from === first ? current : withoutBefore(current, from)
    }
    const last = page.at(-1)
    if (goneAt === undefined && (last === undefined || page.length < PAGE)) return
    from = goneAt ?? (last === undefined ? from : lastSeqOf(last) + 1)
  }
}

/**
 * Opens the chunks that touch the range, in order, holes left out. Throws StoreFailure at the first damaged one.
 * @internal
 */
export async function* readChunks(
  store: EventStore,
  stream: StreamId,
  range: SeqRange = {},
): AsyncGenerator<OpenedChunk, void> {
  for await (const part of readParts(store, stream, range)) if (part.kind === 'chunk') yield part.chunk
}
