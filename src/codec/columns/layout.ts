/** The directory of a columnar chunk: everything that a reader must know before it can open the columns. */
import type { SlotKind } from '../../log/frame-row.ts'
import type { EntryClass } from './entry-columns.ts'
import type { Family } from './slot-family.ts'
import type { TokenRange } from './token-table.ts'

/** What a slot's scalar does to the values of the ids beside it. */
export interface StoredFollow {
  /** From 1. */
  readonly group: number
  readonly takes: boolean
  /** Slots of the ids in the same place; -1: no second one. */
  readonly firstId: number
  readonly secondId: number
}

export interface StoredSlot {
  /** Its place in the list of families; -1: constant. */
  readonly family: number
  readonly constant: number
  readonly constantScale: number
  readonly follow: StoredFollow | undefined
  /** Places of a list's elements, all larger than the slot's own. */
  readonly children: readonly number[]
}

export interface StoredPlace {
  readonly template: number
  readonly slots: readonly StoredSlot[]
}

export interface StoredColumn {
  readonly length: number
  readonly ranges: readonly TokenRange[]
  readonly isScaled: boolean
}

export interface Layout {
  readonly firstSeq: number
  readonly firstReceiveTime: number
  readonly entries: number
  /** Of all rows. */
  readonly scalars: number
  readonly skeletonLengths: readonly number[]
  readonly textCount: number
  readonly idCount: number
  /** See IdPlanes. */
  readonly idMask: number
  readonly verbatimCount: number
  readonly fieldCount: number
  readonly groupCount: number
  readonly tableCount: number
  readonly families: readonly Family[]
  readonly places: readonly StoredPlace[]
  readonly classes: readonly EntryClass[]
  readonly classColumns: readonly number[]
  readonly timeColumns: readonly number[]
  /** Columns of the families, class columns, time columns, lengths of texts, lengths of verbatim payloads. */
  readonly columns: readonly StoredColumn[]
  /** Columns in each block of tokens. */
  readonly segments: readonly number[]
}

/** The first part of a layout: what the scope is built from. */
export type ScopeLayout = Pick<
  Layout,
  | 'firstSeq'
  | 'firstReceiveTime'
  | 'entries'
  | 'scalars'
  | 'skeletonLengths'
  | 'textCount'
  | 'idCount'
  | 'idMask'
  | 'verbatimCount'
>

/** Slots of one template. */
export type SlotKinds = readonly SlotKind[]
