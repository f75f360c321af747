/** An import gets its keyframes as a recording does. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { importCapture } from '../../../src/app/archive/import-capture.ts'
import { verifyStream } from '../../../src/replay/proof/verify.ts'
import { StreamPlayer } from '../../../src/replay/reading/stream-player.ts'
import { newMemoryStore } from '../../../src/storage/memory/memory-store.ts'
import { coinbaseVenue } from '../../../src/venues/coinbase/venue.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'bookreel-import-'))
afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const LINES = 100_500

describe('an import', () => {
  it('has a keyframe after 100,000 entries, equal to what replay gives', async () => {
    const location = path.join(folder, 'capture.jsonl')
    const lines = Array.from({ length: LINES }, (_unused, index) =>
      JSON.stringify({ t: 1_700_000_000_000_000 + index, conn: 1, dir: 'in', text: '{"type":"heartbeat"}' }),
    )
    writeFileSync(location, `${lines.join('\n')}\n`)
    const store = newMemoryStore()
    const stream = 'coinbase:BTC-USD'
    const venue = coinbaseVenue
    await importCapture({
      store,
      stream,
      venue,
      pair: 'BTC-USD',
      symbol: 'BTC-USD',
      location,
      assumeEmptyBook: false,
      onLines: () => undefined,
    })
    const [keyframe, ...others] = await store.keyframes(stream)
    expect(keyframe).toMatchObject({ seq: 100_000, decoderVersion: venue.decoderVersion })
    expect(others).toEqual([])
    expect(await verifyStream(store, stream, venue)).toMatchObject({ ok: true, keyframes: 1 })
    const at = { kind: 'seq', seq: 100_100 } as const
    const player = new StreamPlayer({ store, stream, venue, range: { from: at, to: at } })
    await player.seek()
    expect(player.place).toBe(100_000)
  })
})
