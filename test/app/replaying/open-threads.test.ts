import { isLeft } from 'fp-ts/lib/Either.js'
import { expect, it } from 'vitest'

import { OpenThreads } from '../../../src/app/replaying/open-threads.ts'
import { sampleChunk, sampleRecords } from '../../support/sample-chunks.ts'

// Beside the sources there is no built file that a thread could run.
it('opens chunks itself where no thread can be had', async () => {
  const threads = new OpenThreads(1)
  const chunks = [sampleChunk('coinbase:BTC-USD', 1, 20), sampleChunk('coinbase:BTC-USD', 21, 40)]
  const opened = await Promise.all(chunks.map(({ header, payload }) => threads.open(header, payload)))
  const records = opened.map((contents) => {
    const packed = isLeft(contents) ? contents : contents.right.records()
    return isLeft(packed) ? packed.left : Uint8Array.from(packed.right)
  })
  expect(records).toEqual([sampleRecords(1, 20), sampleRecords(21, 40)].map((part) => Uint8Array.from(part)))
  const [{ header, payload } = sampleChunk('coinbase:BTC-USD', 1, 20)] = chunks
  const damaged = await threads.open({ ...header, entries: 19 }, payload)
  expect(isLeft(damaged)).toBe(true)
  await threads.close()
})
