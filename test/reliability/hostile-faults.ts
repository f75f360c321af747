/** What the venues do in the rounds of a hostile machine: when, how and how often is told by the round's seed. */
import { isLeft } from 'fp-ts/lib/Either.js'

import { parseFaultScript } from '../../simulator/faults/fault-script.ts'
import type { LinksOptions } from '../../simulator/faults/links.ts'
import { randomFrom } from '../support/seeded-random.ts'

const linksOf = (...script: readonly object[]): LinksOptions => {
  const rules = parseFaultScript(JSON.stringify(script))
  if (isLeft(rules)) throw new Error(rules.left)
  return { rules: rules.right }
}

const SERVER_ERRORS = [500, 502, 503, 504] as const

/** Both sockets end, each at a moment of its own, behind the frames that make the first books. */
export const socketsEnd = (seed: number): LinksOptions => {
  const random = randomFrom(seed)
  const ending = (venue: string, channel: string, frame: number): object => ({
    ...(random() < 0.5 ? { fault: 'reset' } : { fault: 'close', code: 1012 }),
    ...{ venue, channel, frame: frame + Math.floor(random() * frame) },
  })
  return linksOf(ending('coinbase', 'full', 2000), ending('bitfinex', 'book', 800))
}

export interface RefusedBooks {
  readonly links: LinksOptions
  readonly status: number
  /** How often a book is refused. */
  readonly refusals: number
}

/** A frame of Coinbase is lost, and the book that is asked for then is refused again and again. */
export const booksRefused = (seed: number): RefusedBooks => {
  const random = randomFrom(seed)
  const status = SERVER_ERRORS[Math.floor(random() * SERVER_ERRORS.length)] ?? SERVER_ERRORS[0]
  const refusals = 3 + Math.floor(random() * 3)
  const script = Array.from({ length: refusals }, (_, index) => ({
    ...{ fault: 'http-error', status, venue: 'coinbase', path: '/book', request: index + 2 },
  }))
  const frame = 1500 + Math.floor(random() * 2500)
  return {
    links: linksOf({ fault: 'lose', venue: 'coinbase', channel: 'full', frame }, ...script),
    status,
    refusals,
  }
}
