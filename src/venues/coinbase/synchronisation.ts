/**
 * Asking for the level-3 book: when, how often, and a body that is ahead of the feed until the feed has caught up.
 * Owns the request's pace; whether a body fits is judged where the sequence is known.
 */
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import { type Micros, microsOf } from '../../market/time.ts'
import type { DecoderSink } from '../venue.ts'

const FIRST_RETRY = 1_000
const LONGEST_RETRY = 60_000
/** An answer 429 asks for more patience than another refusal. */
const RATE_LIMITED_FACTOR = 4
/** Books are asked for at most this often, in milliseconds. */
const SPACING = 1_000
/** The feed lags behind a book by less, in microseconds: one that is never reached is of another count. */
const LONGEST_HOLD = 10_000_000
/** A book that held for so long, in microseconds, was sound: the next trouble is a new one. */
const SOUND_AFTER = 10_000_000

/** The path of a product's whole book by orders. */
const bookPath = (product: string): string => `/products/${encodeURIComponent(product)}/book?level=3`

/** Whether a URL asks for this product's book by orders, on whatever host. */
export const isBookUrl = (url: string, product: string): boolean => {
  const [path = '', query = ''] = url.split('?')
  return (
    path.endsWith(`/products/${encodeURIComponent(product)}/book`) && query.split('&').includes('level=3')
  )
}

/** The product of a book-by-orders URL. */
export const productOfBookUrl = (url: string): string | undefined =>
  /\/products\/([A-Za-z0-9.-]+)\/book\?(?:.*&)?level=3(?:&|$)/.exec(url)?.[1]

export class Synchronisation {
  private isRequested = false
  private attempts = 0
  private lastRequest = microsOf(0)
  private lastSuccess = microsOf(0)
  private body: Uint8Array | undefined
  private bodySequence = 0
  private heldSince = microsOf(0)
  /** A connection was lost in this run: a book of the time before may still come. */
  hasReconnected = false

  /** The body that was kept, once the feed has reached its number; kept no longer then. */
  takeHeld(reached: number): Uint8Array | undefined {
    if (reached < this.bodySequence) return undefined
    const { body } = this
    this.body = undefined
    return body
  }

  /** Keeps a copy of a body as of this number until the feed has caught up. */
  hold(body: Uint8Array, sequence: number, now: Micros): void {
    // A slice of a Buffer is no copy.
    this.body = new Uint8Array(body)
    this.bodySequence = sequence
    this.heldSince = now
  }

  isHeldTooLong(now: Micros): boolean {
    return this.body !== undefined && now - this.heldSince > LONGEST_HOLD
  }

  release(): void {
    this.body = undefined
  }

  /** Asks for a book, unless one is under way or waits for the feed. */
  ask(product: string, now: Micros, sink: DecoderSink): void {
    if (this.isRequested || this.body !== undefined) return
    const sinceLast = Math.floor((now - this.lastRequest) / 1000)
    const delay = this.attempts === 0 ? Math.max(0, SPACING - sinceLast) : this.backOff()
    this.request(product, this.lastRequest === 0 ? 0 : delay, now, sink)
  }

  /** The answer was no book of use: asks again, later each time. */
  askAgain(product: string, status: number, now: Micros, sink: DecoderSink): void {
    this.attempts++
    this.body = undefined
    this.request(product, this.backOff() * (status === 429 ? RATE_LIMITED_FACTOR : 1), now, sink)
  }

  private backOff(): number {
    return FIRST_RETRY * 2 ** Math.min(this.attempts - 1, 10)
  }

  private request(product: string, delay: number, now: Micros, sink: DecoderSink): void {
    this.isRequested = true
    const bounded = Math.min(LONGEST_RETRY, delay)
    this.lastRequest = microsOf(now + bounded * 1000)
    sink.command({ kind: 'request', purpose: 'snapshot', path: bookPath(product), delay: bounded })
  }

  /** An answer came, of whatever kind. */
  answered(): void {
    this.isRequested = false
  }

  succeeded(now: Micros): void {
    this.lastSuccess = now
    this.body = undefined
  }

  /** The book of the last success turned out wrong, or the feed lost messages. */
  failed(isBookWrong: boolean, now: Micros): void {
    this.body = undefined
    const held = now - this.lastSuccess
    if (held >= SOUND_AFTER || !isBookWrong) this.attempts = 0
    else this.attempts++
  }

  /** A run begins. */
  begin(): void {
    this.hasReconnected = false
  }

  /** A new connection: what was under way may still come. */
  reset(): void {
    this.hasReconnected = true
    this.isRequested = false
    this.attempts = 0
    this.lastRequest = microsOf(0)
    this.lastSuccess = microsOf(0)
    this.body = undefined
  }

  save(writer: StateWriter): void {
    writer.bool(this.isRequested)
    writer.uint(this.attempts)
    writer.uint(this.lastRequest)
    writer.uint(this.lastSuccess)
    writer.bool(this.body !== undefined)
    if (this.body !== undefined) writer.block(this.body)
    writer.uint(this.bodySequence)
    writer.uint(this.heldSince)
    writer.bool(this.hasReconnected)
  }

  restore(reader: StateReader): void {
    this.isRequested = reader.bool()
    this.attempts = reader.uint()
    this.lastRequest = microsOf(reader.uint())
    this.lastSuccess = microsOf(reader.uint())
    this.body = reader.bool() ? new Uint8Array(reader.block()) : undefined
    this.bodySequence = reader.uint()
    this.heldSince = microsOf(reader.uint())
    this.hasReconnected = reader.bool()
  }
}
