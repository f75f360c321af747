/** One REST GET: any status is an answer, and a failure is a value. Owns time and size limits; retries are its user's. */
import { Buffer } from 'node:buffer'

const LARGEST_BODY_BYTES = 256 * 1024 * 1024
/** A body of so many bytes is a large one. */
const LARGE_BODY_BYTES = 256 * 1024
const USER_AGENT = 'bookreel'

export interface RestAnswer {
  /** The status sent; 0: there was no answer, the body says why. */
  readonly status: number
  readonly body: Uint8Array
}

export interface GetOptions {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** Milliseconds for the whole answer. */
  readonly timeout: number
  /**
   * A large body then stands in shared memory of its own, behind so many bytes of room: it can go to other threads, and
   * become part of something longer, without a copy.
   */
  readonly roomAhead?: number | undefined
  /** Gives up early. */
  readonly signal: AbortSignal
}

export type GetRest = (options: GetOptions) => Promise<RestAnswer>

const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  const { cause } = error
  if (cause instanceof Error) {
    const { code } = cause as Error & { readonly code?: string }
    return cause.message === '' ? (code ?? cause.name) : cause.message
  }
  return error.message
}

const noAnswer = (reason: string): RestAnswer => ({ status: 0, body: Buffer.from(reason) })

const joined = (parts: readonly Uint8Array[], length: number, roomAhead: number | undefined): Uint8Array => {
  const [first] = parts
  if (roomAhead === undefined || length < LARGE_BODY_BYTES)
    return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts, length)
  const body = new Uint8Array(new SharedArrayBuffer(roomAhead + length), roomAhead)
  let end = 0
  for (const part of parts) {
    body.set(part, end)
    end += part.length
  }
  return body
}

/**
 * Gets a URL. Never rejects. Redirects are not followed: signed headers go to the host they were made for and to no
 * other. The body is as decoded by the transfer and content encodings.
 */
export const getRest: GetRest = async ({ url, headers, timeout, roomAhead, signal }) => {
  try {
    const response = await fetch(url, {
      headers: { 'user-agent': USER_AGENT, accept: 'application/json', ...headers },
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeout)]),
    })
    const parts: Uint8Array[] = []
    let length = 0
    if (response.body !== null) {
      for await (const part of response.body as AsyncIterable<Uint8Array>) {
        length += part.length
        if (length > LARGEST_BODY_BYTES)
          return noAnswer(`the body is over ${String(LARGEST_BODY_BYTES)} bytes`)
        parts.push(part)
      }
    }
    return { status: response.status, body: joined(parts, length, roomAhead) }
  } catch (error) {
    return noAnswer(reasonOf(error))
  }
}
