import { createHash } from 'node:crypto'

import fc from 'fast-check'
import { type Either, isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { COLUMNS_FORMAT, encodeChunk } from '../../src/codec/chunk-columns.ts'
import { type ChunkDamage, decodeChunk, openPayload } from '../../src/codec/chunk-format.ts'
import { ChunkScan } from '../../src/codec/chunk-scan.ts'
import { BlockReader, BlockWriter } from '../../src/codec/columns/block-stream.ts'
import { COLUMNS_HEAD } from '../../src/codec/columns/columns-head.ts'
import { encodeColumns } from '../../src/codec/columns/encode-columns.ts'
import { decodeHeader, encodeHeader } from '../../src/codec/documents.ts'
import { RowRenderer } from '../../src/codec/template/row-renderer.ts'
import { TemplateScope } from '../../src/codec/template/template-scope.ts'
import { CHAIN_START } from '../../src/log/chain.ts'
import type { Chunk, ChunkHeader } from '../../src/log/chunk.ts'
import type { ColumnHints } from '../../src/log/column-hints.ts'
import { EntryCursor, EntryWriter } from '../../src/log/entry.ts'
import { microsOf } from '../../src/market/time.ts'
import { captureNames, capturesFolder, readCapture } from '../support/captures.ts'
import { jsonTexts } from '../support/json-texts.ts'
import { madeStream, packed } from '../support/made-entries.ts'
import { emptyVerdict } from '../support/sample-chunks.ts'

const chain = {
  chainBefore: CHAIN_START,
  chainAfter: CHAIN_START,
  chainFirstBlock: null,
  chainBlock: CHAIN_START,
}
const chunkOf = (records: Uint8Array, hints?: ColumnHints): Chunk =>
  encodeChunk({ stream: 'coinbase:BTC-USD', records, ...chain, verdict: emptyVerdict, hints })

/** The same header around other bytes, with the right hash and size: what only the content can betray. */
const disguised = (header: ChunkHeader, payload: Uint8Array): ChunkHeader => ({
  ...header,
  storedBytes: payload.length,
  payloadHash: createHash('sha256').update(payload).digest('hex'),
})

/** Payloads as frames, a few microseconds apart. */
const framesOf = (texts: readonly string[]): Uint8Array => {
  const writer = new EntryWriter()
  texts.forEach((text, index) => {
    writer.append('frame', index + 1, microsOf(1_700_000_000_000_000 + index * 7), 1, Buffer.from(text))
  })
  return writer.take() ?? new Uint8Array()
}

/** Comparing large arrays element by element would take minutes. */
const expectRecords = (decoded: Either<ChunkDamage, Uint8Array>, records: Uint8Array): void => {
  if (isLeft(decoded)) throw new Error(decoded.left.detail)
  expect(Buffer.compare(decoded.right, records)).toBe(0)
}

const expectSame = (records: Uint8Array, hints?: ColumnHints): Chunk => {
  const chunk = chunkOf(records, hints)
  expect(chunk.header.format).toBe(COLUMNS_FORMAT)
  expectRecords(decodeChunk(chunk.header, chunk.payload), records)
  return chunk
}

/** Every entry that the chunk's cursor shows is the one of the records, and its row renders to the same bytes. */
const expectSameViews = (records: Uint8Array, { header, payload }: Chunk): void => {
  const opened = openPayload(header, payload)
  if (isLeft(opened)) throw new Error(opened.left.detail)
  const views = opened.right.cursor()
  const entries = new EntryCursor(records)
  const renderer = new RowRenderer()
  while (entries.next()) {
    expect(views.next()).toBe(true)
    const { seq, receiveTime, kind, connection, isBinary } = entries
    expect(views).toMatchObject({ seq, receiveTime, kind, connection, isBinary })
    expect(Buffer.from(views.bytes()).equals(entries.bytes())).toBe(true)
    expect(views.text()).toBe(entries.text())
    const { row } = views
    if (row === undefined) continue
    const { scope } = row
    if (!(scope instanceof TemplateScope)) throw new Error('a scope of another kind')
    const { template, values, scales, start, end } = row
    const bytes = renderer.bytes({ scope, template, values, scales, start, end }, 1e6)
    expect(bytes?.equals(entries.bytes())).toBe(true)
  }
  expect(views.next()).toBe(false)
}

const orderTexts = fc
  .array(
    fc.record({
      order: fc.nat(7),
      price: fc.integer({ min: -5, max: 9_999_999 }),
      size: fc.oneof(fc.nat(3), fc.nat(2 ** 40)),
      kind: fc.constantFrom('open', 'done', 'match', 'list'),
      scale: fc.nat(9),
    }),
    { minLength: 1, maxLength: 60 },
  )
  .map((orders) =>
    orders.map(({ order, price, size, kind, scale }, index) => {
      const id = `0${String(order)}0e8400-e29b-41d4-a716-44665544000${String(order)}`
      const decimal = (size / 10 ** scale).toFixed(scale)
      if (kind === 'match')
        return `{"maker_order_id":"${id}","taker_order_id":"${id}","size":"${decimal}","price":"${String(price)}","n":${String(order + 1e9)}}`
      if (kind === 'list')
        return `{"bids":[["${String(price)}","${decimal}","${id}"],["1","2","${id}"]],"s":${String(index)}}`
      return `{"type":"${kind}","order_id":"${id}","size":"${decimal}","price":"${String(price)}","s":${String(index)},"n":${String(order + 1e9)}}`
    }),
  )

const HINTS: ColumnHints = {
  numberIds: [{ path: 'n', set: 'number', least: 1000 }],
  follows: [
    { group: 'price', path: 'price', ids: ['order_id'], effect: 'tell' },
    { group: 'size', path: 'size', ids: ['order_id'], effect: 'tell' },
    { group: 'size', path: 'size', ids: ['maker_order_id', 'taker_order_id'], effect: 'take' },
    { group: 'price', path: 'bids[].0', ids: ['bids[].2'], effect: 'tell' },
    { group: 'number', path: 'price', ids: ['n'], effect: 'tell', within: 'done' },
  ],
}

describe('chunks of columns-1', () => {
  it('give back the records they were made of', () => {
    fc.assert(
      fc.property(madeStream(1, 40), (entries) => {
        const records = packed(entries)
        const chunk = expectSame(records)
        expect(chunk.header).toMatchObject({
          format: COLUMNS_FORMAT,
          firstSeq: 1,
          lastSeq: entries.length,
          entries: entries.length,
          firstReceiveTime: entries[0]?.receiveTime,
          lastReceiveTime: entries.at(-1)?.receiveTime,
          rawBytes: entries.reduce((sum, entry) => sum + entry.payload.length, 0),
          storedBytes: chunk.payload.length,
        })
        expectSameViews(records, chunk)
      }),
    )
  })

  it('give back frames of JSON of any shape', () => {
    fc.assert(
      fc.property(fc.array(jsonTexts, { minLength: 1, maxLength: 12 }), (texts) => {
        const records = framesOf([...texts, ...texts])
        expectSameViews(records, expectSame(records))
      }),
    )
  })

  it('give back orders told by id, whatever the hints say', () => {
    fc.assert(
      fc.property(orderTexts, (texts) => {
        const records = framesOf(texts)
        expectSame(records)
        expectSameViews(records, expectSame(records, HINTS))
      }),
    )
  })

  it('are the same bytes for the same records', () => {
    fc.assert(
      fc.property(orderTexts, (texts) => {
        const records = framesOf(texts)
        expect(chunkOf(records, HINTS)).toEqual(chunkOf(records, HINTS))
      }),
      { numRuns: 20 },
    )
  })

  it('keep any entries verbatim', () => {
    fc.assert(
      fc.property(orderTexts, fc.array(fc.nat(59)), (texts, chosen) => {
        const records = framesOf(texts)
        const scan = new ChunkScan(records)
        scan.finish()
        const payload = encodeColumns(scan, HINTS, new Set(chosen.filter((entry) => entry < texts.length)))
        if (payload === undefined) throw new Error('does not read back')
        const { header } = chunkOf(records)
        expectRecords(decodeChunk(disguised(header, payload), payload), records)
      }),
      { numRuns: 30 },
    )
  })

  const folder = capturesFolder()
  if (folder === undefined) it.skip('give back every capture (set BOOKREEL_CAPTURES)', () => undefined)
  else
    it.each(captureNames(folder))(
      'give back the capture %s',
      (name) => {
        const writer = new EntryWriter()
        readCapture(folder, name).lines.forEach(({ t, conn, text }, index) => {
          writer.append('frame', index + 1, microsOf(t), conn, Buffer.from(text))
        })
        expectSame(writer.take() ?? new Uint8Array())
      },
      60_000,
    )
})

const SAMPLE = framesOf(fc.sample(orderTexts, { numRuns: 1, seed: 5 })[0] ?? [])

describe('damaged chunks of columns-1', () => {
  it('are told for every bit flipped in payload and header, or give exactly what was written', () => {
    const { header, payload } = chunkOf(SAMPLE, HINTS)
    for (let bit = 0; bit < payload.length * 8; bit++) {
      const changed = Uint8Array.from(payload)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(isLeft(openPayload(header, changed))).toBe(true)
      // Without the header's hash the blocks' own checksums tell.
      const opened = openPayload(disguised(header, changed), changed)
      expect(isLeft(opened) && opened.left.kind).toBe('malformed')
    }
    const document = encodeHeader(header)
    for (let bit = 0; bit < document.length * 8; bit++) {
      const changed = Uint8Array.from(document)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(isLeft(decodeHeader(changed))).toBe(true)
    }
  })

  it('never throw nor grow beyond their header when their blocks are forged', () => {
    const { header, payload } = chunkOf(SAMPLE, HINTS)
    const blocks: Uint8Array[] = []
    const reader = new BlockReader(payload, COLUMNS_HEAD.length, 1e7)
    while (blocks.length < 100) {
      try {
        blocks.push(Uint8Array.from(reader.next('any')))
      } catch {
        break
      }
    }
    expect(blocks.length).toBeGreaterThan(5)
    fc.assert(
      fc.property(
        fc.nat(blocks.length - 1),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat(40)),
        (number, changes, cut) => {
          const writer = new BlockWriter()
          blocks.forEach((block, index) => {
            const content = Uint8Array.from(block)
            if (index === number && content.length > 0)
              for (const [at, value] of changes) content[at % content.length] = value
            const kept =
              index === number && cut !== null
                ? content.subarray(0, Math.max(0, content.length - cut))
                : content
            writer.add(kept, 1)
          })
          const forged = writer.finish(COLUMNS_HEAD)
          const opened = openPayload(disguised(header, forged), forged)
          if (isLeft(opened)) return
          const records = opened.right.records()
          if (!isLeft(records)) expect(records.right.length).toBe(SAMPLE.length)
          const cursor = opened.right.cursor()
          let entries = 0
          while (cursor.next()) entries++
          expect(entries).toBe(header.entries)
        },
      ),
      { numRuns: 2000 },
    )
  })

  it('do not unpack a small payload into more than their header allows', () => {
    const { header } = chunkOf(SAMPLE)
    const bomb = new Uint8Array(64 * 1024 * 1024)
    const writer = new BlockWriter()
    writer.add(bomb, 1)
    const payload = writer.finish(COLUMNS_HEAD)
    const before = process.memoryUsage().arrayBuffers
    expect(isLeft(openPayload(disguised(header, payload), payload))).toBe(true)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024)
  })

  it('are told when the header says something else', () => {
    const { header, payload } = chunkOf(SAMPLE)
    const wrong: Partial<ChunkHeader>[] = [
      { firstSeq: 2 },
      { lastSeq: header.lastSeq + 1 },
      { entries: header.entries - 1 },
      { entries: header.entries + 1, lastSeq: header.lastSeq + 1 },
      { rawBytes: header.rawBytes + 1 },
      { rawBytes: header.rawBytes - 1 },
      { storedBytes: header.storedBytes + 1 },
      { kinds: { frame: header.entries - 1, sent: 1 } },
      { firstReceiveTime: header.lastReceiveTime },
      { lastReceiveTime: header.firstReceiveTime },
      { rawBytes: Number.MAX_SAFE_INTEGER },
    ]
    for (const change of wrong) {
      const decoded = decodeChunk({ ...header, ...change }, payload)
      expect(isLeft(decoded) && decoded.left.kind).toBe('malformed')
    }
  })

  it('name a version they do not know', () => {
    const { header, payload } = chunkOf(SAMPLE)
    const changed = Uint8Array.from(payload)
    changed[2] = 9
    const opened = openPayload(disguised(header, changed), changed)
    expect(isLeft(opened) && opened.left.detail).toContain('version 9')
  })

  it('are not made of nothing', () => {
    expect(() => chunkOf(new Uint8Array())).toThrow(/no record/)
  })
})
