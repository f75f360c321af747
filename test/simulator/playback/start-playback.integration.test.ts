import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { type PlaybackOptions, startPlayback } from '../../../simulator/playback/start-playback.ts'
import { CaptureProblem } from '../../../src/index.ts'
import { capturesFolder } from '../../support/captures.ts'
import { connect, until } from './playback-client.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'start-playback-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

const problemOf = async (capture: string, more: Partial<PlaybackOptions> = {}): Promise<string> => {
  try {
    const playback = await startPlayback({ capture, pace: 'max', port: 0, ...more })
    await playback.stop()
  } catch (error) {
    if (error instanceof CaptureProblem) return error.message.replaceAll(folder, '')
    throw error
  }
  return 'served without a problem'
}

const line = (text: string, time = 1): string => `${JSON.stringify({ t: time, conn: 1, dir: 'in', text })}\n`

const KRAKEN = line('{"connectionID":17843232920108168701,"event":"systemStatus","status":"online"}')
const BINANCE = line('{"stream":"btcusdt@depth","data":{"e":"depthUpdate"}}')
const TICKER = line('{"type":"ticker","product_id":"BTC-USD","sequence":1}')
const UPDATE = line('{"type":"l2update","product_id":"BTC-USD","changes":[]}')
const BOOKLESS = line(
  '{"event":"subscribed","channel":"book","chanId":1,"symbol":"tX","prec":"P0","len":"25"}',
)
const SNAPSHOT = line('[1,[[1,1,1],[2,1,-1]]]', 2)

describe('startPlayback', () => {
  it('says in one sentence what cannot be served', async () => {
    const unserved = ', which cannot be served; Coinbase and Bitfinex can.'
    const cases: readonly (readonly [string, string | Uint8Array, string])[] = [
      ['a.jsonl', KRAKEN, `/a.jsonl is a capture of Kraken${unserved}`],
      ['b.jsonl', BINANCE, `/b.jsonl is a capture of Binance${unserved}`],
      ['c.jsonl', line('{"a":1}'), '/c.jsonl does not tell which venue it is of, so it cannot be served.'],
      ['d.jsonl', TICKER + UPDATE, '/d.jsonl has no book, so there is no book of Coinbase to serve.'],
      ['e.jsonl', BOOKLESS, '/e.jsonl has no book snapshot, so there is no book of Bitfinex to serve.'],
      ['f.jsonl', 'nothing\n', '/f.jsonl is no capture: line 1 is not a JSON object.'],
      ['g.jsonl', `${BOOKLESS}${SNAPSHOT}rest`, '/g.jsonl is cut: it ends in the middle of line 3.'],
      ['h.jsonl.gz', BOOKLESS, '/h.jsonl.gz is not gzip, although its name says so.'],
      [
        'i.jsonl.gz',
        gzipSync(BOOKLESS + SNAPSHOT).subarray(0, -4),
        '/i.jsonl.gz is cut: its gzip data ends too early.',
      ],
      ['j.jsonl', BOOKLESS + SNAPSHOT, 'served without a problem'],
    ]
    for (const [name, content, sentence] of cases) {
      await writeFile(join(folder, name), content)
      expect(await problemOf(join(folder, name))).toBe(sentence)
    }
    expect(await problemOf(join(folder, 'nowhere'))).toBe('There is no capture at /nowhere.')
    expect(await problemOf(join(folder, 'j.jsonl'), { pace: 0 })).toBe('The pace must be more than zero.')
    const links = { logSent: join(folder, 'no', 'log') }
    await expect(problemOf(join(folder, 'j.jsonl'), { links })).rejects.toMatchObject({
      ...{ code: 'ENOENT', syscall: 'open', path: links.logSent },
    })
  })

  it('pauses, steps and goes on with a capture on demand', async () => {
    const updates = [3, 4, 5, 6, 7].map((price) => line(`[1,[${String(price)},1,1]]`, price))
    await writeFile(join(folder, 'steps.jsonl'), BOOKLESS + SNAPSHOT + updates.join(''))
    const capture = join(folder, 'steps.jsonl')
    const playback = await startPlayback({ capture, pace: 'recorded', port: 0, control: true })
    const { ws, rest } = playback.endpoints
    const post = async (action: string): Promise<unknown> =>
      await (await fetch(`${rest}/simulator/${action}`, { method: 'POST' })).json()
    expect(await post('pause')).toMatchObject({ speed: 1, paused: true, clients: [] })
    const client = await connect(ws)
    client.send({ event: 'subscribe', channel: 'book', symbol: 'tX', prec: 'P0', len: '25' })
    const rows = (): readonly string[] => client.frames.filter((text) => text.startsWith('['))
    const position = async (): Promise<unknown> => await (await fetch(`${rest}/simulator/position`)).json()
    for (const end = performance.now() + 120_000; performance.now() < end;) {
      if (((await position()) as { clients: unknown[] }).clients.length === 1) break
    }
    await post('step?n=3')
    await until('three frames', () => rows().length === 3)
    expect(await position()).toMatchObject({ clients: [{ venue: 'bitfinex', frames: 3, ended: false }] })
    expect(await post('resume')).toMatchObject({ paused: false })
    await until('the others', () => rows().length === 6)
    await client.close()
    await playback.stop()
  })

  const captures = capturesFolder()
  it.skipIf(captures === undefined).each(['kraken-v1-book1000-2021-04-17', 'binance-depth-2021-10-12'])(
    'does not serve %s',
    async (name) => {
      expect(await problemOf(join(captures ?? '', name))).toMatch(
        / is a capture of (Kraken|Binance), which cannot/,
      )
    },
  )
})
