/**
 * The tables of an LMDB store and what is read from and written to them inside one transaction. Owns how parts of a log
 * follow each other there; opening, transactions and their failures are lmdb-store's.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js'
import type { Database } from 'lmdb'

import { encodeHeader, encodeTombstone } from '../../codec/documents.ts'
import type { Chunk, ChunkHeader } from '../../log/chunk.ts'
import type { Seq } from '../../log/entry.ts'
import {
  type DamagedKeyframe,
  type KeyframeRef,
  type StoreError,
  StoreFailure,
} from '../../log/event-store.ts'
import { firstSeqOf, lastSeqOf, type LogPart, type Tombstone } from '../../log/tombstone.ts'
import type { StreamId } from '../../market/instrument.ts'
import { judgeBury, judgeQuarantine, noChunk } from '../chunk-rules.ts'
import { putAside, type QuarantineTable } from './quarantine-table.ts'
import { damaged, headerOf, type Key, partOf, referenceOf } from './stored-documents.ts'

export type Table = Database<Uint8Array, Key>

/** `quarantine` is missing in a store that is read only and has put nothing aside yet. */
export interface Tables {
  readonly headers: Table
  readonly payloads: Table
  readonly references: Table
  readonly keyframes: Table
  readonly quarantine: QuarantineTable | undefined
}

export class LogTables {
  private readonly tables: Tables

  constructor(tables: Tables) {
    this.tables = tables
  }

  bury(tombstone: Tombstone): Either<StoreError, void> {
    const { stream, firstSeq, lastSeq } = tombstone
    const touched = this.partsIn(stream, firstSeq, lastSeq)
    const judged = judgeBury(touched, tombstone)
    if (typeof judged === 'object') return left(judged)
    if (judged === 'done') return right(undefined)
    for (const part of touched) this.removePart(stream, firstSeqOf(part))
    const inside = [...this.tables.references.getKeys({ start: [stream, firstSeq], end: [stream, lastSeq] })]
    for (const key of inside) this.removeKeyframe(key)
    this.tables.headers.putSync([stream, firstSeq], encodeTombstone(tombstone))
    return right(undefined)
  }

  /** All is checked before anything is written: what is answered with Left is committed too. */
  quarantine(
    stream: StreamId,
    firstSeqs: readonly Seq[],
    tombstone: Tombstone | undefined,
  ): Either<StoreError, void> {
    const { headers, payloads, quarantine } = this.tables
    if (quarantine === undefined) throw new Error('a store open for writing has all tables')
    if (tombstone !== undefined) {
      const { firstSeq, lastSeq } = tombstone
      const touched = this.partsIn(stream, firstSeq, lastSeq)
      const lastBefore = this.lastBefore(stream, firstSeq, firstSeqs)
      const problem = judgeQuarantine(touched, lastBefore, firstSeqs, tombstone)
      if (problem !== undefined) return left(problem)
    }
    const missing = firstSeqs.find((firstSeq) => !headers.doesExist([stream, firstSeq]))
    if (missing !== undefined) return left(noChunk(stream, missing))
    for (const firstSeq of firstSeqs) {
      const header = headers.getBinary([stream, firstSeq]) ?? new Uint8Array(0)
      const payload = payloads.getBinary([stream, firstSeq]) ?? new Uint8Array(0)
      putAside(quarantine, stream, firstSeq, header, payload)
      this.removePart(stream, firstSeq)
    }
    if (tombstone !== undefined) headers.putSync([stream, tombstone.firstSeq], encodeTombstone(tombstone))
    return right(undefined)
  }

  /** The last entry stored in front of an entry, parts at `except` not counted; 0: none. */
  private lastBefore(stream: StreamId, seq: Seq, except: readonly Seq[]): Seq {
    const before = this.tables.headers.getRange({ start: [stream, seq - 1], end: [stream, 0], reverse: true })
    for (const { key, value } of before) if (!except.includes(key[1])) return lastSeqOf(partOf(key, value))
    return 0
  }

  removePart(stream: StreamId, firstSeq: Seq): void {
    this.tables.headers.removeSync([stream, firstSeq])
    this.tables.payloads.removeSync([stream, firstSeq])
  }

  removeKeyframe(key: Key): void {
    this.tables.references.removeSync(key)
    this.tables.keyframes.removeSync(key)
  }

  references(stream: StreamId): readonly (KeyframeRef | DamagedKeyframe)[] {
    const range = this.tables.references.getRange({ start: [stream, 0], end: [stream, Infinity] })
    const found: (KeyframeRef | DamagedKeyframe)[] = []
    for (const { key, value } of range) {
      try {
        found.push(referenceOf(key, value))
      } catch (error) {
        if (!(error instanceof StoreFailure) || error.error.kind !== 'damaged') throw error
        found.push({ seq: key[1], detail: error.error.detail })
      }
    }
    return found
  }

  header(stream: StreamId, firstSeq: Seq): ChunkHeader | undefined {
    const key: Key = [stream, firstSeq]
    return headerOf(key, this.tables.headers.get(key))
  }

  lastSeq(stream: StreamId): Seq {
    const [last] = this.tables.headers.getRange({ start: [stream, Infinity], end: [stream, 0], reverse: true, limit: 1 }) // prettier-ignore
    const part = last === undefined ? undefined : partOf(last.key, last.value)
    if (part?.kind === 'unreadable') throw damaged([stream, part.firstSeq], part.detail)
    return part === undefined ? 0 : lastSeqOf(part)
  }

  headersIn(stream: StreamId, from: Seq, to: Seq): readonly ChunkHeader[] {
    const headers: ChunkHeader[] = []
    for (const part of this.partsIn(stream, from, to)) {
      if (part.kind === 'unreadable') throw damaged([stream, part.firstSeq], part.detail)
      if (part.kind === 'chunk') headers.push(part.header)
    }
    return headers
  }

  partsIn(stream: StreamId, from: Seq, to: Seq, most = Infinity): readonly LogPart[] {
    const found: LogPart[] = []
    // Parts do not overlap: the first to touch the range is the last that begins at or before `from`, or the next.
    let [start] = this.tables.headers.getKeys({
      start: [stream, from],
      end: [stream, 0],
      reverse: true,
      limit: 1,
    })
    start ??= [stream, from]
    if (from > to) return found
    for (const { key, value } of this.tables.headers.getRange({
      start,
      end: [stream, to],
      inclusiveEnd: true,
    })) {
      const part = partOf(key, value)
      // How far an unreadable part goes nobody knows: it may touch the range.
      if (part.kind === 'unreadable' || lastSeqOf(part) >= from) found.push(part)
      if (found.length >= most) break
    }
    return found
  }

  putChunk({ header, payload }: Chunk): void {
    const key: Key = [header.stream, header.firstSeq]
    this.tables.headers.putSync(key, encodeHeader(header))
    this.tables.payloads.putSync(key, payload)
  }
}
