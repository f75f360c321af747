/**
 * The data of one column of a batch: typed arrays that can be handed to a thread. Owns their meaning; filling them is the
 * columns', reading them the formats'.
 */

/** Rows from 0 on; what an absent value (`present` 0) holds besides means nothing. */
export interface ColumnData {
  /** 1 where the row has a value; undefined: every row has one. */
  readonly present: Uint8Array<ArrayBuffer> | undefined
  /**
   * `integer`, `time`, `decimal`: 64 bits as two words, the low one first; `total`: 128 bits as four. Two's complement.
   */
  readonly words: Int32Array<ArrayBuffer> | undefined
  /** `number`. */
  readonly doubles: Float64Array<ArrayBuffer> | undefined
  /** `flag`: 0 or 1; `category`: the place in its values. */
  readonly bytes: Uint8Array<ArrayBuffer> | undefined
  /** `text`: the row's place in the texts of the batch. */
  readonly indexes: Int32Array<ArrayBuffer> | undefined
  /** The texts as UTF-8, one after the other, and where each begins; one more: where the last one ends. */
  readonly texts: Uint8Array<ArrayBuffer> | undefined
  readonly textStarts: Int32Array<ArrayBuffer> | undefined
  readonly textCount: number
}

/** So many rows of a table, one ColumnData for each of its columns, in order. */
export interface Batch {
  readonly rows: number
  readonly columns: readonly ColumnData[]
}

/** The buffers of a batch: what a thread takes over. */
export const buffersOf = ({ columns }: Batch): ArrayBuffer[] => {
  const buffers: ArrayBuffer[] = []
  for (const { present, words, doubles, bytes, indexes, texts, textStarts } of columns)
    for (const array of [present, words, doubles, bytes, indexes, texts, textStarts])
      if (array !== undefined) buffers.push(array.buffer)
  return buffers
}
