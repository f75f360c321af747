/** What the demo reads from the other commands' JSON: shapes, checked. */
import { isLeft } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'

import type { RenderedBook } from '../../replay/derived/book-row.ts'
import { Problem } from '../problem.ts'

const Endpoints = t.type({ ws: t.string, rest: t.string })

/** First line of `simulate --json`. */
export const Listening = t.type({
  venues: t.type({ coinbase: Endpoints, bitfinex: Endpoints }),
  credentials: t.type({ key: t.string, secret: t.string, passphrase: t.string }),
})

/** `GET /simulator/books`. */
export const Simulated = t.type({ books: t.array(t.type({ stream: t.string, digest: t.string })) })

/** Every line of `record --json`. */
export const Status = t.type({ streams: t.array(t.type({ entries: t.number })) })

/** Last line of `record --json`. */
export const Recorded = t.type({
  streams: t.array(
    t.type({
      stream: t.string,
      entries: t.number,
      gaps: t.number,
      checksums: t.type({ right: t.number, wrong: t.number }),
      digest: t.string,
    }),
  ),
})

/** `replay --json`. */
export const Replayed = t.type({
  streams: t.array(
    t.type({
      stream: t.string,
      bestBid: t.union([t.string, t.null]),
      bestAsk: t.union([t.string, t.null]),
      digest: t.string,
      digestSeq: t.number,
    }),
  ),
})

/** `verify --json`. */
export const Verified = t.type({ ok: t.boolean })

/** Throws a Problem that names the command when its answer has another shape. */
export const decodeAs = <A>(codec: t.Type<A>, answer: unknown, command: string): A => {
  const decoded = codec.decode(answer)
  if (isLeft(decoded)) throw new Problem(`"bookreel ${command}" answered in a shape the demo does not know.`)
  return decoded.right
}

const Level = t.type({ price: t.string, size: t.string })
const Book = t.type({ stream: t.string, bids: t.array(Level), asks: t.array(Level) })

/** `book --json`: the book itself. */
export const bookOf = (answer: unknown): RenderedBook => {
  decodeAs(Book, answer, 'book')
  return answer as RenderedBook
}
