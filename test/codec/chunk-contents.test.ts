import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { encodeChunk } from '../../src/codec/chunk-columns.ts'
import { type ChunkContents, contentsFromMessage } from '../../src/codec/chunk-contents.ts'
import { openPayload } from '../../src/codec/chunk-format.ts'
import { encodeChunk as encodePlain } from '../../src/codec/chunk-plain.ts'
import { CHAIN_START } from '../../src/log/chain.ts'
import type { Chunk } from '../../src/log/chunk.ts'
import { EntryWriter } from '../../src/log/entry.ts'
import { microsOf } from '../../src/market/time.ts'
import { emptyVerdict } from '../support/sample-chunks.ts'

const TEXTS = [
  '{"type":"open","order_id":"0f2a7bd1-0000-4000-8000-00000000000a","price":"101.50","size":"0.25"}',
  '{"type":"done","order_id":"0f2a7bd1-0000-4000-8000-00000000000a","price":"101.50","size":"0.250"}',
  '{"type":"l2update","changes":[["buy","7.1","3"],["sell","7.2","0"]],"note":"a1"}',
  'no frame \u0000 of any template',
]

const recordsOf = (): Uint8Array => {
  const writer = new EntryWriter()
  for (let index = 0; index < 40; index++)
    writer.append(
      'frame',
      index + 1,
      microsOf(1_700_000_000_000_000 + index * 11),
      1,
      Buffer.from(TEXTS[index % 4] ?? ''),
    )
  return writer.take() ?? new Uint8Array()
}

const records = recordsOf()
const content = {
  stream: 'coinbase:BTC-USD',
  records,
  ...{ chainBefore: CHAIN_START, chainAfter: CHAIN_START, chainFirstBlock: null, chainBlock: CHAIN_START },
  verdict: emptyVerdict,
} as const

const opened = ({ header, payload }: Chunk): ChunkContents => {
  const contents = openPayload(header, payload)
  if (isLeft(contents)) throw new Error(contents.left.detail)
  return contents.right
}

/** Rows and texts of all entries. */
const shown = (contents: ChunkContents): unknown[] => {
  const cursor = contents.cursor()
  const entries: unknown[] = []
  while (cursor.next()) {
    const { seq, receiveTime, kind, row } = cursor
    const scalars = row === undefined ? undefined : [...row.values.subarray(row.start, row.end)]
    const slots = row?.scope.templates[row.template]?.slots
    entries.push({ seq, receiveTime, kind, scalars, slots, text: cursor.text() })
  }
  return entries
}

describe.each([
  ['columnar', encodeChunk(content)],
  ['plain', encodePlain(content)],
])('the contents of a %s chunk', (_, chunk) => {
  it('are the same on the other side of a transfer', () => {
    const { message, transfer } = opened(chunk).toMessage()
    const received = contentsFromMessage(structuredClone(message, { transfer: [...transfer] }))
    expect(transfer.every(({ byteLength }) => byteLength === 0)).toBe(true)
    expect(shown(received)).toEqual(shown(opened(chunk)))
    const back = received.records()
    if (isLeft(back)) throw new Error(back.left.detail)
    expect(Buffer.compare(back.right, records)).toBe(0)
  })

  it('leave the stored payload whole when they are transferred', () => {
    const before = Buffer.from(chunk.payload)
    const { message, transfer } = opened(chunk).toMessage()
    structuredClone(message, { transfer: [...transfer] })
    expect(Buffer.compare(before, chunk.payload)).toBe(0)
  })
})

describe('the contents of a columnar chunk that is released', () => {
  const chunk = encodeChunk(content)
  const fresh = shown(opened(chunk))

  it('leave nothing to the chunk that is opened in their memory', () => {
    for (const left of [0, 1, 0x7f, 0xff]) {
      const contents = opened(chunk)
      const { message } = contents.toMessage()
      if (message.kind !== 'columns') throw new Error('the chunk is not columnar')
      const { room } = message.columns
      new Uint8Array(room).fill(left)
      contents.release()
      const next = opened(chunk)
      const again = next.toMessage().message
      expect(again.kind === 'columns' && again.columns.room).toBe(room)
      expect(shown(next)).toEqual(fresh)
      next.release()
    }
  })

  it('detach nothing when they are handed over, and give their memory back through whoever took it', () => {
    const { message, transfer } = opened(chunk).toMessage()
    expect(transfer).toEqual([])
    const rooms: SharedArrayBuffer[] = []
    const received = contentsFromMessage(structuredClone(message), (room) => rooms.push(room))
    expect(shown(received)).toEqual(fresh)
    received.release()
    expect(rooms.map(({ byteLength }) => byteLength)).toEqual([
      message.kind === 'columns' ? message.columns.room.byteLength : -1,
    ])
  })

  it('do not share memory with another chunk that is open', () => {
    const first = opened(chunk)
    const second = opened(chunk)
    expect(shown(first)).toEqual(fresh)
    expect(shown(second)).toEqual(fresh)
    first.release()
    second.release()
    expect(shown(opened(chunk))).toEqual(fresh)
  })
})
