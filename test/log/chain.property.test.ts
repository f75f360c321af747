import { createHash } from 'node:crypto'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { BLOCK_ENTRIES, Chain, CHAIN_START } from '../../src/log/chain.ts'
import { EntryCursor, recordsAfter } from '../../src/log/entry.ts'
import { madeStream, packed } from '../support/made-entries.ts'
import { sampleRecords } from '../support/sample-chunks.ts'

const headOf = (...parts: readonly Uint8Array[]): string => {
  const chain = new Chain()
  for (const part of parts) chain.add(part)
  return chain.head()
}

/** The definition, computed the slow way. */
const definedHead = (records: Uint8Array): string => {
  const cursor = new EntryCursor(records)
  let head = CHAIN_START
  let hash = createHash('sha256').update(Buffer.from(head, 'hex'))
  let isOpen = false
  while (cursor.next()) {
    hash.update(records.subarray(cursor.recordStart, cursor.recordEnd))
    isOpen = true
    if (cursor.seq % 1024 !== 0) continue
    head = hash.digest('hex')
    hash = createHash('sha256').update(Buffer.from(head, 'hex'))
    isOpen = false
  }
  return isOpen ? hash.digest('hex') : head
}

const splitAt = (records: Uint8Array, seqs: readonly number[]): Uint8Array[] => {
  const starts = [
    0,
    ...seqs
      .toSorted((one, other) => one - other)
      .map((seq) => records.length - recordsAfter(records, seq).length),
  ]
  return starts.map((start, index) => records.subarray(start, starts[index + 1] ?? records.length))
}

describe('the chain', () => {
  it('has the head that its definition gives', () => {
    for (const entries of [0, 1, 2, 1023, 1024, 1025, 2048, 2100, 5000]) {
      const records = sampleRecords(1, entries)
      expect(headOf(records)).toBe(definedHead(records))
    }
    expect(headOf()).toBe(CHAIN_START)
  })

  it('does not depend on how the records are split', () => {
    const records = sampleRecords(1, 3 * BLOCK_ENTRIES + 5)
    const whole = headOf(records)
    const seq = fc.oneof(fc.nat(3 * BLOCK_ENTRIES + 5), fc.constantFrom(1023, 1024, 1025, 2048))
    fc.assert(
      fc.property(fc.array(seq, { maxLength: 6 }), (cuts) => {
        expect(headOf(...splitAt(records, cuts))).toBe(whole)
      }),
    )
  })

  it('has another head after any changed byte, added or dropped entry', () => {
    fc.assert(
      fc.property(madeStream(1, 12), fc.nat(), fc.integer({ min: 1, max: 255 }), (entries, at, change) => {
        const records = packed(entries)
        const head = headOf(records)
        const changed = Uint8Array.from(records)
        const place = at % records.length
        changed[place] = (changed[place] ?? 0) ^ change
        let other: string
        try {
          other = headOf(changed)
        } catch {
          other = 'refused'
        }
        expect(other).not.toBe(head)
        expect(headOf(packed(entries.slice(0, -1)))).not.toBe(head)
      }),
    )
  })

  it('goes on from the head of its last full block', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_500 }), fc.integer({ min: 0, max: 1_500 }), (stored, more) => {
        const before = sampleRecords(1, stored)
        const after = sampleRecords(stored + 1, stored + more)
        const first = new Chain()
        first.add(before)
        const blockEnd = stored - (stored % BLOCK_ENTRIES)
        const second = new Chain(blockEnd, first.blockHead())
        second.add(recordsAfter(before, blockEnd))
        expect(second.head()).toBe(first.head())
        second.add(after)
        expect(second.head()).toBe(headOf(before, after))
      }),
      { numRuns: 30 },
    )
  })

  it('refuses entries that do not follow', () => {
    expect(() => headOf(sampleRecords(2, 3))).toThrow(/follows/)
    expect(() => headOf(sampleRecords(1, 3), sampleRecords(3, 4))).toThrow(/follows/)
  })

  it('begins anew behind a hole in the middle of a block, and goes on from its place', () => {
    const hole = 'c'.repeat(64)
    const chain = new Chain(1500, hole)
    expect(chain.head()).toBe(hole)
    expect(chain.addChunk(sampleRecords(1501, 1600))).toMatchObject({
      chainBefore: hole,
      chainFirstBlock: null,
      chainBlock: hole,
    })
    const again = new Chain(1500, chain.blockHead())
    again.add(sampleRecords(1501, 1600))
    expect(again.head()).toBe(chain.head())
    expect(chain.addChunk(sampleRecords(1601, 2048)).chainAfter).toBe(chain.blockHead())
  })

  it('tells of a chunk the heads that single steps give', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2_500 }), fc.integer({ min: 1, max: 2_500 }), (before, more) => {
        const last = before + more
        const chain = new Chain()
        chain.add(sampleRecords(1, before))
        const heads = chain.addChunk(sampleRecords(before + 1, last))
        const headAt = (seq: number): string => headOf(sampleRecords(1, seq))
        const firstBlock = Math.ceil((before + 1) / BLOCK_ENTRIES) * BLOCK_ENTRIES
        expect(heads).toEqual({
          chainBefore: headAt(before),
          chainAfter: headAt(last),
          chainFirstBlock: firstBlock <= last ? headAt(firstBlock) : null,
          chainBlock: headAt(last - (last % BLOCK_ENTRIES)),
        })
      }),
      { numRuns: 30 },
    )
  })
})
