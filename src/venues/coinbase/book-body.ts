/** The body of a REST answer to a request for a whole book. */
import { Buffer } from 'node:buffer'

import { BookBody } from './frames.ts'

/** Undefined when the bytes are no book by orders; its rows are judged where they are read. */
export const parseBookBody = (bytes: Uint8Array): BookBody | undefined => {
  try {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')
    const body: unknown = JSON.parse(text)
    return BookBody.is(body) ? body : undefined
  } catch {
    return undefined
  }
}
