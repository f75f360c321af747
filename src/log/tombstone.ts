/**
 * Tombstones: what stands in the log where entries were taken out, so that the chain goes on over them. Owns their shape
 * and the list of parts that a log is made of; taking out is the store's.
 */
import type { StreamId } from '../market/instrument.ts'
import type { Micros } from '../market/time.ts'
import type { ChunkHeader } from './chunk.ts'
import type { Seq } from './entry.ts'

/**
 * Why entries are not there: `deleted` on somebody's wish; `damaged`: what was stored could not be read any more, and
 * was put aside; `unused`: numbers that no entry ever had, because the chain could not go on there.
 */
export type TombstoneKind = 'deleted' | 'damaged' | 'unused'

/** A hole in the log: no entry `firstSeq` … `lastSeq` is stored. */
export interface Tombstone {
  readonly kind: TombstoneKind
  readonly stream: StreamId
  readonly firstSeq: Seq
  readonly lastSeq: Seq
  /** No missing entry was received before the first or after the second. */
  readonly firstReceiveTime: Micros
  readonly lastReceiveTime: Micros
  /** Head of the chain before the first missing entry and after the last, hex. */
  readonly headBefore: string
  readonly headAfter: string
  /**
   * The stream ended with the hole when it was made: its chain begins anew with `headAfter`, as if a block began there.
   * False: the entries behind it were chained over those that are missing now.
   */
  readonly restartsChain: boolean
  /** What happened, one sentence. */
  readonly reason: string
}

/** One of the parts that a stream's log is made of. */
export type LogPart =
  | { readonly kind: 'chunk'; readonly header: ChunkHeader }
  | { readonly kind: 'hole'; readonly tombstone: Tombstone }
  /** A chunk or tombstone that cannot be read; only its neighbours tell how far it goes. */
  | { readonly kind: 'unreadable'; readonly firstSeq: Seq; readonly detail: string }

/** Where a part begins. */
export const firstSeqOf = (part: LogPart): Seq => {
  switch (part.kind) {
    case 'chunk':
      return part.header.firstSeq
    case 'hole':
      return part.tombstone.firstSeq
    case 'unreadable':
      return part.firstSeq
  }
}

/** Where a part ends; of one that cannot be read only where it begins is known. */
export const lastSeqOf = (part: LogPart): Seq => {
  switch (part.kind) {
    case 'chunk':
      return part.header.lastSeq
    case 'hole':
      return part.tombstone.lastSeq
    case 'unreadable':
      return part.firstSeq
  }
}

/** Head of the chain behind a part, hex; '' of one that cannot be read, and of none. */
export const headAfter = (part: LogPart | undefined): string => {
  switch (part?.kind) {
    case 'chunk':
      return part.header.chainAfter
    case 'hole':
      return part.tombstone.headAfter
    case 'unreadable':
    case undefined:
      return ''
  }
}
