/** Why a message could not be taken into the book, as a returned value. What follows from it is the feed's to decide. */
import type { InvalidReason } from '../../market/event.ts'

export interface Failure {
  readonly cause: Extract<InvalidReason, 'malformed' | 'contradiction' | 'not-representable'>
  /** What came, as text for the list of gaps. */
  readonly detail: string
}

const DETAIL_LENGTH = 80

/** A failure whose detail is cut to a length that a list can bear. */
export const failureOf = (cause: Failure['cause'], detail: string): Failure => ({
  cause,
  detail: detail.length > DETAIL_LENGTH ? `${detail.slice(0, DETAIL_LENGTH)}…` : detail,
})
