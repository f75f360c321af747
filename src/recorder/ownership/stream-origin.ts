/**
 * Finds out where a stream goes on that is recorded into a store on another machine: whether what the store holds is what
 * this machine left there, or another recorder has gone on with it meanwhile.
 */
import { isLeft } from 'fp-ts/lib/Either.js'

import { decodeChunk } from '../../codec/chunk-format.ts'
import type { Chunk } from '../../log/chunk.ts'
import { recordsAfter, type Seq } from '../../log/entry.ts'
import { type EventStore, StoreFailure } from '../../log/event-store.ts'
import type { Journal } from '../../log/journal.ts'
import type { SealedSpool, StoredMark } from '../../log/sealed-spool.ts'
import type { StreamId } from '../../market/instrument.ts'
import { microsOf } from '../../market/time.ts'
import { readParts } from '../../replay/reading/chunk-reader.ts'
import { endAfter } from '../recovery.ts'

const EMPTY_MARK: StoredMark = {
  lastSeq: 0,
  lastReceiveTime: microsOf(0),
  lastConnection: 0,
  lastKind: undefined,
  epoch: 0,
}

/**
 * What this machine knows by itself. A journal without a mark, of an earlier version, counts as stored up to where it
 * begins. Throws StoreFailure.
 */
export const markOf = async (journal: Journal): Promise<StoredMark> => {
  const mark = await spoolOf(journal).mark()
  if (mark !== undefined) return mark
  for await (const { firstSeq } of journal.read(0)) return { ...EMPTY_MARK, lastSeq: firstSeq - 1 }
  return EMPTY_MARK
}

/** Whether the store holds exactly the chunk's entries, in whatever chunks. */
const holds = async (store: EventStore, { header, payload }: Chunk): Promise<boolean> => {
  const { stream, firstSeq, lastSeq } = header
  const own = decodeChunk(header, payload)
  if (isLeft(own)) return false
  const found: Uint8Array[] = []
  for await (const part of readParts(store, stream, { from: firstSeq, to: lastSeq })) {
    if (part.kind === 'hole') return false
    const behind = recordsAfter(part.chunk.records, firstSeq - 1)
    found.push(behind.subarray(0, behind.length - recordsAfter(behind, lastSeq).length))
  }
  return Buffer.concat(found).equals(own.right)
}

/** The mark, moved over the chunk that was on its way if that arrived. */
const settledMark = async (store: EventStore, spool: SealedSpool, storedSeq: Seq): Promise<StoredMark> => {
  const mark = (await spool.mark()) ?? EMPTY_MARK
  const sent = (await spool.kept())?.chunk
  if (sent?.header.firstSeq !== mark.lastSeq + 1 || storedSeq < sent.header.lastSeq) return mark
  const records = decodeChunk(sent.header, sent.payload)
  if (isLeft(records) || !(await holds(store, sent))) return mark
  return { ...endAfter(mark, records.right), epoch: mark.epoch }
}

const fallenBack = (mark: StoredMark, storedSeq: Seq): StoreFailure => {
  const holdsWhat = storedSeq === 0 ? 'holds none of it' : `ends at entry ${String(storedSeq)}`
  const message =
    `This machine has stored entries up to ${String(mark.lastSeq)}, but the store ${holdsWhat}: put the newer store back, ` +
    'or name another --spool to go on without what the old one holds.'
  return new StoreFailure({ kind: 'unavailable', message })
}

/** What `divergence` looks at. */
export interface DivergenceOptions {
  readonly store: EventStore
  readonly stream: StreamId
  readonly journal: Journal
  /** Nothing more of the journal may go into the stream: another recorder has taken it over. */
  readonly isFenced: boolean
}

/** What must be set aside: the journal behind `storedSeq`, of run number `epoch`. */
export interface Divergence {
  readonly storedSeq: Seq
  readonly epoch: number
}

/**
 * Whether the store holds other entries behind the last one that this machine stored, while the journal has more; undefined:
 * the stream goes on. Moves the mark over a chunk that arrived unnoticed. Throws StoreFailure.
 */
export const divergence = async (options: DivergenceOptions): Promise<Divergence | undefined> => {
  const { store, stream, journal, isFenced } = options
  const spool = spoolOf(journal)
  const known = await spool.mark()
  if (known === undefined) return undefined
  const storedSeq = await store.lastSeq(stream)
  const mark = await settledMark(store, spool, storedSeq)
  if (storedSeq < mark.lastSeq) throw fallenBack(mark, storedSeq)
  if (mark.lastSeq > known.lastSeq) await spool.keepMark(mark)
  if (journal.lastSeq() <= mark.lastSeq || (!isFenced && storedSeq === mark.lastSeq)) return undefined
  await spool.forget()
  return { storedSeq: mark.lastSeq, epoch: mark.epoch }
}

/** The spool of a journal whose store is on another machine. */
export const spoolOf = ({ sealedSpool }: Journal): SealedSpool => {
  if (sealedSpool === undefined) throw new Error('the journal has no spool')
  return sealedSpool
}
