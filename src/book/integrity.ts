/** What a book answers when an event does not fit it: a value for the caller to judge, never an exception. */
import type { InvalidReason } from '../market/event.ts'

/** Why the book refused an event. A refused event has changed nothing. */
export interface BookFault {
  readonly reason: InvalidReason
  /** One short sentence with the facts; prices and sizes as decimals, orders by handle. */
  readonly detail: string
}
