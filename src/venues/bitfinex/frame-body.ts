/**
 * What stands between the channel and the tail of an array frame, whichever way it was read: from its parsed text or
 * from its row. The venue's parts know bodies by this alone.
 */
import type { RowCells } from './exact-cell.ts'
import type { RowShape } from './frames.ts'

export interface FrameBody {
  /** `hb`, `cs`, `te` …; undefined where the body is no text. */
  readonly name: string | undefined
  /** False: neither a name nor an array. */
  readonly isKnown: boolean
  /** Nested rows, or none: a snapshot or a group. */
  readonly isList: boolean
  /** The number behind a name, undefined where there is none. */
  readonly argument: number | undefined
  /** How many rows can be loaded: of a list all, else one. Zero or more only once `refusalOf` found nothing wrong. */
  readonly rowCount: number
  /** Why not all rows begin with numbers as this shape wants; undefined: they do. */
  refusalOf(shape: RowShape): string | undefined
  /** Puts the first numbers of a row into the cells, as many as the shape that was asked for has. */
  load(index: number, cells: RowCells): void
}
