/** The engine's own book against the book rebuilt from what it said, order by order, over several seeds. */
import { describe, expect, it } from 'vitest'

import { digestOrderRows } from '../../src/book/digest.ts'
import { renderBook } from '../../src/replay/derived/book-row.ts'
import { BookKeeper } from '../../src/replay/keeper/book-keeper.ts'
import { coinbaseVenue } from '../../src/venues/coinbase/venue.ts'
import { generateFullFeed, PRODUCT, recordsOf } from '../support/full-feed.ts'

const FRAMES = 60_000

/** What a frame is, as finely as the rules for applying it distinguish. */
const kindOf = (frame: string): string => {
  const message = JSON.parse(frame) as Readonly<Record<string, string>>
  const { type, order_type: orderType, reason } = message
  const family =
    type === 'change' ? reason : type === 'received' ? orderType : type === 'done' ? reason : undefined
  const shape = type === 'change' && reason === 'STP' && 'new_funds' in message ? 'funds' : undefined
  return [type, family, shape].filter((part) => part !== undefined).join(' ')
}

const ALL_KINDS = [
  'change STP',
  'change STP funds',
  'change modify_order',
  'done canceled',
  'done filled',
  'match',
  'open',
  'received limit',
  'received market',
]

describe('a book rebuilt from a generated full feed', () => {
  it.each([1, 2, 3])('equals the engine’s own, seed %i', (seed) => {
    const feed = generateFullFeed(FRAMES, 1000, seed)
    expect([...new Set(feed.frames.map(kindOf))].sort()).toEqual(ALL_KINDS)
    const keeper = new BookKeeper(coinbaseVenue)
    keeper.applyRecords(recordsOf(feed))
    expect(keeper.summary()).toMatchObject({ valid: true, verified: true, gaps: 0, undecodedFrames: 0 })
    const { bids, asks } = renderBook(`coinbase:${PRODUCT}`, keeper)
    const orders = (levels: typeof bids): unknown =>
      levels.flatMap(({ price, orders: queue = [] }) => queue.map(({ id, size }) => ({ price, size, id })))
    expect(orders(bids)).toEqual(feed.truth.bids)
    expect(orders(asks)).toEqual(feed.truth.asks)
    expect(keeper.digest().digest).toBe(digestOrderRows(feed.truth.bids, feed.truth.asks))
  })
})
