/** What every venue must do. Runs over its fixtures; a venue has nothing to add but those. */
import fc from 'fast-check'
import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { isPair } from '../../src/market/instrument.ts'
import { BookKeeper } from '../../src/replay/keeper/book-keeper.ts'
import type { DecoderSink, Venue } from '../../src/venues/venue.ts'
import {
  decodeAll,
  type Decoded,
  decodeWithCut,
  EntryScript,
  manifestOf,
  SinkLog,
  splitRecords,
} from '../support/entries.ts'
import {
  type FixtureLine,
  recordsOfFixture,
  type VenueFixture,
  venueFixtures,
} from '../support/venue-fixtures.ts'

/** What a stream's lines make of its book, and how much trouble was told on the way. */
interface Outcome {
  readonly digest: string
  readonly troubles: number
  /** How often the book became valid. */
  readonly books: number
}

const outcomeOf = (venue: Venue, lines: readonly FixtureLine[]): Outcome => {
  let troubles = 0
  let books = 0
  class Watch extends SinkLog implements DecoderSink {
    override bookInvalid(): void {
      troubles++
    }
    override bookValid(): void {
      books++
    }
  }
  const keeper = new BookKeeper(venue, { listener: new Watch() })
  keeper.applyRecords(recordsOfFixture(lines))
  const { gaps, disconnects, undecodedFrames } = keeper.summary()
  return {
    digest: keeper.digest().digest,
    troubles: troubles + gaps + disconnects + undecodedFrames,
    books,
  }
}

const decodedOf = (venue: Venue, fixture: VenueFixture): Decoded =>
  decodeAll(venue.newDecoder(), recordsOfFixture(fixture.lines))

/** Sessions in which nothing goes wrong and a proof of the venue holds: damage to them must show. */
const provenSessions = (venue: Venue): readonly VenueFixture[] =>
  venueFixtures(venue.id).filter((fixture) => {
    const { events, notices } = decodedOf(venue, fixture)
    const isProven = events.some(
      (event) => event.kind === 'check' || (event.kind === 'book-valid' && event.verified),
    )
    return isProven && !notices.some(({ kind }) => kind === 'gap' || kind === 'undecoded')
  })

/** Places of frames whose connection sends another one later: a loss at the very end cannot show. */
const framesBeforeOthers = (lines: readonly FixtureLine[]): readonly number[] =>
  lines.flatMap(({ kind, connection }, index) =>
    kind === 'frame' &&
    lines.slice(index + 1).some((later) => later.kind === 'frame' && later.connection === connection)
      ? [index]
      : [],
  )

const expectUnharmedOrTold = (venue: Venue, damaged: readonly FixtureLine[], sound: Outcome): void => {
  const outcome = outcomeOf(venue, damaged)
  if (outcome.digest === sound.digest) return
  // A book that never became valid was not passed off as a sound one either.
  const isTold = outcome.troubles > sound.troubles || outcome.books < sound.books
  expect(isTold ? 'told' : damaged).toBe('told')
}

const describeNames = (venue: Venue): void => {
  it.each(['BTC-USD', 'ETH-BTC', 'AVAX-USD', 'XRP-EUR'])('translates %s to its symbol and back', (pair) => {
    const symbol = venue.symbolOf(pair)
    expect(venue.pairOf(symbol)).toBe(pair)
    expect(venue.pairOf(pair)).toBe(pair)
    expect(venue.symbolOf(symbol)).toBe(symbol)
    expect(isPair(pair)).toBe(true)
  })

  it.each(['', '-', 'BTC-', 'no pair', '../..', '__proto__'])('takes %j for no pair', (text) => {
    expect(venue.pairOf(text)).toBeUndefined()
  })

  it('offers feeds, and chooses only among them', () => {
    expect(venue.feeds.length).toBeGreaterThan(0)
    const chosen = venue.chooseFeed(undefined, undefined)
    expect(isRight(chosen) && venue.feeds.includes(chosen.right.feed)).toBe(true)
    expect(isLeft(venue.chooseFeed('no such feed', undefined))).toBe(true)
  })

  it('has credentials whole or not at all', () => {
    const none = venue.credentialsFrom({})
    expect(isRight(none) && none.right).toBe(undefined)
    const [first, ...others] = venue.credentialVariables
    if (first !== undefined && others.length > 0)
      expect(isLeft(venue.credentialsFrom({ [first]: 'some' }))).toBe(true)
  })
}

const describeFixture = (venue: Venue, fixture: VenueFixture): void => {
  it('is the file its meta speaks of', () => {
    expect(fixture.sha256).toBe(fixture.meta.sha256)
    expect(fixture.lines.length).toBe(fixture.meta.entries)
    expect(fixture.meta.licence).toBe('MIT')
  })

  it('decodes, whole numbers after an instrument, a book after its start', () => {
    const { events, notices } = decodedOf(venue, fixture)
    expect(notices.filter(({ kind }) => kind === 'started').length).toBeGreaterThan(0)
    const firstOf = (...kinds: string[]): number => events.findIndex(({ kind }) => kinds.includes(kind))
    expect(firstOf('instrument')).toBeGreaterThanOrEqual(0)
    expect(firstOf('book-started')).toBeGreaterThanOrEqual(0)
    const rows = firstOf('order-opened', 'level-set')
    expect(rows).toBeGreaterThan(firstOf('instrument'))
    expect(rows).toBeGreaterThan(firstOf('book-started'))
    for (const event of events) {
      if (!('price' in event) || !('size' in event)) continue
      expect(Number.isSafeInteger(event.price)).toBe(true)
      expect(Number.isSafeInteger(event.size)).toBe(true)
    }
  })

  it('says the same twice, and after a cut anywhere', () => {
    const records = recordsOfFixture(fixture.lines)
    const whole = decodeAll(venue.newDecoder(), records)
    expect(decodeAll(venue.newDecoder(), records)).toEqual(whole)
    const split = splitRecords(records)
    for (let cut = 0; cut <= split.length; cut++)
      expect(decodeWithCut(() => venue.newDecoder(), split, cut)).toEqual(whole)
  })

  it('gives the same book whenever its keeper is stopped and goes on', () => {
    const split = splitRecords(recordsOfFixture(fixture.lines))
    const whole = new BookKeeper(venue)
    for (const record of split) whole.applyRecords(record)
    for (let cut = 0; cut < split.length; cut++) {
      const before = new BookKeeper(venue)
      for (const record of split.slice(0, cut)) before.applyRecords(record)
      const after = new BookKeeper(venue)
      after.restore(before.save())
      for (const record of split.slice(cut)) after.applyRecords(record)
      expect(after.digest()).toEqual(whole.digest())
    }
  })
}

const describeDamage = (venue: Venue): void => {
  it('tells of every lost, doubled or swapped frame that changes the book', () => {
    const sessions = provenSessions(venue)
    expect(sessions.length).toBeGreaterThan(0)
    for (const { lines } of sessions) {
      const sound = outcomeOf(venue, lines)
      for (const index of framesBeforeOthers(lines)) {
        const frame = lines[index]
        const next = lines[index + 1]
        if (frame === undefined || next === undefined) continue
        expectUnharmedOrTold(venue, lines.toSpliced(index, 1), sound)
        expectUnharmedOrTold(venue, lines.toSpliced(index, 0, frame), sound)
        if (next.kind !== 'frame' || next.connection !== frame.connection) continue
        const swapped = [
          { ...next, receiveTime: frame.receiveTime },
          { ...frame, receiveTime: next.receiveTime },
        ]
        expectUnharmedOrTold(venue, lines.toSpliced(index, 2, ...swapped), sound)
      }
    }
  })

  it('never throws for garbage, and counts what is no frame of its own', () => {
    const texts = venueFixtures(venue.id).flatMap(({ lines }) =>
      lines.flatMap(({ kind, text }) => (kind === 'frame' && text !== undefined ? [text] : [])),
    )
    const cutText = fc
      .tuple(fc.constantFrom(...texts), fc.nat(), fc.nat(), fc.string({ maxLength: 3 }))
      .map(([text, from, length, inserted]) => {
        const at = from % text.length
        return text.slice(0, at) + inserted + text.slice(at + (length % 6))
      })
    const frame = fc.oneof(cutText, fc.constantFrom(...texts), fc.json(), fc.string())
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 30 }), (frames) => {
        const script = new EntryScript().runStarted(
          manifestOf({ venue: venue.id, symbol: venue.symbolOf('BTC-USD') }),
        )
        script.opened()
        for (const text of frames) script.after(1_000).frame(text)
        const keeper = new BookKeeper(venue)
        keeper.applyRecords(script.records())
        expect(keeper.summary().entries).toBe(frames.length + 2)
      }),
    )
    const script = new EntryScript()
      .opened()
      .frame('no json {')
      .binary(new Uint8Array([0, 159, 146, 150]))
    const { notices } = decodeAll(venue.newDecoder(), script.records())
    expect(notices.filter(({ kind }) => kind === 'undecoded')).toHaveLength(2)
  })
}

export const venueContract = (venue: Venue): void => {
  describe(`${venue.name} as a venue`, () => {
    describeNames(venue)
    describe.each(venueFixtures(venue.id))('fixture $name', (fixture) => {
      describeFixture(venue, fixture)
    })
    describeDamage(venue)
  })
}
