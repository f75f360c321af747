/** Rows of level changes rebuild every book, of any feed, over good lines and bad ones. */
import { describe, expect, it } from 'vitest'

import { type LevelChangeConsumer, levelChangesTo } from '../../../src/replay/derived/level-changes.ts'
import { visitAll } from '../../../src/replay/derived/visit-all.ts'
import { DERIVED_FEEDS, derivedRecords, visitFeed } from '../../support/derived-feeds.ts'

class Rebuilt implements LevelChangeConsumer {
  readonly bid = new Map<number, number>()
  readonly ask = new Map<number, number>()
  isKnown = false
  rows = 0
  begun = 0

  began = (): void => {
    this.bid.clear()
    this.ask.clear()
    this.isKnown = true
    this.begun++
  }

  broke = (): void => {
    this.isKnown = false
  }

  changed: LevelChangeConsumer['changed'] = ({ side, price, size, delta }) => {
    const levels = this[side]
    expect(this.isKnown).toBe(true)
    expect((levels.get(price) ?? 0) + delta).toBe(size)
    if (size === 0) levels.delete(price)
    else levels.set(price, size)
    this.rows++
  }

  side(side: 'bid' | 'ask'): [number, number][] {
    return [...this[side]].sort(([left], [right]) => (side === 'bid' ? right - left : left - right))
  }
}

describe.each(DERIVED_FEEDS)('levelChangesTo over %s', (feed) => {
  it.each([
    [false, 5],
    [true, 5],
    [true, 6],
    [true, 7],
  ])('rebuilds the levels after every entry (bad line: %s, seed %i)', async (isFaulty, seed) => {
    const rebuilt = new Rebuilt()
    let compared = 0
    await visitFeed(
      feed,
      derivedRecords(feed, seed, isFaulty),
      visitAll([
        levelChangesTo(rebuilt),
        {
          entryEnded: (state) => {
            expect(rebuilt.isKnown).toBe(state.isValid)
            if (!state.isValid || ++compared % 7 !== 0) return
            for (const side of ['bid', 'ask'] as const) {
              const levels = state.book.top(side).map(({ price, size }) => [price, size])
              expect(rebuilt.side(side)).toEqual(levels)
            }
          },
        },
      ]),
    )
    expect(compared).toBeGreaterThan(7)
    expect(rebuilt.rows).toBeGreaterThan(100)
    expect(rebuilt.begun).toBeGreaterThan(0)
  })
})
