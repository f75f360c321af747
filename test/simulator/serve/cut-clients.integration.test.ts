import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isLeft } from 'fp-ts/lib/Either.js'
import { afterEach, describe, expect, it } from 'vitest'

import { parseFaultScript } from '../../../simulator/faults/fault-script.ts'
import type { LinksOptions } from '../../../simulator/faults/links.ts'
import { startPlayback } from '../../../simulator/playback/start-playback.ts'
import type { Serving } from '../../../simulator/playback/start-serve.ts'
import { coinbaseVenue } from '../../../src/venues/coinbase/venue.ts'
import { EntryScript, manifestOf } from '../../support/entries.ts'
import { storeOf } from '../../support/stored-streams.ts'
import { connect, type PlainClient, until } from '../playback/playback-client.ts'
import { framesOf, playsEnded, serveStreams, wsOf } from './served-streams.ts'

const UPDATES = 60

let serving: Serving | undefined
afterEach(async () => {
  await serving?.stop()
  serving = undefined
})

const rulesOf = (...lines: readonly object[]): NonNullable<LinksOptions['rules']> => {
  const rules = parseFaultScript(lines.map((line) => JSON.stringify(line)).join('\n'))
  if (isLeft(rules)) throw new Error(rules.left)
  return rules.right
}

const SNAPSHOT = { type: 'snapshot', product_id: 'BTC-USD', asks: [['101.00', '1']], bids: [['50.00', '1']] }
const updateOf = (update: number): object => ({
  type: 'l2update',
  product_id: 'BTC-USD',
  changes: [['buy', '40.00', String(update)]],
  time: '2023-11-14T22:13:20.000000Z',
})

/** Levels: updates 1, 2, 3 ... a millisecond apart behind a snapshot. */
const levelRecords = (): Uint8Array => {
  const script = new EntryScript().at(1_700_000_000_000_000)
  script.runStarted(manifestOf({ venue: 'coinbase', symbol: 'BTC-USD', feed: 'level2_batch', mode: 'full' }))
  script.opened()
  script.frame({ type: 'subscriptions', channels: [{ name: 'level2_50', product_ids: ['BTC-USD'] }] })
  script.after(1000).frame(SNAPSHOT)
  for (let update = 1; update <= UPDATES; update++) script.after(1000).frame(updateOf(update))
  return script.records()
}

const subscribed = async (url: string): Promise<PlainClient> => {
  const client = await connect(url)
  client.send({ type: 'subscribe', product_ids: ['BTC-USD'], channels: ['level2_batch'] })
  return client
}

/** The numbers of the updates a client got. */
const updatesOf = (client: PlainClient): readonly number[] =>
  framesOf(client, 'l2update').map(({ changes }) => Number((changes as readonly string[][])[0]?.[2]))
const upTo = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

describe('a client that a fault cuts', () => {
  it('finds the play farther on by the wall clock, with the book of the moment', async () => {
    const store = await storeOf([{ venue: coinbaseVenue, pair: 'BTC-USD', chunks: [levelRecords()] }])
    const links = { rules: rulesOf({ fault: 'reset', connection: 1, frame: 12 }) }
    serving = await serveStreams(store, ['coinbase:BTC-USD'], { links, speed: 0.05 })
    const first = await subscribed(wsOf(serving, 'coinbase'))
    await until('the cut', () => first.isClosed())
    const second = await subscribed(wsOf(serving, 'coinbase'))
    await until('the last update', () => updatesOf(second).at(-1) === UPDATES)
    const seen = updatesOf(first).at(-1) ?? 0
    const from = updatesOf(second)[0] ?? 0
    expect(seen).toBeGreaterThan(0)
    expect(from).toBeGreaterThan(seen)
    expect(updatesOf(second)).toEqual(upTo(from, UPDATES))
    const [book] = framesOf(second, 'snapshot')
    expect(book).toMatchObject({ bids: [['50', '1'], ['40', String(from - 1)]], asks: [['101', '1']] }) // prettier-ignore
    await second.close()
  })

  it('has its own play at full speed: the next one begins at the start of the range', async () => {
    const store = await storeOf([{ venue: coinbaseVenue, pair: 'BTC-USD', chunks: [levelRecords()] }])
    const links = { rules: rulesOf({ fault: 'reset', connection: 1, frame: 12 }) }
    serving = await serveStreams(store, ['coinbase:BTC-USD'], { links })
    const first = await subscribed(wsOf(serving, 'coinbase'))
    await until('the cut', () => first.isClosed())
    const second = await subscribed(wsOf(serving, 'coinbase'))
    await playsEnded(serving, 2)
    await until('the last update', () => updatesOf(second).at(-1) === UPDATES)
    expect(updatesOf(second)).toEqual(upTo(1, UPDATES))
    expect(framesOf(second, 'snapshot')).toEqual([SNAPSHOT])
    await second.close()
  })
})

describe('faults with a capture', () => {
  it('befall its frames and requests, and are logged', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'faulty-capture-'))
    const capture = join(folder, 'frames.jsonl')
    const texts = [SNAPSHOT, ...upTo(1, UPDATES).map(updateOf)].map((frame) => JSON.stringify(frame))
    const lines = texts.map((text, index) => JSON.stringify({ t: 1000 + index, conn: 1, dir: 'in', text }))
    await writeFile(capture, `${lines.join('\n')}\n`)
    const [logFaults, logSent] = [join(folder, 'faults.jsonl'), join(folder, 'sent.jsonl')]
    const rules = rulesOf(
      { fault: 'lose', channel: 'level2', frame: 4 },
      { fault: 'duplicate', channel: 'level2', frame: 7 },
      { fault: 'http-error', status: 503, request: 1 },
    )
    const playback = await startPlayback({
      ...{ capture, pace: 'max', port: 0, control: true },
      links: { rules, logFaults, logSent },
    })
    const client = await subscribed(playback.endpoints.ws)
    await until('the last update', () => updatesOf(client).at(-1) === UPDATES)
    const { rest } = playback.endpoints
    expect((await fetch(`${rest}/products`)).status).toBe(503)
    expect((await fetch(`${rest}/products`)).status).toBe(404)
    expect(await (await fetch(`${rest}/simulator/faults`)).json()).toEqual({
      faults: { duplicate: 1, 'http-error': 1, lose: 1 },
    })
    await client.close()
    await playback.stop()
    // The snapshot is the first frame of the channel.
    expect(updatesOf(client)).toEqual([...upTo(1, 2), ...upTo(4, 6), ...upTo(6, UPDATES)])
    const jsonOf = async (file: string): Promise<readonly Record<string, unknown>[]> =>
      (await readFile(file, 'utf8'))
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>)
    expect((await jsonOf(logFaults)).map(({ fault }) => fault)).toEqual(['lose', 'duplicate', 'http-error'])
    const sent = (await jsonOf(logSent)).map(({ text }) => text)
    expect(sent.slice(0, client.frames.length)).toEqual(client.frames)
    await rm(folder, { recursive: true })
  })
})
