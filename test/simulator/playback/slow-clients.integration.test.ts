import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterEach, beforeEach, describe, expect, it } from 'vitest'

import { type Playback, startPlayback } from '../../../simulator/playback/start-playback.ts'
import { connect, type PlainClient, until } from './playback-client.ts'

/** Together far more than the sockets of both sides hold. */
const FRAMES = 400
const PADDING = 'x'.repeat(100_000)

let folder = ''
let playback: Playback | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'slow-clients-'))
})
afterEach(async () => {
  await playback?.stop()
  playback = undefined
  await rm(folder, { recursive: true })
})

/** A book, then large trades a millisecond apart. */
const largeCapture = async (): Promise<string> => {
  const match = { type: 'match', product_id: 'BTC-USD', side: 'buy', size: '1', price: '2', padding: PADDING }
  const texts = [
    { type: 'snapshot', product_id: 'BTC-USD', bids: [], asks: [] },
    ...Array.from({ length: FRAMES }, (_, index) => ({ ...match, trade_id: index + 1, sequence: index + 1 })),
  ].map((frame) => JSON.stringify(frame))
  const lines = texts.map((text, index) =>
    JSON.stringify({ t: 1000 * (index + 1), conn: 1, dir: 'in', text }),
  )
  const capture = join(folder, 'large.jsonl')
  await writeFile(capture, `${lines.join('\n')}\n`)
  return capture
}

const subscribe = (client: PlainClient): void =>
  client.send({ type: 'subscribe', product_ids: ['BTC-USD'], channels: ['matches'] })
const matches = ({ frames }: PlainClient): number =>
  frames.filter((text) => text.startsWith('{"type":"match"')).length

describe('a client that reads too slowly', () => {
  it('is cut when its patience is over, by the wall clock; another one misses nothing meanwhile', async () => {
    playback = await startPlayback({ capture: await largeCapture(), pace: 1, port: 0, patience: 1000 })
    const stuck = await connect(playback.endpoints.ws)
    stuck.pause()
    subscribe(stuck)
    await until('the stuck one’s play', () => playback?.activity().begunPlays === 1)
    const reader = await connect(playback.endpoints.ws)
    subscribe(reader)
    await until('all frames of the reader', () => matches(reader) === FRAMES)
    await until('the end of the other’s play', () => playback?.activity().runningPlays === 0)
    stuck.resume()
    await until('its end', () => stuck.isClosed())
    expect(matches(stuck)).toBeLessThan(FRAMES)
    expect(reader.isClosed()).toBe(false)
    await reader.close()
  })

  it('is waited for at full speed', async () => {
    playback = await startPlayback({ capture: await largeCapture(), pace: 'max', port: 0, patience: 1 })
    const stuck = await connect(playback.endpoints.ws)
    stuck.pause()
    subscribe(stuck)
    const reader = await connect(playback.endpoints.ws)
    subscribe(reader)
    await until('all frames of the reader', () => matches(reader) === FRAMES)
    expect(playback.activity().runningPlays).toBe(1)
    stuck.resume()
    await until('all frames of the other', () => matches(stuck) === FRAMES)
    await stuck.close()
    await reader.close()
  })
})
