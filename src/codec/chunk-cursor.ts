/** How the entries of an opened chunk are walked over, whatever its format. */
import type { EntryView } from '../log/entry.ts'

/** Stands on one entry after the other and is the EntryView of the one it stands on. */
export interface ChunkCursor extends EntryView {
  /** Moves to the next entry; false at the end. */
  readonly next: () => boolean
}
