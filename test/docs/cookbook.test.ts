/** Every recipe of docs/cookbook.md answers its question over two generated recordings. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isLeft } from 'fp-ts/lib/Either.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type Archive, archiveOf, openStore, SECOND, tradesTo } from '../../src/index.ts'
import { derivedStore } from '../support/derived-feeds.ts'
import { generatedFeed } from '../support/generated-feeds.ts'
import { bookAtAMoment } from './cookbook/book-at-a-moment.ts'
import { depthNearTheMid } from './cookbook/depth-near-the-mid.ts'
import { flowImbalance } from './cookbook/flow-imbalance.ts'
import { levelFeed } from './cookbook/level-feed.ts'
import { barLines } from './cookbook/minute-bars.ts'
import { qualityOfADay } from './cookbook/quality-of-a-day.ts'
import { queuePosition } from './cookbook/queue-position.ts'
import { readAnArchive } from './cookbook/read-an-archive.ts'
import { countInTwoSittings } from './cookbook/resume.ts'
import { rowsToCsv } from './cookbook/rows-to-csv.ts'
import { spreadOverADay } from './cookbook/spread-over-a-day.ts'
import { takersPaid } from './cookbook/trades-against-the-book.ts'
import { premium } from './cookbook/two-venues.ts'
import { whoWasAhead } from './cookbook/who-was-ahead.ts'

const COINBASE = 'coinbase:BTC-USD'
const BITFINEX = 'bitfinex:BTC-USD'
const DAY = '2020-09-13'
const DURING = '2020-09-13T12:26:43Z'

let archive: Archive

beforeAll(async () => {
  const feeds = (['full', 'R0'] as const).map((feed) => ({ feed, records: generatedFeed({ feed, seed: 31, events: 800 }) })) // prettier-ignore
  archive = archiveOf(await derivedStore(feeds))
})

afterAll(async () => {
  await archive.close()
})

const tradeCount = async (stream: string): Promise<number> => {
  let trades = 0
  await archive.visit(
    { streams: [stream] },
    tradesTo(() => trades++),
  )
  return trades
}

describe('the cookbook', () => {
  it('shows a book at a moment', async () => {
    const told = await bookAtAMoment(archive, COINBASE, DURING)
    expect(told).toMatch(/^\d+(\.\d+)? \/ \d+(\.\d+)?, \d+ bid levels, \d+ orders$/)
    expect(await bookAtAMoment(archive, COINBASE, 'seq:1')).toBe('no usable book: no-snapshot')
  })

  it('measures the spread over a day', async () => {
    const spreads = await spreadOverADay(archive, COINBASE, DAY, SECOND)
    expect(spreads.length).toBeGreaterThan(3)
    for (const spread of spreads) expect(spread).toBeGreaterThan(0)
    expect(spreads.at(-1)).toBeLessThan(100)
  })

  it('measures the depth near the mid', async () => {
    const rows = await depthNearTheMid(archive, COINBASE, SECOND)
    expect(rows.length).toBeGreaterThan(3)
    expect(rows.every(({ bid, ask }) => bid > 0 && ask > 0)).toBe(true)
  })

  it('names who was ahead of an order', async () => {
    const { book, orderId } = await archive.bookAt(COINBASE, DURING)
    const level = book.top('bid').find(({ orderCount }) => (orderCount ?? 0) > 1)
    const queue = book.ordersAtPrice('bid', level?.price ?? (0 as never)).map(({ order }) => orderId(order))
    expect(queue.length).toBeGreaterThan(1)
    const ahead = await whoWasAhead(archive, COINBASE, queue.at(-1) ?? '', DURING)
    expect(ahead?.map(({ id }) => id)).toEqual(queue.slice(0, -1))
    expect(await whoWasAhead(archive, COINBASE, 'nobody', DURING)).toBeUndefined()
  })

  it('follows a place in a queue', async () => {
    const ids: string[] = []
    for await (const { events, state } of archive.entries({ streams: [COINBASE], from: DURING }))
      for (const event of events)
        if (event.kind === 'order-opened' && (state.book.ordersAhead(event.order) ?? 0) > 0)
          ids.push(state.orderId(event.order))
    let steps = 0
    for (const id of ids.slice(0, 5)) {
      const places = await queuePosition(archive, COINBASE, id)
      steps += places.length
      const sizes = places.map(({ ahead }) => Number(ahead))
      expect(sizes).toEqual([...sizes].sort((left, right) => right - left))
    }
    expect(steps).toBeGreaterThan(0)
  })

  it('measures what takers paid', async () => {
    expect(await takersPaid(archive, COINBASE)).toBeGreaterThan(0)
  })

  it('puts two venues side by side', async () => {
    const premiums = await premium(archive, COINBASE, BITFINEX)
    expect(premiums.size).toBeGreaterThan(3)
    expect([...premiums.values()].some((value) => value !== undefined)).toBe(true)
  })

  it('draws bars', async () => {
    const lines = await barLines(archive, COINBASE, SECOND)
    expect(lines.length).toBeGreaterThan(3)
    expect(lines[0]).toMatch(/incomplete$/)
    expect(lines.some((line) => /^2020-09-13T12:26:4\dZ?.*,\d+(\.\d+)?,/.test(line))).toBe(true)
  })

  it('measures the imbalance of flow', async () => {
    const imbalances = await flowImbalance(archive, COINBASE)
    expect(imbalances.length).toBeGreaterThan(1)
    expect(imbalances.every((value) => value >= -1 && value <= 1 && value !== 0)).toBe(true)
  })

  it('sums up the quality of a day', async () => {
    expect(await qualityOfADay(archive, BITFINEX, DAY)).toMatch(/^\d+\.\d % usable, 0 gaps, 1 disconnects, \d+ unknown frames$/) // prettier-ignore
  })

  it('resumes where it stopped', async () => {
    expect(await countInTwoSittings(archive, COINBASE, DURING)).toBe(await tradeCount(COINBASE))
    expect(await tradeCount(COINBASE)).toBeGreaterThan(10)
  })

  it('tells L3 as L2', async () => {
    const lines: string[] = []
    await levelFeed(archive, COINBASE, (line) => lines.push(line))
    expect(lines[0]).toBe('snapshot')
    expect(lines.at(-1)).toBe('unusable disconnect')
    expect(lines.filter((line) => / 0$/.test(line)).length).toBeGreaterThan(10)
  })

  it('writes rows as CSV', async () => {
    const lines: string[] = []
    await rowsToCsv(archive, { every: SECOND, levels: 2 }, (line) => lines.push(line))
    expect(lines.length).toBeGreaterThan(6)
    expect(lines.every((line) => line.split(',').length === 3 + 8)).toBe(true)
    expect(lines.some((line) => line.includes(',valid,'))).toBe(true)
  })
})

describe('the example of README', () => {
  const folder = mkdtempSync(join(tmpdir(), 'bookreel-example-'))
  afterAll(() => {
    rmSync(folder, { recursive: true })
  })

  it('reads an archive on disk', async () => {
    const url = `file:${join(folder, 'data')}`
    const opened = await openStore(url, 'write')()
    if (isLeft(opened)) throw new Error(opened.left.kind)
    for (const stream of await archive.streams())
      for (const header of await archive.store.headers(stream)) {
        const payload = await archive.store.payload(stream, header.firstSeq)
        expect(isLeft(await opened.right.append({ header, payload })())).toBe(false)
      }
    await opened.right.close()
    const lines: string[] = []
    await readAnArchive(url, (line) => lines.push(line))
    expect(lines.slice(0, 2).map((line) => line.split(' ')[0])).toEqual([BITFINEX, COINBASE])
    expect(lines.length).toBe(3 + (await tradeCount(COINBASE)) + (await tradeCount(BITFINEX)))
    expect(lines.at(-1)).toMatch(/^\d+ entries, \d+ events$/)
  })
})
