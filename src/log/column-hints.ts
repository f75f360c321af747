/**
 * What a venue knows of its frames that makes them smaller in a chunk: which numbers are ids, and which values belong to
 * what an id names. Only hints: wrong ones cost bytes, never exactness, and a chunk is read without them.
 *
 * Paths are those of TemplateSlot; inside an element of a list the list's path, `[]` and a point stand before it:
 * `bids[].2`.
 */

/** A number that names something which later frames name again. */
export interface NumberIdHint {
  readonly path: string
  /** Numbers of one set name the same kind of things. */
  readonly set: string
  /** Where no number in a chunk is as large as this, they are no ids but something else of the same shape. */
  readonly least: number
}

/** A value that belongs to what an id of the same frame (or element) names. */
export interface FollowHint {
  /** What it is: values of one group tell each other. Price and size are two groups. */
  readonly group: string
  readonly path: string
  /** Paths of at most two ids. The smallest value known of them predicts this one. */
  readonly ids: readonly string[]
  /** `tell`: it becomes the value of the first id. `take`: the values of all ids are smaller by it afterwards. */
  readonly effect: 'tell' | 'take'
  /** Only in templates whose text holds this. */
  readonly within?: string
}

export interface ColumnHints {
  readonly numberIds: readonly NumberIdHint[]
  readonly follows: readonly FollowHint[]
}

export const NO_HINTS: ColumnHints = { numberIds: [], follows: [] }
