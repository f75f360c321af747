/**
 * The entries of an opened chunk, and the same as plain data that another thread can be handed: what one thread opens,
 * another walks over.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js'

import type { ChunkCursor } from './chunk-cursor.ts'
import { ColumnCursor } from './columns/column-cursor.ts'
import {
  columnsFromMessage,
  type ColumnsMessage,
  columnsToMessage,
  ownBytes,
} from './columns/columns-message.ts'
import type { OpenedColumns } from './columns/open-columns.ts'
import { renderRecords } from './columns/render-records.ts'
import { FrameScanner } from './template/frame-scanner.ts'
import { ScanningCursor } from './template/scanning-cursor.ts'

/** What is wrong with stored bytes; `detail` is a part of a sentence. */
export interface ChunkDamage {
  readonly kind: 'unknown-format' | 'hash-mismatch' | 'malformed'
  readonly detail: string
}

/** Plain data alone: typed arrays, strings, numbers. */
export type ContentsMessage =
  | { readonly kind: 'records'; readonly records: Uint8Array }
  | { readonly kind: 'columns'; readonly columns: ColumnsMessage; readonly rawBytes: number }

/** A message, and the memory of it that may change hands: whoever transfers it can use the contents no more. */
export interface TransferableContents {
  readonly message: ContentsMessage
  readonly transfer: readonly ArrayBuffer[]
}

/** The entries of a chunk that was found to be what its header says. */
export interface ChunkContents {
  /** Packed, every byte as it was; Left: they are not as long as the header says. */
  readonly records: () => Either<ChunkDamage, Uint8Array>
  /** A walk over them that renders bytes only when asked. */
  readonly cursor: () => ChunkCursor
  /** The same for another thread; see `contentsFromMessage`. */
  readonly toMessage: () => TransferableContents
}

/** Packed records as the contents of a chunk; rows are scanned. */
export const contentsOf = (records: Uint8Array): ChunkContents => ({
  records: () => right(records),
  cursor: () => new ScanningCursor(records, new FrameScanner()),
  toMessage: () => {
    const own = ownBytes(records)
    return { message: { kind: 'records', records: own }, transfer: [own.buffer] }
  },
})

/** Opened columns as the contents of a chunk. `rawBytes`: of all payloads together, as the header says. */
export const contentsOfColumns = (columns: OpenedColumns, rawBytes: number): ChunkContents => ({
  records: () => {
    const records = renderRecords(columns, rawBytes)
    return records === undefined ? left({ kind: 'malformed', detail: OTHER_LENGTH }) : right(records)
  },
  cursor: () => new ColumnCursor(columns, rawBytes),
  toMessage: () => {
    const { message, transfer } = columnsToMessage(columns)
    return { message: { kind: 'columns', columns: message, rawBytes }, transfer }
  },
})

/** The contents that a message was made of, which nothing is checked of again. */
export const contentsFromMessage = (message: ContentsMessage): ChunkContents =>
  message.kind === 'records'
    ? contentsOf(message.records)
    : contentsOfColumns(columnsFromMessage(message.columns), message.rawBytes)

export const OTHER_LENGTH = 'its entries are not as many or as long as its header says'
