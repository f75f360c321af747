import { spawnSync } from 'node:child_process'
import { pathToFileURL } from 'node:url'

import { isLeft } from 'fp-ts/lib/Either.js'
import { afterEach, describe, expect, it } from 'vitest'

import type { OpenThreads as Threads } from '../../../src/app/replaying/open-threads.ts'
import { encodeChunk } from '../../../src/codec/chunk-columns.ts'
import { type ChunkContents, openPayload } from '../../../src/codec/chunk-format.ts'
import { CHAIN_START } from '../../../src/log/chain.ts'
import type { Chunk } from '../../../src/log/chunk.ts'
import { StreamSealer } from '../../../src/recorder/sealing/stream-sealer.ts'
import { StreamPlayer } from '../../../src/replay/reading/stream-player.ts'
import { newMemoryStore } from '../../../src/storage/memory/memory-store.ts'
import { coinbaseVenue } from '../../../src/venues/coinbase/venue.ts'
import { builtFile } from '../../support/built.ts'
import { splitRecords } from '../../support/entries.ts'
import { generatedFeed } from '../../support/generated-feeds.ts'
import { sampleChunk } from '../../support/sample-chunks.ts'

const STREAM = 'coinbase:BTC-USD'
const records = generatedFeed({ feed: 'full', seed: 5, events: 1500 })
const sealer = new StreamSealer(coinbaseVenue, {
  ...{ stream: STREAM, chainSeq: 0, chainHead: CHAIN_START, keyframeSeq: 0, keyframeState: undefined },
})
const split = splitRecords(records)
const chunks: readonly Chunk[] = Array.from({ length: Math.ceil(split.length / 150) }, (_unused, index) =>
  sealer.seal(Buffer.concat(split.slice(index * 150, index * 150 + 150))),
).map(({ chunk }) => chunk)

// Threads run built JavaScript.
const file = pathToFileURL(builtFile('src/app/replaying/open-threads.ts')).href
const { OpenThreads } = (await import(file)) as { OpenThreads: typeof Threads }
let threads = new OpenThreads(2)
afterEach(async () => {
  await threads.close()
  threads = new OpenThreads(2)
})

/** Everything that can be read of it. */
const shown = (contents: ChunkContents): readonly unknown[] => {
  const cursor = contents.cursor()
  const entries: unknown[] = []
  while (cursor.next()) {
    const { row } = cursor
    const values = row === undefined ? [] : [...row.values.subarray(row.start, row.end)]
    const ids = row?.scope.idBytes.length
    entries.push([cursor.seq, cursor.receiveTime, cursor.kind, cursor.text(), row?.template, values, ids])
  }
  return entries
}

const hexOf = (contents: ChunkContents): string => {
  const packed = contents.records()
  if (isLeft(packed)) throw new Error(packed.left.detail)
  return Buffer.from(packed.right).toString('hex')
}

describe('chunks opened on threads', () => {
  it('hold what they hold when they are opened here, columns and plain records alike', async () => {
    const plain = sampleChunk(STREAM, 1, 40)
    expect(chunks.length).toBeGreaterThan(5)
    const opened = await Promise.all([...chunks, plain].map((one) => threads.open(one.header, one.payload)))
    const here = [...chunks, plain].map((one) => openPayload(one.header, one.payload))
    for (const [index, one] of opened.entries()) {
      const other = here[index]
      if (other === undefined || isLeft(one) || isLeft(other)) throw new Error('a chunk was not opened')
      expect(shown(one.right)).toEqual(shown(other.right))
      expect(hexOf(one.right)).toBe(hexOf(other.right))
    }
  })

  it('say the same of damage', async () => {
    const [{ header, payload } = sampleChunk(STREAM, 1, 9)] = chunks
    for (const at of [0, Math.floor(payload.length / 2), payload.length - 1]) {
      const spoiled = Uint8Array.from(payload)
      spoiled[at] = (spoiled[at] ?? 0) ^ 0x40
      expect(await threads.open(header, spoiled)).toEqual(openPayload(header, spoiled))
    }
    const other = { ...header, entries: header.entries + 1 }
    expect(await threads.open(other, payload)).toEqual(openPayload(other, payload))
    expect(isLeft(openPayload(other, payload))).toBe(true)
  })

  it('leave the payload to whoever gave it', async () => {
    const [{ header, payload } = sampleChunk(STREAM, 1, 9)] = chunks
    const before = Uint8Array.from(payload)
    await threads.open(header, payload)
    expect(Uint8Array.from(payload)).toEqual(before)
  })

  it('play to the same book, several streams at once', async () => {
    const store = newMemoryStore()
    for (const chunk of chunks) await store.append(chunk)()
    const play = async (opener: Threads | undefined): Promise<unknown> => {
      const player = new StreamPlayer({ store, stream: STREAM, venue: coinbaseVenue, opener })
      while (await player.fetch()) while (player.step());
      return [player.keeper.summary(), player.keeper.digest()]
    }
    const alone = await play(undefined)
    expect(await Promise.all([play(threads), play(threads), play(threads)])).toEqual([alone, alone, alone])
  })

  it('reject what is under way when they are closed, and open nothing afterwards but here', async () => {
    const large = encodeChunk({
      ...{ stream: STREAM, records, verdict: sampleChunk(STREAM, 1, 2).header.verdict },
      ...{ chainBefore: '', chainAfter: '', chainFirstBlock: '', chainBlock: '' },
    })
    const opening = threads.open(large.header, large.payload)
    const failed = expect(opening).rejects.toThrow('closed')
    await threads.close()
    await failed
  })

  it('keep no process alive', () => {
    const script = `
      import { OpenThreads } from ${JSON.stringify(file)}
      const { header, payload } = JSON.parse(process.argv[1])
      const threads = new OpenThreads(2)
      const opened = await threads.open(header, Buffer.from(payload, 'base64'))
      console.log(opened._tag)`
    const [{ header, payload } = sampleChunk(STREAM, 1, 9)] = chunks
    const argument = JSON.stringify({ header, payload: Buffer.from(payload).toString('base64') })
    const run = spawnSync(process.execPath, ['--input-type=module', '-e', script, argument], {
      encoding: 'utf8',
      timeout: 120_000,
    })
    expect(run.stdout).toBe('Right\n')
    expect(run.status).toBe(0)
  })
})
