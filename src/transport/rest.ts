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

/** A large body as it comes: each part is copied at once, so that it need not live until the last one is there. */
class SharedBody {
  private bytes: Uint8Array
  private length = 0
  private readonly roomAhead: number

  constructor(roomAhead: number, expected: number) {
    this.roomAhead = roomAhead
    this.bytes = new Uint8Array(new SharedArrayBuffer(roomAhead + expected), roomAhead)
  }

  add(part: Uint8Array): void {
    const end = this.length + part.length
    if (end > this.bytes.length) {
      const { bytes, roomAhead } = this
      this.bytes = new Uint8Array(
        new SharedArrayBuffer(roomAhead + Math.max(end, bytes.length * 2)),
        roomAhead,
      )
      this.bytes.set(bytes)
    }
    this.bytes.set(part, this.length)
    this.length = end
  }

  finish(): Uint8Array {
    return this.bytes.subarray(0, this.length)
  }
}

/** The whole body; undefined: it is too large. */
const readBody = async (
  response: Response,
  roomAhead: number | undefined,
): Promise<Uint8Array | undefined> => {
  let parts: Uint8Array[] = []
  let shared: SharedBody | undefined
  let length = 0
  if (response.body !== null) {
    for await (const part of response.body as AsyncIterable<Uint8Array>) {
      length += part.length
      if (length > LARGEST_BODY_BYTES) return undefined
      if (shared !== undefined) {
        shared.add(part)
        continue
      }
      parts.push(part)
      if (roomAhead === undefined || length < LARGE_BODY_BYTES) continue
      shared = new SharedBody(roomAhead, expectedLength(response, length))
      for (const early of parts) shared.add(early)
      parts = []
    }
  }
  if (shared !== undefined) return shared.finish()
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts, length)
}

/** What the length is said to be, if it is; compressed bodies turn out longer. */
const expectedLength = (response: Response, atLeast: number): number => {
  const told = Number(response.headers.get('content-length') ?? 0)
  return told > atLeast && told <= LARGEST_BODY_BYTES ? told : atLeast * 2
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
    const body = await readBody(response, roomAhead)
    return body === undefined
      ? noAnswer(`the body is over ${String(LARGEST_BODY_BYTES)} bytes`)
      : { status: response.status, body }
  } catch (error) {
    return noAnswer(reasonOf(error))
  }
}
