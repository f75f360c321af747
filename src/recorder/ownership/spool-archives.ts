/** PORT: journals that were set aside because another recorder had taken their stream over. */
import type { StreamId } from '../../market/instrument.ts'

/** Every method throws StoreFailure when the disk fails. */
export interface SpoolArchives {
  /** A name made by chance: the same for every process with this spool. */
  readonly recorderId: () => string
  /** What was set aside of the stream and is not stored yet. */
  readonly archivesOf: (stream: StreamId) => readonly StreamId[]
  /** The journal of the stream, which nobody has open, becomes the archive's, at once or not at all. */
  readonly setAside: (stream: StreamId, archive: StreamId) => void
  /** Everything of the archive is stored. */
  readonly remove: (archive: StreamId) => void
}
