/** What every format is: batches in, pieces of a file out. */
import type { Batch } from '../columns/column-data.ts'
import type { ColumnShape } from '../columns/definition.ts'

/** What a file says of itself: plain texts by name, the same for every format. */
export type FileNotes = ReadonlyMap<string, string>

/** Encodes one file. Pieces are to be written in order, before the next call. */
export interface FileEncoder {
  /** The next rows. */
  readonly encode: (batch: Batch) => readonly Uint8Array[]
  /** The end of the file. */
  readonly end: () => readonly Uint8Array[]
  /** Asked for behind the end: takes the place of as many bytes at the beginning of the file. */
  readonly head?: () => Uint8Array
}

/** What a file is to hold. */
export interface FilePlan {
  readonly shapes: readonly ColumnShape[]
  readonly notes: FileNotes
  /** Name of the column that rows are sorted by; undefined: none. */
  readonly sortedBy: string | undefined
}
