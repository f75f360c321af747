import { describe, expect, it } from 'vitest'

import { EntryCursor } from '../../../src/log/entry.ts'
import type { BookView } from '../../../src/market/book-view.ts'
import { BookKeeper } from '../../../src/replay/keeper/book-keeper.ts'
import { coinbaseVenue } from '../../../src/venues/coinbase/venue.ts'
import { generateFullFeed, recordsOf } from '../../support/full-feed.ts'

const ORDERS = 300
const FRAMES = 3_000

interface Age {
  readonly openedAt: number | undefined
  readonly age: number | undefined
  readonly isSeen: boolean
}

const agesOf = (book: BookView): ReadonlyMap<number, Age> => {
  const ages = new Map<number, Age>()
  for (const side of ['bid', 'ask'] as const)
    book.forEachOrder(side, (order) => {
      const [openedAt, age, isSeen] = [book.openedAt(order), book.orderAge(order), book.isOpeningSeen(order)]
      ages.set(order, { openedAt, age, isSeen })
    })
  return ages
}

describe('the age of an order', () => {
  const records = recordsOf(generateFullFeed(FRAMES, ORDERS))

  it('counts from the entry that opened it, or from its snapshot, which is told apart', () => {
    const keeper = new BookKeeper(coinbaseVenue)
    const opened = new Map<number, number>()
    let time = 0
    let isValid = false
    const ignored = (): void => undefined
    const sink = {
      ...{
        stamp: ignored,
        instrument: ignored,
        orderChanged: ignored,
        orderReduced: ignored,
        check: ignored,
      },
      ...{ orderRemoved: ignored, levelSet: ignored, traded: ignored, transactionEnded: ignored },
      bookStarted: () => (isValid = false),
      bookValid: () => (isValid = true),
      bookInvalid: () => (isValid = false),
      orderOpened: (order: number) => opened.set(order, isValid ? time : -time),
    }
    keeper.listen(sink)
    for (const cursor = new EntryCursor(records); cursor.next();) {
      time = cursor.receiveTime
      keeper.apply(cursor)
    }
    const ages = agesOf(keeper.book())
    expect(keeper.book().now).toBe(time)
    expect(ages.size).toBeGreaterThan(ORDERS / 4)
    const seen = [...ages.values()].filter(({ isSeen }) => isSeen)
    expect(seen.length).toBeGreaterThan(0)
    expect(seen.length).toBeLessThan(ages.size)
    for (const [order, age] of ages) {
      const told = opened.get(order) ?? NaN
      expect(age).toEqual({ openedAt: Math.abs(told), age: time - Math.abs(told), isSeen: told > 0 })
    }
  })

  it('is the same behind a keyframe as from the beginning', () => {
    const whole = new BookKeeper(coinbaseVenue)
    let restored = new BookKeeper(coinbaseVenue)
    for (const cursor = new EntryCursor(records); cursor.next();) {
      whole.apply(cursor)
      restored.apply(cursor)
      if (cursor.seq % 500 !== 0) continue
      const state = restored.save()
      restored = new BookKeeper(coinbaseVenue)
      restored.restore(state)
      expect(restored.book().now).toBe(cursor.receiveTime)
      expect(agesOf(restored.book())).toEqual(agesOf(whole.book()))
    }
    expect(agesOf(whole.book()).size).toBeGreaterThan(ORDERS / 4)
    expect(agesOf(restored.book())).toEqual(agesOf(whole.book()))
  })
})
