/** The body of a REST answer to a request for a whole book. */
import { decodeJson } from '../../log/payloads.ts'
import { BookBody } from './frames.ts'

/** Undefined when the bytes are no book by orders; its rows are judged where they are read. */
export const parseBookBody = (bytes: Uint8Array): BookBody | undefined => {
  const body = decodeJson(bytes)
  return BookBody.is(body) ? body : undefined
}
