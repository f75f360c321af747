/**
 * Copies streams from one store to another, chunk by chunk and hole by hole, each held against the hash chain on the way. Copying again goes
 * on where it stopped: what the target has is proved to be the same and passed over.
 */
import { type Either, isLeft } from 'fp-ts/lib/Either.js'

import { decodeChunk } from '../../codec/chunk-format.ts'
import { BLOCK_ENTRIES, Chain, CHAIN_START } from '../../log/chain.ts'
import type { ChunkHeader } from '../../log/chunk.ts'
import { recordsAfter, type Seq } from '../../log/entry.ts'
import { type EventStore, type StoreError, StoreFailure } from '../../log/event-store.ts'
import { firstSeqOf, lastSeqOf, type LogPart } from '../../log/tombstone.ts'
import type { StreamId } from '../../market/instrument.ts'
import { ChainCheck } from '../../replay/proof/chain-check.ts'

/** Parts asked for at once. */
const PAGE = 64

type SoundPart = Exclude<LogPart, { readonly kind: 'unreadable' }>

export interface CopyOptions {
  readonly source: EventStore
  readonly target: EventStore
  readonly stream: StreamId
  /** Told of entries copied since the last call. */
  readonly onEntries: (entries: number) => void
}

/** What was copied now, and where the target ends. Sizes in bytes. */
export interface CopyResult {
  readonly stream: StreamId
  readonly entries: number
  readonly chunks: number
  readonly bytes: number
  readonly holes: number
  readonly keyframes: number
  readonly lastSeq: Seq
  /** Head of the chain after the last entry, hex: the same in both stores. */
  readonly head: string
}

const refuse = (message: string): StoreFailure => new StoreFailure({ kind: 'unavailable', message })

const broken = ({ stream, firstSeq }: { readonly stream: StreamId; readonly firstSeq: Seq }): StoreFailure =>
  new StoreFailure({
    kind: 'damaged',
    stream,
    seq: firstSeq,
    detail: 'its entries are not those that the hash chain proves, so nothing from there on was copied.',
  })

const otherEntries = (stream: StreamId): StoreFailure =>
  refuse(
    `The store copied to holds other entries of ${stream} than the one copied from: name a store that does not have it yet.`,
  )

interface OpenedChunk {
  readonly payload: Uint8Array
  readonly records: Uint8Array
}

const openChunk = async (store: EventStore, header: ChunkHeader): Promise<OpenedChunk> => {
  const { stream, firstSeq } = header
  const payload = await store.payload(stream, firstSeq)
  const decoded = decodeChunk(header, payload)
  if (isLeft(decoded))
    throw new StoreFailure({ kind: 'damaged', stream, seq: firstSeq, detail: decoded.left.detail })
  return { payload, records: decoded.right }
}

const headAfter = (part: SoundPart): string =>
  part.kind === 'chunk' ? part.header.chainAfter : part.tombstone.headAfter

/** The parts that touch the range, a page at a time. Throws StoreFailure at one that cannot be read. */
async function* partsOf(
  store: EventStore,
  stream: StreamId,
  first: Seq,
  to?: Seq,
): AsyncGenerator<SoundPart> {
  for (let from = first; ;) {
    const page = await store.parts(stream, { from, to }, PAGE)
    for (const part of page) {
      if (part.kind === 'unreadable')
        throw new StoreFailure({ kind: 'damaged', stream, seq: part.firstSeq, detail: part.detail })
      yield part
    }
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) return
    from = lastSeqOf(last) + 1
  }
}

const partAt = async (store: EventStore, stream: StreamId, seq: Seq): Promise<SoundPart | undefined> =>
  (await partsOf(store, stream, seq, seq).next()).value as SoundPart | undefined

/** The chain at the end of what the target holds, proved to be the source's there as well. */
const resumeChain = async (options: CopyOptions, copied: Seq): Promise<ChainCheck> => {
  const { source, target, stream } = options
  const check = new ChainCheck()
  const last = copied === 0 ? undefined : await partAt(target, stream, copied)
  if (last === undefined) return check
  const atEnd = await partAt(source, stream, copied)
  if (atEnd !== undefined && lastSeqOf(atEnd) > copied)
    throw refuse(
      `The store copied to ends at entry ${String(copied)} of ${stream}, in the middle of a chunk of the one copied from: name a store that does not have it yet.`,
    )
  if (atEnd === undefined || headAfter(atEnd) !== headAfter(last)) throw otherEntries(stream)
  const blockSeq = copied - (copied % BLOCK_ENTRIES)
  const chain = new Chain(blockSeq, last.kind === 'chunk' ? last.header.chainBlock : CHAIN_START)
  let isComputed = true
  for await (const part of partsOf(source, stream, Math.min(blockSeq + 1, copied), copied)) {
    if (part.kind === 'hole') {
      isComputed = false
      check.skip(part.tombstone)
      continue
    }
    const { records } = await openChunk(source, part.header)
    if (isComputed) chain.add(recordsAfter(records, blockSeq))
    else if (check.add(part.header, records) !== undefined) throw otherEntries(stream)
  }
  if (!isComputed) return check
  if (chain.head() !== headAfter(last)) throw otherEntries(stream)
  check.goOn(chain)
  return check
}

const copyKeyframes = async ({ source, target, stream }: CopyOptions): Promise<number> => {
  const there = new Map((await target.keyframes(stream)).map(({ seq, payloadHash }) => [seq, payloadHash]))
  const missing = (await source.keyframes(stream)).filter(
    ({ seq, payloadHash }) => there.get(seq) !== payloadHash,
  )
  for (const { seq } of missing) {
    const kept = await target.putKeyframe(await source.keyframe(stream, seq))()
    if (isLeft(kept)) throw new StoreFailure(kept.left)
  }
  return missing.length
}

/** Entries of a stream that are to be copied still. */
export const entriesToCopy = async ({ source, target, stream }: CopyOptions): Promise<number> =>
  Math.max(0, (await source.lastSeq(stream)) - (await target.lastSeq(stream)))

const settled = (result: Either<StoreError, void>): void => {
  if (isLeft(result)) throw new StoreFailure(result.left)
}

/** Throws StoreFailure; what was copied before stays and is passed over next time. */
export const copyStream = async (options: CopyOptions): Promise<CopyResult> => {
  const { source, target, stream, onEntries } = options
  const copied = await target.lastSeq(stream)
  const check = await resumeChain(options, copied)
  const total = { entries: 0, chunks: 0, bytes: 0, holes: 0 }
  for await (const part of partsOf(source, stream, copied + 1)) {
    if (firstSeqOf(part) <= copied) continue
    if (part.kind === 'hole') {
      const { tombstone } = part
      if (!check.isLinked(tombstone.headBefore)) throw broken(tombstone)
      check.skip(tombstone)
      settled(await target.quarantine(stream, [], tombstone)())
      total.holes++
      continue
    }
    const { header } = part
    const { payload, records } = await openChunk(source, header)
    if (!check.isLinked(header.chainBefore) || check.add(header, records) !== undefined) throw broken(header)
    settled(await target.append({ header, payload })())
    total.entries += header.entries
    total.chunks++
    total.bytes += payload.length
    onEntries(header.entries)
  }
  const keyframes = await copyKeyframes(options)
  const lastSeq = await target.lastSeq(stream)
  return { stream, ...total, keyframes, lastSeq, head: check.head ?? CHAIN_START }
}
