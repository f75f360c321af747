import { describe, expect, it } from 'vitest'

import { decimalText } from '../../../src/market/decimal.ts'
import { fixtureNamed, fixtures } from './fixtures.ts'
import { expectSameAtEveryCut, type KeeperRun, runKeeper } from './keeper-run.ts'
import { BOOK, VenueScript } from './venue-script.ts'

const validity = ({ events }: KeeperRun): readonly string[] =>
  events.flatMap((event) => {
    if (event.kind === 'book-valid') return [event.verified ? 'verified' : 'valid']
    return event.kind === 'book-invalid' ? [event.reason] : []
  })

const commandTexts = ({ commands }: KeeperRun): readonly string[] =>
  commands.map((command) => {
    switch (command.kind) {
      case 'send':
        return `${String(command.connection)} ${command.frame.text}`
      case 'reconnect':
        return `${String(command.connection)} reconnect ${command.cause}`
      case 'renew':
        return `${String(command.connection)} renew`
      case 'refused':
        return `${String(command.connection)} refused ${command.text}`
      case 'timer':
        return `timer ${command.timer}`
      case 'request':
        return `request ${command.path}`
    }
  })

describe.each(fixtures)('session $name', (fixture) => {
  it('is the file its description is about', () => {
    expect(fixture.meta).toMatchObject({ sha256: fixture.sha256, entries: fixture.entries })
  })

  it('goes on from any entry as if never stopped', () => {
    expectSameAtEveryCut(fixture.records)
  })
})

describe('an ordinary raw session', () => {
  const run = runKeeper(fixtureNamed('r0-session').records)
  const verdict = run.keeper.takeVerdict()

  it('rebuilds the book, verified by checksums, and loses nothing', () => {
    expect(verdict).toMatchObject({ gaps: [], undecoded: { frames: 0 }, checksums: { right: 3, wrong: 0 } })
    expect(verdict.disconnects.map(({ cause }) => cause)).toEqual(['disconnect'])
    expect(validity(run)).toEqual(['valid', 'disconnect', 'valid', 'run-ended'])
    const book = run.keeper.book()
    const rows = [...book.orders('bid'), ...book.orders('ask')].map(({ order, side, price, size }) => [
      run.keeper.orderId(order),
      side,
      decimalText(price, book.priceScale),
      decimalText(size, book.sizeScale),
    ])
    expect(rows).toEqual([
      ['5', 'bid', '6001.25', '0.125'],
      ['2', 'bid', '6000', '1.8'],
      ['3', 'ask', '6100.5', '1.25'],
    ])
  })

  it('tells every trade once, in the order told first, and no history', () => {
    const trades = run.events.flatMap((event) =>
      event.kind === 'traded' ? [[event.tradeId, event.aggressor, event.exchangeTime]] : [],
    )
    expect(trades).toEqual([
      [103, 'buy', 1_700_000_000_230_000],
      [102, 'sell', 1_700_000_000_229_000],
    ])
  })

  it('ends a transaction with each burst, at its checksum at the latest', () => {
    const ends = run.events.flatMap((event) =>
      event.kind === 'transaction-ended' || event.kind === 'check' || event.kind === 'book-started'
        ? [event.kind]
        : [],
    )
    const [start, end, check] = ['book-started', 'transaction-ended', 'check']
    expect(ends).toEqual([start, end, end, check, end, end, check, start, end, end, check])
  })

  it('moves an amended order, and opens one that changes sides', () => {
    const kinds = run.events.map((event) => event.kind)
    expect(kinds.filter((kind) => kind === 'order-changed')).toHaveLength(2)
    expect(kinds.filter((kind) => kind === 'order-removed')).toHaveLength(2)
    const ranks = run.events.flatMap((event) => (event.kind === 'order-opened' ? [event.rank] : []))
    expect(ranks).toEqual([1, 2, 3, 4, 1, 4, 2, 3, 5])
  })
})

describe('a session of levels with unusual numbers', () => {
  const run = runKeeper(fixtureNamed('p0-literals').records)
  const verdict = run.keeper.takeVerdict()

  it('checks the texts as they came and recovers the one channel', () => {
    expect(verdict.checksums).toEqual({ right: 3, wrong: 1 })
    expect(verdict.gaps.map(({ cause, expected }) => [cause, expected])).toEqual([
      ['checksum', '123'],
      ['not-representable', ''],
    ])
    expect(verdict.disconnects).toEqual([])
    expect(validity(run)).toEqual(['valid', 'checksum', 'valid', 'not-representable', 'valid', 'run-ended'])
  })

  it('asks for that channel again, and once more when the venue calls it a duplicate', () => {
    const again = {
      event: 'subscribe',
      channel: 'book',
      symbol: 'tXRPBTC',
      prec: 'P0',
      freq: 'F0',
      len: '250',
    }
    const sends = commandTexts(run).filter((text) => text.startsWith('1 '))
    expect(sends).toEqual([
      '1 {"event":"unsubscribe","chanId":17}',
      `1 ${JSON.stringify(again)}`,
      '1 {"event":"unsubscribe","chanId":19}',
      `1 ${JSON.stringify(again)}`,
      `1 ${JSON.stringify(again)}`,
    ])
    expect(commandTexts(run)).toContain('timer resubscribe')
  })
})

describe('a session full of trouble', () => {
  const run = runKeeper(fixtureNamed('trouble').records)
  const verdict = run.keeper.takeVerdict()

  it('counts what nobody understands, by its kind', () => {
    expect(verdict.undecoded.kinds).toEqual({
      'malformed:book': 1,
      'not-json': 1,
      primitive: 2,
      'malformed:frame': 1,
      binary: 1,
      'malformed:event': 1,
      'event:surprise': 1,
      'error:10000': 1,
      'error:10305': 1,
      'error:10300': 1,
      'info:20999': 1,
      'malformed:trades': 1,
      'book:news': 1,
      'duplicate-sequence': 1,
    })
  })

  it('tells losses as gaps and interruptions as disconnects, each once', () => {
    expect(verdict.gaps.map(({ cause, expected, found }) => [cause, expected, found])).toEqual([
      ['malformed', '', 'price: "9"'],
      ['venue-sequence', '13', '14'],
      ['venue-sequence', '1', '6'],
    ])
    expect(verdict.disconnects.map(({ cause }) => cause)).toEqual(['maintenance', 'maintenance', 'stale'])
  })

  it('knows at each moment whether and why the book may not be used', () => {
    expect(validity(run)).toEqual([
      'valid',
      'malformed',
      'valid',
      'maintenance',
      'valid',
      'venue-sequence',
      'valid',
      'maintenance',
      'valid',
      'stale',
      'run-ended',
    ])
  })

  it('takes nothing into a book that is not valid, but goes on with trades', () => {
    const [hole] = verdict.gaps.filter(({ expected }) => expected === '13')
    expect(hole).toBeDefined()
    const opened = run.events.flatMap((event) => (event.kind === 'order-opened' ? [event.rank] : []))
    for (const id of [4, 6, 9, 10]) expect(opened).not.toContain(id)
    expect(run.events.flatMap((event) => (event.kind === 'traded' ? [event.tradeId] : []))).toEqual([2])
  })

  it('asks for a new connection where the socket failed, once, and says what was refused', () => {
    const answers = commandTexts(run).filter((text) => /reconnect|renew|refused/.test(text))
    expect(answers).toEqual([
      '1 reconnect resubscribe',
      '2 renew',
      '4 reconnect resubscribe',
      '5 refused symbol: invalid (10300)',
      '6 reconnect stale',
    ])
  })

  it('subscribes every channel of ours anew after maintenance', () => {
    const sent = commandTexts(run).filter((text) => text.startsWith('1 {'))
    expect(sent.slice(2).map((text) => text.replace(/,"symbol.*/, ''))).toEqual([
      '1 {"event":"unsubscribe","chanId":19}',
      '1 {"event":"subscribe","channel":"book"',
      '1 {"event":"unsubscribe","chanId":18}',
      '1 {"event":"subscribe","channel":"trades"',
    ])
  })
})

describe('a server that is about to stop', () => {
  const stopping = (): VenueScript =>
    new VenueScript()
      .connect()
      .bookSubscribed()
      .tradesSubscribed()
      .data(BOOK, [
        [1, 100, 5],
        [2, 101, -5],
      ])
      .event({ event: 'info', code: 20_051, msg: 'stop' })
      .data(BOOK, [3, 99, 1])
  const closed = (script: VenueScript): Uint8Array => {
    script.entries.closed(1)
    return script.records()
  }

  it('has its connection renewed, and is followed until it closes', () => {
    const run = runKeeper(stopping().records())
    expect(commandTexts(run)).toContain('1 renew')
    expect(run.keeper.summary()).toMatchObject({ valid: true, disconnects: 0 })
    expect(run.keeper.book().orders('bid')).toHaveLength(2)
  })

  it('leaves a valid book where the new connection was there in time', () => {
    const fresh = stopping()
      .connect(2)
      .bookSubscribed(2)
      .tradesSubscribed(2)
      .data(BOOK, [[1, 100, 5], [2, 101, -5], [3, 99, 1]], 2) // prettier-ignore
    const records = closed(fresh)
    const run = runKeeper(records)
    // Told once more when the other connection's book is taken over, and never as invalid.
    expect(validity(run)).toEqual(['valid', 'valid'])
    expect(run.keeper.summary()).toMatchObject({ valid: true, disconnects: 0, gaps: 0 })
    expectSameAtEveryCut(records)
  })

  it('is an interruption for maintenance where it was not', () => {
    const records = closed(stopping())
    const run = runKeeper(records)
    expect(validity(run)).toEqual(['valid', 'maintenance'])
    expect(run.keeper.takeVerdict().disconnects.map(({ cause }) => cause)).toEqual(['maintenance'])
    expectSameAtEveryCut(records)
  })
})

describe('sockets with other flags', () => {
  const run = runKeeper(fixtureNamed('other-flags').records)
  const verdict = run.keeper.takeVerdict()

  it('are read by the flags they agreed on, and never verified', () => {
    expect(verdict).toMatchObject({ gaps: [], undecoded: { frames: 0 }, verifiedMicros: 0 })
    expect(validity(run)).toEqual(['valid', 'disconnect', 'valid', 'run-ended'])
    const book = run.keeper.book()
    expect(book.kind).toBe('levels')
    const bids = book.top('bid').map((level) => [level.price, level.size, level.orderCount])
    expect(book.priceScale).toBe(2)
    expect(bids).toEqual([[1050, 4, 1]])
  })

  it('apply a group as one transaction', () => {
    const opened = run.events.flatMap((event) => (event.kind === 'order-opened' ? [event.rank] : []))
    expect(opened).toEqual([1, 2, 3, 4])
  })
})

describe('a book that cannot be held', () => {
  const idsOf = ({ keeper }: KeeperRun): readonly string[] =>
    [...keeper.book().orders('bid'), ...keeper.book().orders('ask')].map(({ order }) => keeper.orderId(order))
  const started = (): VenueScript => new VenueScript().connect().bookSubscribed()

  it('keeps the ids of a crossed book when the frame that shows it is a delete', () => {
    const script = started().data(BOOK, [
      [1, 100, 5],
      [2, 101, -5],
    ])
    script.after(200).data(BOOK, [3, 102, 5]).after(200).data(BOOK, [1, 0, 1])
    const run = runKeeper(script.records())
    expect(run.keeper.summary()).toMatchObject({ valid: false, reason: 'crossed', gaps: 1 })
    expect(idsOf(run)).toEqual(['3', '1', '2'])
  })

  it('comes back with the next snapshot, whatever scale the value asked for that was too fine', () => {
    const large = [1, 100, 9_007_199]
    const script = started().data(BOOK, [large, [2, 101, -5]])
    script.after(200).data(BOOK, [3, 99, 1e-10])
    const lost = runKeeper(script.records())
    expect(lost.keeper.summary()).toMatchObject({ valid: false, reason: 'not-representable', gaps: 1 })
    expect(idsOf(lost)).toEqual(['1', '2'])
    script.event({ event: 'unsubscribed', status: 'OK', chanId: BOOK }).bookSubscribed(1, 18)
    script.data(18, [large, [2, 101, -5]]).data(18, [4, 99.5, 0.25])
    lost.keeper.applyRecords(script.records())
    expect(lost.keeper.summary()).toMatchObject({ valid: true, gaps: 1, bestBid: '100' })
    expect(idsOf(lost)).toEqual(['1', '4', '2'])
  })
})

describe('a channel that is not confirmed yet', () => {
  const early = (third: string): KeeperRun => {
    const script = new VenueScript().connect().data(BOOK, [
      [1, 100, 5],
      [2, 101, -5],
    ])
    script.entries.frame(`[17,[3,99,5],2,${third}]`)
    return runKeeper(script.bookSubscribed().records())
  }

  it('gives its book when all of its frames could be kept', () => {
    expect(early('1600000000000').keeper.summary()).toMatchObject({ valid: true, undecodedFrames: 0 })
  })

  it('gives no book when a frame of it could not be read', () => {
    const run = early('"x"')
    expect(run.keeper.summary()).toMatchObject({ valid: false, undecodedFrames: 1 })
    expect(commandTexts(run).filter((text) => text.startsWith('1 {"event":"subscribe"'))).toHaveLength(1)
  })
})

describe('a frame too short for its tail', () => {
  it('is malformed: its channel is not taken for a number of the socket', () => {
    const script = new VenueScript().connect()
    script.entries.frame('[5,1600000000000]')
    script.bookSubscribed().data(BOOK, [[1, 100, 5]])
    const verdict = runKeeper(script.records()).keeper.takeVerdict()
    expect(verdict).toMatchObject({ gaps: [], undecoded: { kinds: { 'malformed:frame': 1 } } })
    expect(verdict.book.valid).toBe(true)
  })
})
