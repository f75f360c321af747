/** Which reasons for an invalid book stand for a loss of data. */
import type { GapCause, InvalidReason } from '../../market/event.ts'

const GAP_CAUSES: readonly string[] = [
  'venue-sequence',
  'checksum',
  'crossed',
  'contradiction',
  'malformed',
  'not-representable',
] satisfies GapCause[]

/** The loss that makes a book invalid for this reason; undefined where nothing is lost. */
export const gapCauseOf = (reason: InvalidReason): GapCause | undefined =>
  GAP_CAUSES.includes(reason) ? (reason as GapCause) : undefined
