import { createHash } from 'node:crypto'
import { brotliCompressSync } from 'node:zlib'

import fc from 'fast-check'
import { isLeft, right } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { decodeChunk } from '../../src/codec/chunk-format.ts'
import { encodeChunk, PLAIN_FORMAT } from '../../src/codec/chunk-plain.ts'
import { CHAIN_START } from '../../src/log/chain.ts'
import type { Chunk, ChunkHeader } from '../../src/log/chunk.ts'
import { madeStream, packed } from '../support/made-entries.ts'
import { emptyVerdict, sampleChunk, sampleRecords } from '../support/sample-chunks.ts'

const chain = {
  chainBefore: CHAIN_START,
  chainAfter: CHAIN_START,
  chainFirstBlock: null,
  chainBlock: CHAIN_START,
}
const chunkOf = (records: Uint8Array): Chunk =>
  encodeChunk({ stream: 'coinbase:BTC-USD', records, ...chain, verdict: emptyVerdict })

/** The same header around other bytes, with the right hash and size: what only the content can betray. */
const disguised = (header: ChunkHeader, payload: Uint8Array): ChunkHeader => ({
  ...header,
  storedBytes: payload.length,
  payloadHash: createHash('sha256').update(payload).digest('hex'),
})

const damageOf = (header: ChunkHeader, payload: Uint8Array): string => {
  const decoded = decodeChunk(header, payload)
  return isLeft(decoded) ? decoded.left.kind : 'none'
}

describe('chunks of plain-1', () => {
  it('give back the records they were made of', () => {
    fc.assert(
      fc.property(madeStream(1, 40), (entries) => {
        const records = packed(entries)
        const { header, payload } = chunkOf(records)
        expect(decodeChunk(header, payload)).toEqual(right(Buffer.from(records)))
        expect(header).toMatchObject({
          format: PLAIN_FORMAT,
          firstSeq: 1,
          lastSeq: entries.length,
          entries: entries.length,
          firstReceiveTime: entries[0]?.receiveTime,
          lastReceiveTime: entries.at(-1)?.receiveTime,
          rawBytes: entries.reduce((sum, entry) => sum + entry.payload.length, 0),
          storedBytes: payload.length,
        })
      }),
    )
  })

  it('report damage for every flipped bit of the payload', () => {
    const { header, payload } = sampleChunk('coinbase:BTC-USD', 1, 20)
    for (let bit = 0; bit < payload.length * 8; bit++) {
      const changed = Uint8Array.from(payload)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(damageOf(header, changed)).toBe('hash-mismatch')
    }
    expect(damageOf(header, payload.subarray(1))).toBe('hash-mismatch')
  })

  it('never throw for a payload made to pass the hash, and give no more nor fewer bytes than the header says', () => {
    fc.assert(
      fc.property(madeStream(1, 8), fc.nat(), fc.integer({ min: 1, max: 255 }), (entries, at, change) => {
        const records = packed(entries)
        const { header, payload } = chunkOf(records)
        const changed = Uint8Array.from(payload)
        const place = at % payload.length
        changed[place] = (changed[place] ?? 0) ^ change
        const decoded = decodeChunk(disguised(header, changed), changed)
        if (isLeft(decoded)) expect(decoded.left.kind).toBe('malformed')
        else expect(decoded.right.length).toBe(records.length)
      }),
    )
  })

  it('name a format they do not know', () => {
    const { header, payload } = sampleChunk('coinbase:BTC-USD', 1, 2)
    for (const format of ['columns-9', '', 'constructor']) {
      const decoded = decodeChunk({ ...header, format }, payload)
      expect(isLeft(decoded) && decoded.left.kind).toBe('unknown-format')
      expect(isLeft(decoded) && decoded.left.detail).toContain(JSON.stringify(format))
    }
  })

  it('report a header that tells something else', () => {
    const { header, payload } = sampleChunk('coinbase:BTC-USD', 3, 12)
    const wrong: Partial<ChunkHeader>[] = [
      { firstSeq: 2 },
      { lastSeq: 13 },
      { entries: 9 },
      { entries: 11, lastSeq: 13 },
      { rawBytes: header.rawBytes + 1 },
      { rawBytes: header.rawBytes - 1 },
      { rawBytes: header.rawBytes + 28, entries: 9 },
      { storedBytes: header.storedBytes + 1 },
      { firstReceiveTime: header.lastReceiveTime },
      { lastReceiveTime: header.firstReceiveTime },
      { rawBytes: Number.MAX_SAFE_INTEGER },
    ]
    for (const change of wrong) expect(damageOf({ ...header, ...change }, payload)).toBe('malformed')
  })

  it('report entries with a hole or a time that goes back', () => {
    const { header } = sampleChunk('coinbase:BTC-USD', 1, 4)
    const late = sampleRecords(1, 4)
    const view = Buffer.from(late.buffer, late.byteOffset, late.length)
    view.writeUInt32LE(0, 20)
    view.writeUInt32LE(2 ** 20, 24)
    for (const records of [Buffer.concat([sampleRecords(1, 2), sampleRecords(4, 5)]), late]) {
      expect(() => chunkOf(records)).toThrow()
      const head = Buffer.from([0xb7, 1, 0, 0, 0, 0])
      head.writeUInt32LE(records.length, 2)
      const payload = Buffer.concat([head, brotliCompressSync(records)])
      expect(damageOf(disguised(header, payload), payload)).toBe('malformed')
    }
  })

  it('do not unpack a small payload into more than its header allows', () => {
    const { header } = sampleChunk('coinbase:BTC-USD', 1, 4)
    const bomb = brotliCompressSync(Buffer.alloc(64 * 1024 * 1024))
    for (const claimed of [100, 64 * 1024 * 1024, 2 ** 32 - 1]) {
      const head = Buffer.from([0xb7, 1, 0, 0, 0, 0])
      head.writeUInt32LE(claimed, 2)
      const payload = Buffer.concat([head, bomb])
      const before = process.memoryUsage().arrayBuffers
      expect(damageOf(disguised(header, payload), payload)).toBe('malformed')
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024)
    }
  })

  it('are not made of nothing', () => {
    expect(() => chunkOf(new Uint8Array())).toThrow(/no record/)
  })
})
