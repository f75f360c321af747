import { describe, expect, it } from 'vitest'

import { terminalScreen } from '../../../src/cli/printing/record-screen.ts'
import { EntryRates, type RecordingView, statusLines } from '../../../src/cli/printing/status-table.ts'
import { emptyStatus, type StreamStatus } from '../../../src/recorder/stream-status.ts'

const figures = { count: 9, least: -5, p50: 1, p90: 2, p99: 3, most: 4, last: 12_345 }

const statusOf = (changes: Partial<StreamStatus> = {}): StreamStatus => ({
  ...emptyStatus('coinbase:BTC-USD'),
  state: 'live',
  valid: true,
  reason: null,
  verified: true,
  entries: 1000,
  lastPrice: '60026.83',
  bestBid: '60026.8',
  bestAsk: '60027.13',
  checksums: { right: 1234, wrong: 2 },
  validShare: 0.9994,
  latency: figures,
  ...changes,
})

const viewOf = (...streams: readonly StreamStatus[]): RecordingView => ({
  streams,
  paused: undefined,
  freeBytes: 12_345_678_901,
})

/** As long as any of them may get. */
const longest = statusOf({
  stream: 'bitfinex:LONGNAME-LONGNAME',
  valid: false,
  reason: 'not-representable',
  lastPrice: '123456789.12345678',
  bestBid: '1.12345678',
  bestAsk: '99999999.12345678',
  gaps: 123_456_789,
  checksums: { right: 987_654_321, wrong: 123_456 },
  spooledChunks: 123_456,
  latency: { ...figures, last: -999_000_000 },
  storeAway: {
    why: 'nobody answers at any of the addresses that were given for it, and so on',
    milliseconds: 5,
  },
  sealMismatches: 5,
})

describe('statusLines', () => {
  it('tells what an operator looks for', () => {
    const [head, row, foot] = statusLines(viewOf(statusOf()), new Map([['coinbase:BTC-USD', 1234]]))
    expect(head?.split(/ +/)).toEqual('stream state fr/s last spread lag gaps checks valid sp'.split(' '))
    expect(row?.split(/ +/)).toEqual(
      'coinbase:BTC-USD verified 1.2k 60026.83 0.33 12ms 0 1.2k/2 99.9 0'.split(' '),
    )
    expect(foot).toMatch(/^disk: 12\.3 GB free; journal: 0 B/)
  })

  it('tells no lag and no spread of a venue that sends nothing', () => {
    const waiting = statusOf({
      state: 'waiting',
      valid: false,
      reason: 'stale',
      bestBid: null,
      bestAsk: null,
    })
    const [, row] = statusLines(viewOf(waiting), new Map())
    expect(row?.split(/ +/)).toEqual('coinbase:BTC-USD waiting - 60026.83 - - 0 1.2k/2 99.9 0'.split(' '))
  })

  it("tells a product that does not trade as usual, in the venue's words", () => {
    const product = { says: 'online, cancel_only', priceIncrement: null, sizeIncrement: null } as const
    const lines = (trading: 'open' | 'limited' | 'paused' | 'delisted', state: StreamStatus['state']) =>
      statusLines(viewOf(statusOf({ state, product: { ...product, trading } })), new Map())
    expect(lines('open', 'live').length).toBe(3)
    expect(lines('limited', 'live')[1]).toContain(' verified ')
    expect(lines('limited', 'live').at(-1)).toBe('coinbase:BTC-USD: limited (online, cancel_only)')
    expect(lines('paused', 'live')[1]).toContain(' paused ')
    expect(lines('paused', 'waiting')[1]).toContain(' waiting ')
    expect(lines('delisted', 'refused')[1]).toContain(' delisted ')
  })

  it('says why nothing can be told, and why nothing is recorded', () => {
    const fresh = { ...emptyStatus('toy:A-B'), state: 'standby' as const }
    const invalid = statusOf({ valid: false, reason: 'stale' })
    const lines = statusLines({ ...viewOf(fresh, invalid), paused: 'The disk is nearly full.' }, new Map())
    expect(lines[1]?.split(/ +/)).toEqual('toy:A-B standby - - - - 0 0/0 - 0'.split(' '))
    expect(lines[2]).toMatch(/^coinbase:BTC-USD stale /)
    expect(lines.at(-1)).toBe('The disk is nearly full.')
  })

  it('never needs more than 80 columns', () => {
    const lines = statusLines(viewOf(statusOf(), longest), new Map([[longest.stream, 99_999_999]]))
    expect(lines.length).toBe(6)
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(80)
  })
})

describe('EntryRates', () => {
  it('tells frames a second, also where samples of them are recorded, and begins anew with a new run', () => {
    const rates = new EntryRates()
    rates.note([statusOf({ followed: 100 })], 0)
    expect(rates.rates.size).toBe(0)
    rates.note([statusOf({ followed: 300 })], 2000)
    expect(rates.rates.get('coinbase:BTC-USD')).toBe(100)
    rates.note([statusOf({ followed: 3 })], 3000)
    expect(rates.rates.get('coinbase:BTC-USD')).toBe(100)
    rates.note([statusOf({ followed: 203 })], 4000)
    expect(rates.rates.get('coinbase:BTC-USD')).toBe(150)
  })
})

/** A terminal that does what it is told: the few sequences that the screen uses. */
class FakeTerminal {
  columns = 80
  rows = 24
  writes = 0
  erasures = 0
  readonly lines: string[] = ['']
  private row = 0

  readonly write = (text: string): void => {
    this.writes++
    for (const [piece] of text.matchAll(/\x1b\[\d*[AJK]|[\r\n]|[^\x1b\r\n]+/g)) {
      const [, count, command] = /^\x1b\[(\d*)([AJK])$/.exec(piece) ?? []
      if (command === 'A') this.row -= Number(count)
      else if (command === 'J') this.lines.splice(this.row, Infinity, '')
      else if (piece === '\n') {
        this.row++
        this.lines[this.row] ??= ''
      } else if (command === undefined && piece !== '\r') this.lines[this.row] = piece
    }
  }
}

describe('terminalScreen', () => {
  it('shows all of it on a terminal that does not know its size', () => {
    const terminal = Object.assign(new FakeTerminal(), { columns: 0, rows: 0 })
    terminalScreen(terminal, () => 0).showStatus(viewOf(statusOf()))
    expect(terminal.lines).toEqual([...statusLines(viewOf(statusOf()), new Map()), ''])
  })

  it('keeps the table below all sentences, drawn over in one write each', () => {
    const terminal = new FakeTerminal()
    const screen = terminalScreen(terminal, () => 0)
    const say = (message: string): void => {
      screen.writeLog({ level: 'info', about: undefined, message })
    }
    say('First.')
    screen.showStatus(viewOf(statusOf(), longest))
    say('Second.')
    screen.showStatus(viewOf(statusOf({ gaps: 7 })))
    expect(terminal.writes).toBe(4)
    expect(terminal.lines.slice(0, 2)).toEqual(['First.', 'Second.'])
    expect(terminal.lines.slice(2)).toEqual([...statusLines(viewOf(statusOf({ gaps: 7 })), new Map()), ''])
  })

  it('stays within a small terminal', () => {
    const terminal = new FakeTerminal()
    terminal.rows = 5
    terminal.columns = 40
    const screen = terminalScreen(terminal, () => 0)
    const many = Array.from({ length: 30 }, (_none, index) => statusOf({ stream: `toy:P${String(index)}-X` }))
    screen.showStatus(viewOf(...many))
    screen.showStatus(viewOf(...many))
    expect(terminal.lines.length).toBe(5)
    expect(terminal.lines[3]).toMatch(/^… and \d+ more lines/)
    for (const line of terminal.lines) expect(line.length).toBeLessThan(40)
  })
})
