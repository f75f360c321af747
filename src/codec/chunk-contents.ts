/**
 * The entries of an opened chunk, and the same as plain data that another thread can be handed: what one thread opens,
 * another walks over.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js'

import type { ChunkCursor } from './chunk-cursor.ts'
import { ColumnCursor } from './columns/column-cursor.ts'
import { giveRoom } from './columns/column-room.ts'
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

/** A message, and the memory of it that changes hands: whoever made it can use the contents no more. */
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
  /**
   * Says that neither they nor any cursor over them is used again: their memory may serve the next chunk. Needs not be
   * called, and once at most.
   */
  readonly release: () => void
}

/** Packed records as the contents of a chunk; rows are scanned. */
export const contentsOf = (records: Uint8Array): ChunkContents => ({
  records: () => right(records),
  cursor: () => new ScanningCursor(records, new FrameScanner()),
  toMessage: () => {
    const own = ownBytes(records)
    return { message: { kind: 'records', records: own }, transfer: [own.buffer] }
  },
  release: () => undefined,
})

/**
 * Opened columns as the contents of a chunk. `rawBytes`: of all payloads together, as the header says. `takeBack` gets the
 * room of columns that are released.
 */
export const contentsOfColumns = (
  columns: OpenedColumns,
  rawBytes: number,
  takeBack: (room: SharedArrayBuffer) => void = giveRoom,
): ChunkContents => ({
  records: () => {
    const records = renderRecords(columns, rawBytes)
    return records === undefined ? left({ kind: 'malformed', detail: OTHER_LENGTH }) : right(records)
  },
  cursor: () => new ColumnCursor(columns, rawBytes),
  toMessage: () => ({
    message: { kind: 'columns', columns: columnsToMessage(columns), rawBytes },
    transfer: [],
  }),
  release: () => {
    takeBack(columns.room)
  },
})

/**
 * The contents that a message was made of, which nothing is checked of again. `takeBack` gets the room that they stand in
 * once they are released.
 */
export const contentsFromMessage = (
  message: ContentsMessage,
  takeBack?: (room: SharedArrayBuffer) => void,
): ChunkContents =>
  message.kind === 'records'
    ? contentsOf(message.records)
    : contentsOfColumns(columnsFromMessage(message.columns), message.rawBytes, takeBack)

export const OTHER_LENGTH = 'its entries are not as many or as long as its header says'
