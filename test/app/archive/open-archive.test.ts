import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import {
  type Archive,
  archiveOf,
  microsToIso,
  openArchive,
  ReplayFailure,
  StoreFailure,
  tradesTo,
} from '../../../src/index.ts'
import { derivedRecords, derivedStore, receiveTimes } from '../../support/derived-feeds.ts'

const COINBASE = 'coinbase:BTC-USD'
const times = receiveTimes(derivedRecords('full', 41))

let archive: Archive

beforeAll(async () => {
  archive = archiveOf(
    await derivedStore([
      { feed: 'full', records: derivedRecords('full', 41) },
      { feed: 'R0', records: derivedRecords('R0', 41) },
    ]),
  )
})

afterAll(async () => {
  await archive.close()
})

const failureOf = async (reading: Promise<unknown>): Promise<string> =>
  await reading.then(
    () => 'nothing',
    (error: unknown) => (error instanceof ReplayFailure ? error.error.kind : String(error)),
  )

describe('an archive', () => {
  it('lists its streams, and what they hold', async () => {
    expect(await archive.streams()).toEqual(['bitfinex:BTC-USD', COINBASE])
    expect(await archive.info(COINBASE)).toMatchObject({ stream: COINBASE, lastSeq: times.length, gaps: [] })
  })

  it('has the book that replaying up to a place has, however the place is written', async () => {
    const middle = Math.floor(times.length / 3)
    const time = times[middle - 1] ?? times[0]
    if (time === undefined) throw new Error('no entry')
    const last = times.lastIndexOf(time) + 1
    const { streams } = await archive.visit({ streams: [COINBASE], to: `seq:${String(last)}` }, {})
    for (const at of [time, microsToIso(time), String(time), `seq:${String(last)}`]) {
      const state = await archive.bookAt(COINBASE, at)
      expect(state.seq).toBe(last)
      expect(state.receiveTime).toBe(time)
      expect(state.isValid).toBe(streams[0]?.valid)
      expect(state.book.levelCount('bid')).toBeGreaterThan(5)
    }
    expect((await archive.bookAt(COINBASE)).seq).toBe(times.length)
  })

  it('takes a symbol of the venue for the stream it is', async () => {
    expect((await archive.bookAt('bitfinex:tBTCUSD')).stream).toBe('bitfinex:BTC-USD')
    const summary = await archive.visit({ streams: ['bitfinex:tBTCUSD', COINBASE] }, {})
    expect(summary.streams.map(({ stream }) => stream)).toEqual(['bitfinex:BTC-USD', COINBASE])
  })

  it('tells entries and transactions as steps', async () => {
    const seqs: number[] = []
    for await (const { seq } of archive.entries({ streams: [COINBASE], to: 'seq:50' })) seqs.push(seq)
    expect(seqs).toEqual(Array.from({ length: 50 }, (_, index) => index + 1))
    let transactions = 0
    for await (const { events } of archive.transactions({ streams: [COINBASE] }))
      transactions += events.length > 0 ? 1 : 0
    expect(transactions).toBeGreaterThan(20)
  })

  it('ends early when it is told to, and says where', async () => {
    const controller = new AbortController()
    let trades = 0
    const summary = await archive.visit(
      { signal: controller.signal },
      tradesTo(() => {
        if (++trades === 5) controller.abort()
      }),
    )
    expect(summary.isComplete).toBe(false)
    const rest = await archive.visit(
      { resumeFrom: summary.position },
      tradesTo(() => trades++),
    )
    expect(rest.isComplete).toBe(true)
    expect(trades).toBe(summary.trades + rest.trades)
  })

  it('says what is wrong', async () => {
    expect(await failureOf(archive.bookAt('coinbase:ETH-USD'))).toBe('unknown-stream')
    expect(await failureOf(archive.info('nothing'))).toBe('unknown-stream')
    expect(await failureOf(archive.visit({ streams: ['nothing'] }, {}))).toBe('unknown-stream')
    expect(await failureOf(archive.bookAt(COINBASE, '1999-01-01'))).toBe('empty-range')
    expect(await failureOf(archive.bookAt(COINBASE, 'seq:999999'))).toBe('empty-range')
    expect(await failureOf(archive.visit({ to: '1999-01-01' }, {}))).toBe('empty-range')
    expect(await failureOf(archive.visit({ from: 'noon' }, {}))).toMatch(
      /^RangeError: from "noon" is no place/,
    )
    expect((await archive.visit({ to: '1999-01-01', mayBeEmpty: true }, {})).entries).toBe(0)
  })
})

describe('openArchive', () => {
  it.each(['file:/nowhere/at/all', 'nonsense', 'ftp://x'])('refuses %s with a sentence', async (url) => {
    await expect(openArchive(url)).rejects.toThrow(StoreFailure)
  })
})
