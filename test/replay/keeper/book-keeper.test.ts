import { describe, expect, it } from 'vitest'

import { EntryWriter } from '../../../src/log/entry.ts'
import { encodeJson } from '../../../src/log/payloads.ts'
import { EventCollector } from '../../../src/market/event.ts'
import { BookKeeper } from '../../../src/replay/keeper/book-keeper.ts'
import { toyRecords, toySnapshot, toyTime } from '../../support/toy-records.ts'
import { toyVenue } from '../../support/toy-venue.ts'

const keeperAfter = (...lines: readonly string[]): BookKeeper => {
  const keeper = new BookKeeper(toyVenue)
  keeper.applyRecords(toyRecords(lines))
  return keeper
}

describe('BookKeeper', () => {
  it('is invalid until the venue sent a snapshot', () => {
    expect(keeperAfter('open b1 bid 10000 500').summary()).toMatchObject({
      valid: false,
      reason: 'no-snapshot',
      bestBid: null,
    })
  })

  it('applies a snapshot and what follows', () => {
    const keeper = keeperAfter(...toySnapshot, 'open b3 bid 10050 1')
    expect(keeper.summary()).toMatchObject({ valid: true, verified: true, bestBid: '100.5', bestAsk: '101' })
    expect(keeper.digest().digestSeq).toBe(8)
  })

  it('keeps the content of an invalid book as last applied', () => {
    const valid = keeperAfter(...toySnapshot)
    const invalid = keeperAfter(...toySnapshot, 'gap', 'open b3 bid 10050 1', 'remove b1')
    expect(invalid.digest()).toEqual(valid.digest())
    expect(invalid.summary()).toMatchObject({ valid: false, reason: 'venue-sequence', gaps: 1 })
  })

  it('knows when the venue last sent something, whatever is noted beside it', () => {
    const keeper = keeperAfter(...toySnapshot)
    const last = keeper.seq
    const notes = new EntryWriter()
    for (const [index, kind] of (
      ['closed', 'timer', 'response', 'clock', 'opened', 'sent'] as const
    ).entries())
      notes.append(kind, last + 1 + index, toyTime(last + 1 + index), 1, encodeJson({ timer: 'x' }))
    keeper.applyRecords(notes.take() ?? new Uint8Array())
    expect(keeper.summary()).toMatchObject({
      lastFrameTime: toyTime(last),
      lastReceiveTime: toyTime(last + 6),
    })
    const restored = new BookKeeper(toyVenue)
    restored.restore(keeper.save())
    expect(restored.summary().lastFrameTime).toBe(0)
  })

  it('turns a contradiction into an invalid book and a gap', () => {
    const keeper = keeperAfter(...toySnapshot, 'reduce b1 501')
    expect(keeper.summary()).toMatchObject({ valid: false, reason: 'contradiction', gaps: 1 })
  })

  it('finds a crossed book when the transaction ends, not before', () => {
    expect(keeperAfter(...toySnapshot, 'open b3 bid 10100 1').summary()).toMatchObject({
      valid: true,
      gaps: 0,
    })
    expect(keeperAfter(...toySnapshot, 'open b3 bid 10100 1', 'end').summary()).toMatchObject({
      valid: false,
      reason: 'crossed',
      gaps: 1,
    })
  })

  it('tells the aggressor of a trade by the side of its maker', () => {
    const listener = new EventCollector()
    const keeper = new BookKeeper(toyVenue, { listener })
    keeper.applyRecords(toyRecords([...toySnapshot, 'reduce a1 100']))
    expect(listener.take().filter(({ kind }) => kind === 'traded')).toMatchObject([
      { aggressor: 'buy', size: 100 },
    ])
  })

  it('counts frames nobody understands and goes on', () => {
    const keeper = keeperAfter('hello', ...toySnapshot, '__proto__ x', 'hello')
    expect(keeper.summary()).toMatchObject({ valid: true, undecodedFrames: 3 })
    expect(keeper.takeVerdict().undecoded.kinds).toEqual({ 'word:__proto__': 1, 'word:hello': 2 })
  })

  it('measures the time in which the book was valid', () => {
    const keeper = keeperAfter(...toySnapshot, 'end', 'end', 'gap', 'end')
    expect(keeper.takeVerdict()).toMatchObject({
      spanMicros: 10_000,
      validMicros: 3_000,
      verifiedMicros: 3_000,
    })
  })

  it('begins anew with every run', () => {
    const keeper = keeperAfter(...toySnapshot)
    keeper.applyRecords(toyRecords(['open b9 bid 1 1']))
    expect(keeper.summary()).toMatchObject({ valid: false, reason: 'no-snapshot', bestBid: null })
    expect(keeper.takeVerdict().runs).toBe(2)
  })

  it('goes on after save and restore as if never stopped, wherever it is cut', () => {
    const lines = [
      ...toySnapshot,
      'reduce a1 100',
      'open b3 bid 10000 4',
      'remove b2',
      'gap',
      ...toySnapshot,
      'end',
    ]
    const whole = keeperAfter(...lines)
    for (let cut = 0; cut <= lines.length; cut++) {
      const restored = new BookKeeper(toyVenue)
      restored.restore(keeperAfter(...lines.slice(0, cut)).save())
      restored.applyRecords(toyRecords(lines.slice(cut), cut + 2))
      expect(restored.save()).toEqual(whole.save())
      expect(restored.digest()).toEqual(whole.digest())
    }
  })

  it('takes verdicts that add up to the whole', () => {
    const lines = [...toySnapshot, 'reduce a1 100', 'end', 'gap', 'end']
    const whole = keeperAfter(...lines).takeVerdict()
    const parts = new BookKeeper(toyVenue)
    parts.applyRecords(toyRecords(lines.slice(0, 4)))
    const first = parts.takeVerdict()
    parts.applyRecords(toyRecords(lines.slice(4), 6))
    const second = parts.takeVerdict()
    expect(first.events + second.events).toBe(whole.events)
    expect(first.spanMicros + second.spanMicros).toBe(whole.spanMicros)
    expect(first.validMicros + second.validMicros).toBe(whole.validMicros)
    expect([...first.gaps, ...second.gaps]).toEqual(whole.gaps)
    expect(second.book).toEqual(whole.book)
  })
})
