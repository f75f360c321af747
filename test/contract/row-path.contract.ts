/**
 * A frame read from its row and the same frame read from its text are one: every venue must say and hold the same,
 * wherever rows come from. Runs over fixtures, captures, generated feeds and spoiled frames.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { Venue } from '../../src/venues/venue.ts'
import { captureNames, capturesFolder, readCapture } from '../support/captures.ts'
import { EntryScript, manifestOf, recordsOfCapture } from '../support/entries.ts'
import { type FeedOptions, generatedFeed } from '../support/generated-feeds.ts'
import { spoiledText } from '../support/spoiled-texts.ts'
import {
  expectTwinKeepers,
  expectTwins,
  type TwinFigures,
  type ViewSource,
} from '../support/twin-decoding.ts'
import { recordsOfFixture, venueFixtures } from '../support/venue-fixtures.ts'

/** Entries between two comparisons of saved states: none too many for small sessions, odd for large ones. */
const EVERY_ENTRY = 1
const SAMPLE = 97
const RARE = 997

const expectOnePath = (
  venue: Venue,
  records: Uint8Array,
  source: ViewSource,
  sample: number,
): TwinFigures => {
  expectTwinKeepers(venue, records, source, sample)
  return expectTwins(venue, records, source, sample)
}

/** Every feed of the venue, sound and over a bad line. */
const feedsOf = (venue: Venue): readonly FeedOptions[] =>
  venue.feeds.flatMap((feed, index) => [
    { feed, seed: 20 + index, events: 3000 },
    { feed, seed: 40 + index, events: 1000, connections: 4, isFaulty: true },
  ])

const describeCaptures = (venue: Venue, source: ViewSource): void => {
  const folder = capturesFolder()
  if (folder === undefined) {
    it.skip('captures: no folder of captures here', () => undefined)
    return
  }
  describe.each(captureNames(folder, `${venue.id}-`))('capture %s', (name) => {
    const { lines, meta } = readCapture(folder, name)
    // A book taken as complete tells something of captures that have no snapshot, and of the others too.
    it.each(meta.symbols)('%s', (symbol) => {
      const manifest = manifestOf({ venue: venue.id, symbol, assumeEmptyBook: true })
      const records = recordsOfCapture(lines, manifest)
      // Books that refuse are met by one symbol of each capture.
      if (symbol === meta.symbols[0]) expectTwinKeepers(venue, records, source, RARE)
      expectTwins(venue, records, source, RARE)
    })
  })
}

const describeSpoiledFrames = (venue: Venue, source: ViewSource): void => {
  it('spoiled frames between sound ones', () => {
    const sessions = venueFixtures(venue.id).map(({ lines }) => lines)
    const session = fc.constantFrom(...sessions)
    const places = fc.array(fc.tuple(fc.nat(), spoiledText()), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(session, places, (lines, spoils) => {
        const spoiled = [...lines]
        for (const [place, spoil] of spoils) {
          const line = spoiled[place % spoiled.length]
          if (line?.kind !== 'frame' || line.text === undefined) continue
          spoiled[place % spoiled.length] = { ...line, text: spoil(line.text) }
        }
        expectOnePath(venue, recordsOfFixture(spoiled), source, EVERY_ENTRY)
      }),
      { numRuns: 100 },
    )
  })

  it('frames of nothing but garbage', () => {
    const frame = fc.oneof(
      fc.json(),
      fc.string(),
      fc.constantFrom('', '[', '{}', '[]', '\ufeff[1]', '['.repeat(3000)),
    )
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 30 }), (frames) => {
        const manifest = manifestOf({ venue: venue.id, symbol: venue.symbolOf('BTC-USD') })
        const script = new EntryScript().runStarted(manifest).opened()
        for (const text of frames) script.after(1_000).frame(text)
        expectOnePath(venue, script.records(), source, EVERY_ENTRY)
      }),
    )
  })
}

export const rowPathContract = (venue: Venue, name: string, source: ViewSource): void => {
  describe(`${venue.name} decoded from ${name} says what it says decoded from text`, () => {
    it.each(venueFixtures(venue.id))('fixture $name', ({ lines }) => {
      const records = recordsOfFixture(lines)
      expectOnePath(venue, records, source, EVERY_ENTRY)
      const figures = expectOnePath(venue, records, source, SAMPLE)
      expect(figures.calls).toBeGreaterThan(0)
      expect(figures.rows).toBeGreaterThan(0)
    })

    it.each(feedsOf(venue))('generated $feed, seed $seed', (options) => {
      const figures = expectOnePath(venue, generatedFeed(options), source, SAMPLE)
      expect(figures.calls).toBeGreaterThan(1000)
      // Most frames are never read as text.
      if (options.isFaulty !== true) expect(figures.unread / figures.rows).toBeGreaterThan(0.5)
    })

    describeCaptures(venue, source)
    describeSpoiledFrames(venue, source)
  })
}
