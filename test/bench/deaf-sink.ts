/** Takes what a decoder says and does nothing with it: what decoding costs without a book. */
import type { DecoderSink } from '../../src/venues/venue.ts'

const ignore = (): void => undefined

export const deafSink: DecoderSink = {
  hasRefused: false,
  stamp: ignore,
  instrument: ignore,
  bookStarted: ignore,
  bookValid: ignore,
  bookInvalid: ignore,
  orderOpened: ignore,
  orderChanged: ignore,
  orderReduced: ignore,
  orderRemoved: ignore,
  levelSet: ignore,
  traded: ignore,
  check: ignore,
  transactionEnded: ignore,
  gap: ignore,
  disconnected: ignore,
  undecoded: ignore,
  duplicate: ignore,
  started: ignore,
  product: ignore,
  command: ignore,
}
