import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { EntryCursor, EntryWriter, MalformedBatch, recordsAfter } from '../../src/log/entry.ts'
import { microsOf } from '../../src/market/time.ts'
import { type MadeEntry, madeEntry, packed, unpacked } from '../support/made-entries.ts'

const numbered = (entries: readonly MadeEntry[], first: number): MadeEntry[] =>
  entries.map((entry, index) => ({ ...entry, seq: first + index }))

describe('packed entries', () => {
  it('come back as they were written', () => {
    fc.assert(
      fc.property(fc.array(madeEntry), (entries) => {
        expect(unpacked(packed(entries))).toEqual(entries)
      }),
    )
  })

  it('keep numbers up to 2^53 - 1 and payloads of any byte', () => {
    const edges = [0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]
    const payload = Uint8Array.from({ length: 256 }, (_, index) => index)
    const entries = edges.map((seq) => ({
      kind: 'frame' as const,
      seq,
      receiveTime: microsOf(seq),
      connection: Math.min(seq, 2 ** 32 - 1),
      payload,
      isBinary: true,
    }))
    expect(unpacked(packed(entries))).toEqual(entries)
  })

  it('read as text what is UTF-8, and replace what is not', () => {
    const writer = new EntryWriter()
    writer.append('frame', 1, microsOf(1), 1, Buffer.from('{"ü":"€𝄞"}'))
    writer.append('frame', 2, microsOf(1), 1, Uint8Array.of(0x61, 0xff, 0x62))
    const cursor = new EntryCursor(writer.take() ?? new Uint8Array())
    expect([cursor.next(), cursor.text()]).toEqual([true, '{"ü":"€𝄞"}'])
    expect([cursor.next(), cursor.text()]).toEqual([true, 'a\uFFFDb'])
    expect(cursor.next()).toBe(false)
  })

  it('are handed over in memory of their own, once', () => {
    const writer = new EntryWriter(16)
    writer.append('frame', 1, microsOf(1), 1, Buffer.from('first'))
    expect([writer.entryCount, writer.byteLength]).toEqual([1, 33])
    const first = writer.take() ?? new Uint8Array()
    expect([writer.entryCount, writer.byteLength, writer.take()]).toEqual([0, 0, undefined])
    writer.append('frame', 2, microsOf(2), 1, Buffer.from('other'))
    const moved = structuredClone(first, { transfer: [first.buffer as ArrayBuffer] })
    expect(unpacked(moved).map(({ seq }) => seq)).toEqual([1])
    expect(unpacked(writer.take() ?? new Uint8Array()).map(({ seq }) => seq)).toEqual([2])
  })

  it('throw MalformedBatch when cut anywhere but between records', () => {
    fc.assert(
      fc.property(fc.array(madeEntry, { minLength: 1, maxLength: 4 }), fc.nat(), (entries, at) => {
        const records = packed(entries)
        const size = at % records.length
        const ends = entries.map((_, index) => packed(entries.slice(0, index)).length)
        const read = (): MadeEntry[] => unpacked(records.subarray(0, size))
        if (ends.includes(size)) expect(read()).toEqual(entries.slice(0, ends.indexOf(size)))
        else expect(read).toThrow(MalformedBatch)
      }),
    )
  })

  it('throw MalformedBatch for unknown kinds and flags, and for numbers past 2^53', () => {
    const writer = new EntryWriter()
    writer.append('frame', 1, microsOf(1), 1, Buffer.from('x'))
    const records = writer.take() ?? new Uint8Array()
    for (const [at, value] of [
      [4, 10],
      [4, 255],
      [5, 2],
      [6, 1],
      [7, 128],
      [18, 32],
      [19, 1],
      [26, 32],
    ] as const) {
      const changed = Uint8Array.from(records)
      changed[at] = value
      expect(() => unpacked(changed)).toThrow(MalformedBatch)
    }
  })

  it('are found behind any entry', () => {
    fc.assert(
      fc.property(
        fc.array(madeEntry),
        fc.integer({ min: 1, max: 2 ** 40 }),
        fc.nat(30),
        (made, first, skip) => {
          const entries = numbered(made, first)
          expect(unpacked(recordsAfter(packed(entries), first - 1 + skip))).toEqual(entries.slice(skip))
        },
      ),
    )
  })
})
