import { describe, expect, it } from 'vitest'

import { openPayload } from '../../../src/codec/chunk-format.ts'
import { type EventStore, StoreFailure } from '../../../src/log/event-store.ts'
import type { ChunkOpener } from '../../../src/replay/reading/chunk-opener.ts'
import { readChunks, readParts } from '../../../src/replay/reading/chunk-reader.ts'
import { newMemoryStore } from '../../../src/storage/memory/memory-store.ts'
import { sampleChunk } from '../../support/sample-chunks.ts'

const STREAM = 'coinbase:BTC-USD'

const storeOf = async (chunks: number): Promise<EventStore> => {
  const store = newMemoryStore()
  for (let index = 0; index < chunks; index++)
    await store.append(sampleChunk(STREAM, index * 10 + 1, index * 10 + 10))()
  return store
}

/** Answers only when told, in whatever order. */
class HeldOpener implements ChunkOpener {
  readonly asked: number[] = []
  mostUnderWay = 0
  private readonly waiting = new Map<number, () => void>()

  readonly open: ChunkOpener['open'] = async (header, payload) => {
    this.asked.push(header.firstSeq)
    const opened = openPayload(header, payload)
    await new Promise<void>((resolve) => {
      this.waiting.set(header.firstSeq, resolve)
      this.mostUnderWay = Math.max(this.mostUnderWay, this.waiting.size)
    })
    return opened
  }

  /** The latest of those under way first. */
  answerBackwards(): void {
    const waiting = [...this.waiting]
    this.waiting.clear()
    for (const [, resolve] of waiting.reverse()) resolve()
  }
}

const firstSeqs = async (store: EventStore, opener: HeldOpener): Promise<readonly number[]> => {
  const seqs: number[] = []
  const reader = readParts(store, STREAM, {}, opener)
  for (let next = reader.next(); ;) {
    let isSettled = false
    void next.then(() => (isSettled = true))
    while (!isSettled) {
      await new Promise((resolve) => setImmediate(resolve))
      opener.answerBackwards()
    }
    const { done, value } = await next
    if (done === true) return seqs
    if (value.kind === 'chunk') seqs.push(value.chunk.header.firstSeq)
    next = reader.next()
  }
}

describe('a reader with an opener', () => {
  it('gives the parts in order, whichever is opened first, a few at a time and each once', async () => {
    const opener = new HeldOpener()
    const seqs = await firstSeqs(await storeOf(70), opener)
    expect(seqs).toEqual(Array.from({ length: 70 }, (_unused, index) => index * 10 + 1))
    // The last page is a short one: what it has is not worth a thread only where it is few.
    expect(opener.asked).toEqual(seqs)
    expect(opener.mostUnderWay).toBe(4)
  })

  it('does without it where few parts are to come', async () => {
    const opener = new HeldOpener()
    expect(await firstSeqs(await storeOf(2), opener)).toEqual([1, 11])
    const store = await storeOf(9)
    const second = (await store.headers(STREAM))[1]?.firstReceiveTime ?? 0
    const reader = readParts(store, STREAM, {}, opener, second)
    await reader.next()
    await reader.next()
    await reader.return(undefined)
    expect(opener.asked).toEqual([])
  })

  it('tells of damage where the damaged chunk would come, and of nothing behind it', async () => {
    const store = await storeOf(8)
    const spoiled: EventStore = {
      ...store,
      payload: async (stream, seq) => {
        const payload = Uint8Array.from(await store.payload(stream, seq))
        if (seq === 31) payload[payload.length - 1] = (payload.at(-1) ?? 0) ^ 1
        return payload
      },
    }
    const opener: ChunkOpener = {
      open: async (header, payload) => await Promise.resolve(openPayload(header, payload)),
    }
    const seqs: number[] = []
    const read = async (): Promise<void> => {
      for await (const { kind, ...part } of readParts(spoiled, STREAM, {}, opener))
        if (kind === 'chunk' && 'chunk' in part) seqs.push(part.chunk.header.firstSeq)
    }
    const failure = await read().catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(StoreFailure)
    expect(failure).toMatchObject({ error: { kind: 'damaged', seq: 31 } })
    expect(seqs).toEqual([1, 11, 21])
  })

  it('leaves nothing unhandled when what was under way fails behind a reader that stopped', async () => {
    const fail: ((error: Error) => void)[] = []
    const opener: ChunkOpener = {
      open: async (header, payload) =>
        header.firstSeq === 1
          ? openPayload(header, payload)
          : await new Promise((_resolve, reject) => fail.push(reject)),
    }
    const reader = readParts(await storeOf(9), STREAM, {}, opener)
    expect((await reader.next()).done).toBe(false)
    await reader.return(undefined)
    expect(fail.length).toBeGreaterThan(0)
    for (const reject of fail) reject(new Error('gone'))
    await new Promise((resolve) => setImmediate(resolve))
    expect((await reader.next()).done).toBe(true)
  })

  it('is not needed', async () => {
    let entries = 0
    for await (const { header } of readChunks(await storeOf(9), STREAM)) entries += header.entries
    expect(entries).toBe(90)
  })
})
