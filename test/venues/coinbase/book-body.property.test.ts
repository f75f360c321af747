import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { OrderIds } from '../../../src/market/order-ids.ts'
import { type OrderBook, parseBookBody, readBookBody } from '../../../src/venues/coinbase/book-body.ts'
import { scanBook } from '../../../src/venues/coinbase/book-scan.ts'
import { Scales } from '../../../src/venues/coinbase/instruments.ts'
import { OrderTable } from '../../../src/venues/coinbase/order-table.ts'

const digits = (most: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${String(most)}}$`))
const plain = fc.oneof(
  fc.tuple(digits(9), digits(9)).map(([whole, fraction]) => `${whole}.${fraction}`),
  digits(18),
  fc.tuple(digits(4), digits(2)).map(([whole, fraction]) => `${whole}.${fraction}`),
)
const oddNumber = fc.constantFrom('', '0', '-0', '-1', '1e3', '1E-2', '1.', '.5', '1.2.3', '+1', ' 1', '0x1', '1.500', '007.10', '9'.repeat(50), '1.00000000000000000000000') // prettier-ignore
const oddText = fc.constantFrom('é', '"', '\\', '\u0000', '\u007f')
const number = fc.oneof({ weight: 60, arbitrary: plain }, { weight: 1, arbitrary: oddNumber })
const usualRow = fc.tuple(
  number,
  number,
  fc.oneof({ weight: 20, arbitrary: fc.uuid() }, { weight: 1, arbitrary: digits(6) }),
)
const usualRows = fc.array(usualRow, { maxLength: 12 })
const decimal = fc.oneof({ weight: 30, arbitrary: number }, { weight: 1, arbitrary: oddText })
const id = fc.oneof({ weight: 20, arbitrary: fc.uuid() }, { weight: 1, arbitrary: fc.string() })
const row = fc.oneof(
  { weight: 60, arbitrary: fc.tuple(decimal, decimal, id) },
  { weight: 1, arbitrary: fc.tuple(decimal, decimal) },
  { weight: 1, arbitrary: fc.tuple(decimal, decimal, id, decimal) },
  { weight: 1, arbitrary: fc.jsonValue() },
)
const rows = fc.oneof(usualRows, usualRows, fc.array(row, { maxLength: 12 }))
const others = fc.oneof(
  fc.record({
    auction_mode: fc.boolean(),
    auction: fc.constant(null),
    time: fc.constant('2024-01-01T00:00:00Z'),
  }),
  fc.dictionary(fc.constantFrom('auction_mode', 'auction', 'time', 'x', 'bids ', 'b\\ids'), fc.jsonValue()),
)

/** The members of a body, in any order; now and then one twice or none. */
const body = fc
  .tuple(
    fc.oneof({ weight: 20, arbitrary: fc.nat() }, { weight: 1, arbitrary: fc.jsonValue() }),
    rows,
    rows,
    others,
    fc.nat(),
    fc.constantFrom('', '', '', '', 'bids', 'asks', 'sequence'),
  )
  .map(([sequence, bids, asks, rest, order, odder]) => {
    const members: [string, unknown][] = [
      ['sequence', sequence],
      ['bids', bids],
      ['asks', asks],
      ...Object.entries(rest),
    ]
    const turned = members.map((_member, index) => members[(index + order) % members.length] ?? ['', 0])
    const told = order % 2 === 0 ? turned : turned.filter(([name]) => name !== odder)
    if (order % 3 === 0 && odder !== '') told.push([odder, []])
    return `{${told.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`
  })

/** Bytes put elsewhere, away, or otherwise. */
const mutation = fc.record({
  kind: fc.constantFrom('cut', 'drop', 'put', 'double'),
  at: fc.nat(),
  byte: fc.oneof(fc.constantFrom(...Buffer.from('"\\,:[]{} \n0.e-')), fc.nat({ max: 255 })),
})
const mutate = (bytes: Buffer, { kind, at, byte }: { kind: string; at: number; byte: number }): Buffer => {
  const place = at % (bytes.length + 1)
  if (kind === 'cut') return bytes.subarray(0, place)
  if (kind === 'drop') return Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 1)])
  if (kind === 'put')
    return Buffer.concat([bytes.subarray(0, place), Buffer.from([byte]), bytes.subarray(place)])
  return Buffer.concat([bytes.subarray(0, place), bytes.subarray(Math.max(0, place - 40))])
}

/** All that a decoder learns of a book: what it is without its rows, the instruments told, the rows with their orders. */
const learned = (book: OrderBook | undefined, isGivenUp: boolean) => {
  if (book === undefined) return undefined
  const { sequence, auction_mode, time } = book.body
  const instruments: number[][] = []
  const scales = new Scales()
  const sink = {
    instrument: (price: number, size: number) => void instruments.push([price, size]),
  } as unknown as Parameters<OrderBook['readRows']>[1]
  scales.read('12.5', '0.25', sink)
  if (isGivenUp) scales.giveUp()
  const read = book.readRows(scales, sink)
  if ('cause' in read) return { sequence, auction_mode, time, instruments, failure: read }
  const ids = new OrderTable()
  const model = new OrderIds()
  const sides = (['bid', 'ask'] as const).map((side) => {
    const { prices, sizes } = side === 'bid' ? read.bids : read.asks
    return prices.map((price, index) => {
      const order = book.addOrder(side, index, ids)
      const text = ids.text(order)
      expect(model.add(text)).toBe(order)
      return { price, size: sizes[index], text }
    })
  })
  return { sequence, auction_mode, time, instruments, sides }
}

describe('The body of a book', () => {
  it('means what parsing it says, however it is written', () => {
    let scanned = 0
    fc.assert(
      fc.property(
        body,
        fc.array(mutation, { maxLength: 3 }),
        fc.boolean(),
        fc.boolean(),
        (text, mutations, isMutated, isGivenUp) => {
          const bytes = (isMutated ? mutations : []).reduce(mutate, Buffer.from(text))
          const shared = new Uint8Array(new SharedArrayBuffer(bytes.length + 3), 3)
          shared.set(bytes)
          if (scanBook(bytes) !== undefined) scanned++
          expect(learned(readBookBody(shared), isGivenUp)).toEqual(learned(parseBookBody(bytes), isGivenUp))
        },
      ),
      { numRuns: 800 },
    )
    expect(scanned).toBeGreaterThan(80)
  })

  it('is scanned as the venue writes it', () => {
    const order = '["65000.01","0.50000000","3b1e7a44-2f4b-4f5c-9d2e-0a1b2c3d4e5f"]'
    const text = `{"bids":[${order},${order}],"asks":[],"sequence":12,"auction_mode":false,"auction":null,"time":"2024-01-01T00:00:00Z"}\n`
    expect(scanBook(Buffer.from(text))?.body).toEqual({ ...(JSON.parse(text) as object), bids: [] })
  })
})
