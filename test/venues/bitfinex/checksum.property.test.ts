import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { checksumOf } from '../../../src/venues/bitfinex/checksum.ts'
import { runKeeper } from './keeper-run.ts'
import { BOOK, VenueScript } from './venue-script.ts'

/** CRC-32 bit by bit, as its definition has it. */
const crcByBits = (text: string): number => {
  let crc = 0xffffffff
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
  }
  return ~crc
}

/** A row as the venue writes it: number texts. */
type Row = readonly [id: string, price: string, amount: string]

const naiveChecksum = (rows: ReadonlyMap<string, Row>, isById: boolean): number => {
  const sorted = (sign: 1 | -1): readonly Row[] =>
    [...rows.values()]
      .filter((row) => Math.sign(Number(row[2])) === sign)
      .sort((a, b) => sign * (Number(b[1]) - Number(a[1])) || Number(a[0]) - Number(b[0]))
  const [bids, asks] = [sorted(1), sorted(-1)]
  const parts: string[] = []
  for (let index = 0; index < 25; index++)
    for (const row of [bids[index], asks[index]])
      if (row !== undefined) parts.push(isById ? row[0] : row[1], row[2])
  return crcByBits(parts.join(':'))
}

describe('the checksum', () => {
  it.each([
    [['6000:1', '5900:2'], ['6100:-3', '6200:-4'], 1756193398],
    [['6000:1', '5900:2'], ['6100:-3'], 1463064604],
    [['7e-7:10000', '1e-8:640000'], ['0.00000111:-4847.13'], -1263071238],
  ])('of %j and %j is %i', (bids, asks, expected) => {
    expect(checksumOf(bids, asks)).toBe(expected)
  })

  // Bids below 100, asks above: the book is never crossed. Some literals are not in JavaScript form.
  const literal = (minimum: number, maximum: number) =>
    fc
      .tuple(fc.integer({ min: minimum * 1000, max: maximum * 1000 }), fc.constantFrom(0, 1, 2))
      .map(([thousandths, form]) => {
        if (form === 0) return String(thousandths / 1000)
        return form === 1 ? (thousandths / 1000).toFixed(4) : `${String(thousandths)}e-3`
      })
  const change = fc.record({
    id: fc.integer({ min: 1, max: 60 }),
    isBid: fc.boolean(),
    bid: literal(1, 5),
    ask: literal(101, 105),
    size: literal(1, 3),
    isDelete: fc.boolean(),
  })

  it.each(['R0', 'P0'])('of a %s book is the one of the rows as they came', (feed) => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 120 }), (changes) => {
        const script = new VenueScript({ feed }).connect().bookSubscribed().data(BOOK, [])
        const rows = new Map<string, Row>()
        for (const { id, isBid, bid, ask, size, isDelete } of changes) {
          const price = isBid ? bid : ask
          const amount = isBid ? size : `-${size}`
          const key = feed === 'R0' ? String(id) : String(Number(price))
          const sign = isBid ? '1' : '-1'
          script.after(1)
          if (isDelete) rows.delete(key)
          else rows.set(key, [String(id), price, amount])
          const zero = isDelete ? '0' : undefined
          const row =
            feed === 'R0'
              ? [String(id), zero ?? price, isDelete ? sign : amount]
              : [price, zero ?? '1', isDelete ? sign : amount]
          script.raw([String(BOOK), `[${row.join(',')}]`])
          script.named(BOOK, 'cs', naiveChecksum(rows, feed === 'R0'))
        }
        const { keeper } = runKeeper(script.records())
        expect(keeper.summary()).toMatchObject({ valid: true, verified: true, gaps: 0 })
        expect(keeper.summary().checksums).toEqual({ right: changes.length, wrong: 0 })
      }),
      { numRuns: 60 },
    )
  })
})
