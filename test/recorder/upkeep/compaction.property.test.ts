import fc from 'fast-check'
import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import type { EventStore } from '../../../src/log/event-store.ts'
import type { SealedChunk } from '../../../src/recorder/sealing/stream-sealer.ts'
import { compactStream } from '../../../src/recorder/upkeep/compaction.ts'
import { verifyStream } from '../../../src/replay/proof/verify.ts'
import { readChunks } from '../../../src/replay/reading/chunk-reader.ts'
import { newMemoryStore } from '../../../src/storage/memory/memory-store.ts'
import { batchesOf, sealAll, TOY, toyScript } from '../../support/toy-script.ts'
import { toyVenue } from '../../support/toy-venue.ts'

const storeOf = async (chunks: readonly SealedChunk[]): Promise<EventStore> => {
  const store = newMemoryStore()
  for (const { chunk, keyframes } of chunks) {
    expect(isLeft(await store.append(chunk)())).toBe(false)
    for (const keyframe of keyframes) await store.putKeyframe(keyframe)()
  }
  return store
}

const recordsOf = async (store: EventStore): Promise<Buffer> => {
  const parts: Uint8Array[] = []
  for await (const { records } of readChunks(store, TOY)) parts.push(records)
  return Buffer.concat(parts)
}

const lengths = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 40 })
const ended = { kind: 'run-ended', text: '{"cause":"stopped"}', pause: 3 } as const
const ignore = (): void => undefined

describe('compaction', () => {
  it('makes the chunks that sealing as many entries at once would have made', async () => {
    await fc.assert(
      fc.asyncProperty(
        toyScript(1, 400),
        lengths,
        fc.integer({ min: 1, max: 300 }),
        fc.boolean(),
        async (made, cuts, entries, hasEnded) => {
          const script = hasEnded ? [...made, ended] : made
          const store = await storeOf(sealAll(batchesOf(script, cuts)))
          const before = {
            records: await recordsOf(store),
            keyframes: await store.keyframes(TOY),
            headers: await store.headers(TOY),
          }
          const limits = { entries, bytes: 4_000 }
          let passed = 0
          const onEntries = (count: number): number => (passed += count)
          const dry = await compactStream(store, TOY, { limits, isDryRun: true, onEntries: ignore })
          expect(await store.headers(TOY)).toEqual(before.headers)
          const result = await compactStream(store, TOY, { limits, isDryRun: false, onEntries })
          expect(result.damaged).toEqual([])
          expect({ ...result, bytesAfter: null }).toEqual(dry)
          expect(passed).toBe(script.length)
          expect(Buffer.compare(await recordsOf(store), before.records)).toBe(0)
          expect(await store.keyframes(TOY)).toEqual(before.keyframes)
          const headers = await store.headers(TOY)
          expect(headers).toHaveLength(result.chunksAfter)
          const sizes = headers.map((header) => header.entries)
          expect(headers).toEqual(sealAll(batchesOf(script, sizes)).map(({ chunk }) => chunk.header))
          expect(headers.reduce((total, { storedBytes }) => total + storedBytes, 0)).toBe(result.bytesAfter)
          if (!hasEnded) expect(headers.at(-1)).toEqual(before.headers.at(-1))
          // Nothing is left to do: each chunk is full, or the next one does not fit in.
          const taken = hasEnded ? headers : headers.slice(0, -1)
          for (const [index, header] of taken.slice(1).entries()) {
            const previous = taken[index]
            const joined = (previous?.entries ?? 0) + header.entries
            const bytes = (previous?.rawBytes ?? 0) + header.rawBytes
            expect(joined > limits.entries || bytes > limits.bytes).toBe(true)
          }
          const proof = await verifyStream(store, TOY, toyVenue)
          expect(
            proof.problems.filter(
              ({ kind }) => !['venue-sequence', 'contradiction', 'crossed'].includes(kind),
            ),
          ).toEqual([])
        },
      ),
      { numRuns: 60 },
    )
  })

  it('leaves damaged chunks, and those beside them, as they are and says so', async () => {
    const batches = batchesOf([...Array.from({ length: 40 }, (_unused, index) => ({ kind: 'frame', text: `word${String(index)}`, pause: 1 }) as const), ended], Array.from({ length: 20 }, () => 2)) // prettier-ignore
    const store = await storeOf(sealAll(batches))
    const payload = store.payload
    const damaging: EventStore = {
      ...store,
      payload: async (stream, seq) => {
        const bytes = await payload(stream, seq)
        if (seq === 15) bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 4
        return bytes
      },
    }
    const result = await compactStream(damaging, TOY, {
      limits: { entries: 10, bytes: 1e6 },
      isDryRun: false,
      onEntries: ignore,
    })
    expect(result).toMatchObject({ damaged: [15], entries: 41, chunksBefore: 21, chunksAfter: 9 })
    expect((await store.headers(TOY)).map(({ entries }) => entries)).toEqual([10, 2, 2, 2, 2, 2, 10, 10, 1])
  })
})
