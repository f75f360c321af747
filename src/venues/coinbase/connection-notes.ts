/** Payloads of our own entries and the venue's refusals, read without trust: what cannot be read says nothing. */
import { parseJson } from '../../log/payloads.ts'
import type { DisconnectCause } from '../../market/event.ts'
import { isSilentChannel } from '../silent-channel.ts'
import { Closed, ErrorMessage, Timer } from './frames.ts'

const REFUSAL_LENGTH = 300
/** Unknown types are counted by this much of their text. */
const TYPE_LENGTH = 24

/** Why a `closed` entry says the connection ended; `remote` where it does not say. */
export const closeCauseOf = (payload: string): string => {
  const closed = parseJson(payload)
  if (!Closed.is(closed)) return 'remote'
  return isSilentChannel(closed) ? 'silence' : closed.cause
}

/** The name in a `timer` entry. */
export const timerNameOf = (payload: string): string | undefined => {
  const timer = parseJson(payload)
  return Timer.is(timer) ? timer.timer : undefined
}

/** What a closed connection means for the book. */
export const disconnectCauseOf = (closeCause: string): DisconnectCause => {
  if (closeCause === 'silence') return 'stale'
  return closeCause === 'requested' ? 'resubscribe' : 'disconnect'
}

/** The venue's text in an error frame. */
export const refusalText = (message: unknown): string => {
  const told = ErrorMessage.is(message) ? [message.message, message.reason] : []
  const text = told.filter((part) => typeof part === 'string' && part !== '').join(': ')
  return text === '' ? 'The venue sent an error without a text.' : text.slice(0, REFUSAL_LENGTH)
}

/** How a message of a type nobody knows is counted. */
export const unknownKind = (type: unknown): string =>
  `type:${typeof type === 'string' ? type.slice(0, TYPE_LENGTH) : ''}`
