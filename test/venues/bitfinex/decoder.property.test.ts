import { Buffer } from 'node:buffer'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { EntryCursor, EntryWriter } from '../../../src/log/entry.ts'
import { microsOf } from '../../../src/market/time.ts'
import { BookKeeper } from '../../../src/replay/keeper/book-keeper.ts'
import { bitfinexVenue } from '../../../src/venues/bitfinex/venue.ts'
import { splitRecords } from '../../support/entries.ts'
import { fixtureNamed } from './fixtures.ts'
import { runKeeper } from './keeper-run.ts'
import { BOOK, TRADES, VenueScript } from './venue-script.ts'

interface Frame {
  readonly text: string
  readonly after: number
}

/** A session of single changes; the frames in the middle can be cut, repeated, swapped. */
const session = (frames: readonly Frame[]): Uint8Array => {
  const script = opening()
  for (const { text, after } of frames) {
    script.after(after)
    script.entries.frame(text)
  }
  return script.records()
}

const opening = (): VenueScript =>
  new VenueScript()
    .connect()
    .bookSubscribed()
    .tradesSubscribed()
    .data(BOOK, [[1, 100, 1]])
    .data(TRADES, [])

const numbered = (ids: readonly number[]): readonly Frame[] => {
  const script = opening()
  return ids.map((id, index) => {
    const body = JSON.stringify([id, 90 + (id % 9), 1])
    const items =
      index % 5 === 4
        ? [String(TRADES), '"te"', `[${String(index)},1,1,1]`]
        : [String(index % 7 === 6 ? 999 : BOOK), index % 3 === 2 ? '"hb"' : body]
    return { text: script.text(items), after: (id * 7) % 50 }
  })
}

const ids = fc.array(fc.integer({ min: 2, max: 40 }), { minLength: 3, maxLength: 40 })

describe('the counter of a socket', () => {
  it('reports nothing while every frame comes once and in order', () => {
    fc.assert(
      fc.property(ids, (changes) => {
        const { keeper } = runKeeper(session(numbered(changes)))
        expect(keeper.summary()).toMatchObject({ valid: true, gaps: 0, undecodedFrames: 0 })
      }),
    )
  })

  it('proves the loss of any frame of any channel with the next one', () => {
    fc.assert(
      fc.property(ids, fc.nat(), (changes, choice) => {
        const frames = numbered(changes)
        const lost = choice % (frames.length - 1)
        const { keeper, commands } = runKeeper(session(frames.filter((_, index) => index !== lost)))
        expect(keeper.summary()).toMatchObject({ valid: false, reason: 'venue-sequence', gaps: 1 })
        expect(commands.filter((command) => command.kind === 'reconnect')).toHaveLength(1)
      }),
    )
  })

  it('drops a frame that comes twice, and says so', () => {
    fc.assert(
      fc.property(ids, fc.nat(), (changes, choice) => {
        const frames = numbered(changes)
        const twice = choice % frames.length
        const repeated = frames.flatMap((frame, index) =>
          index === twice ? [frame, { ...frame, after: 0 }] : [frame],
        )
        const once = runKeeper(session(frames))
        const { keeper, events } = runKeeper(session(repeated))
        expect(keeper.takeVerdict()).toMatchObject({
          gaps: [],
          undecoded: { kinds: { 'duplicate-sequence': 1 } },
        })
        expect(keeper.summary()).toMatchObject({ valid: true })
        expect(events).toEqual(once.events)
      }),
    )
  })

  it('proves that frames changed places, and that the count began anew', () => {
    fc.assert(
      fc.property(ids, fc.nat(), fc.boolean(), (changes, choice, isRestart) => {
        const frames = [...numbered(changes)]
        const place = choice % (frames.length - 1)
        const [first, second] = [frames[place], frames[place + 1]]
        if (first === undefined || second === undefined) return
        if (isRestart) frames.push({ text: `[${String(BOOK)},"hb",1,1]`, after: 0 })
        else frames.splice(place, 2, second, first)
        const { keeper } = runKeeper(session(frames))
        expect(keeper.summary()).toMatchObject({ valid: false, reason: 'venue-sequence' })
        expect(keeper.summary().gaps).toBeGreaterThan(0)
      }),
    )
  })
})

describe('garbage', () => {
  const json = fc.json({ maxDepth: 4 })
  const cell = fc.oneof(
    fc.integer(),
    fc.double(),
    fc.constantFrom(0, 1, -1, BOOK, TRADES, null, 'hb', 'cs', 'te'),
  )
  const row = fc.array(cell, { maxLength: 5 })
  const arrayFrame = fc
    .tuple(fc.constantFrom(BOOK, TRADES, 0, -1, 999, '17', null), fc.oneof(cell, row, fc.array(row)), row)
    .map(([channel, body, tail]) => JSON.stringify([channel, body, ...tail]))
  const names = fc.constantFrom('info', 'conf', 'subscribed', 'unsubscribed', 'error', 'x')
  const code = fc.constantFrom(20051, 20060, 20061, 10300, 10301, 10305, 10400, 1, null, 'x')
  const field = fc.oneof(
    fc.constantFrom('book', 'trades', 'tBTCUSD', 'R0', 'OK', BOOK, TRADES, 229_376),
    cell,
  )
  const event = fc
    .record(
      {
        event: names,
        code,
        version: field,
        channel: field,
        chanId: field,
        symbol: field,
        prec: field,
        flags: field,
        status: field,
        platform: fc.object({ maxDepth: 1 }),
      },
      { requiredKeys: ['event'] },
    )
    .map((value) => JSON.stringify(value))
  const timer = fc
    .constantFrom('subscribe', 'resubscribe', 'maintenance', 'silence')
    .map((name) => JSON.stringify({ timer: name, cause: name }))
  const payload = fc.oneof(json, arrayFrame, event, timer, fc.string(), fc.constant('['.repeat(5000)))
  const kind = fc.constantFrom(
    ...(['frame', 'frame', 'frame', 'frame', 'frame', 'sent', 'timer', 'opened', 'closed'] as const),
    ...(['response', 'run-started', 'run-ended', 'clock'] as const),
  )
  const entry = fc.record({ kind, payload, connection: fc.nat(3), isBinary: fc.boolean() })

  it('never throws, and leaves a state that can be saved and goes on alike', () => {
    const start = splitRecords(fixtureNamed('r0-session').records).slice(0, 20)
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 60 }), (entries) => {
        const writer = new EntryWriter()
        entries.forEach((each, index) => {
          const bytes = Buffer.from(each.payload)
          const isBinary = each.isBinary && index % 9 === 0
          const time = microsOf(1_700_000_001_000_000 + index * 1000)
          writer.append(each.kind, start.length + index + 1, time, each.connection, bytes, isBinary)
        })
        const records = Buffer.concat([...start, writer.take() ?? Buffer.alloc(0)])
        const whole = runKeeper(records)
        const cut = runKeeper(records, true)
        expect(cut.events).toEqual(whole.events)
        expect(cut.commands).toEqual(whole.commands)
      }),
      { numRuns: 300 },
    )
  })

  it('of waiting channels stays within its bound', () => {
    const script = new VenueScript().connect()
    for (let index = 0; index < 3000; index++) script.data(1000 + (index % 700), [index, 1, 1])
    const keeper = new BookKeeper(bitfinexVenue)
    const cursor = new EntryCursor(script.records())
    while (cursor.next()) keeper.apply(cursor)
    expect(keeper.save().length).toBeLessThan(100_000)
    expect(keeper.summary().gaps).toBe(0)
  })
})
