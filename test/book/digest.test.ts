import { createHash } from 'node:crypto'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { bookDigest, digestLevelRows, digestOrderRows } from '../../src/book/digest.ts'
import { LevelBook } from '../../src/book/level-book.ts'
import { OrderBook } from '../../src/book/order-book.ts'
import { priceOf, sizeOf } from '../../src/market/price.ts'

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex')

const noOrders = (): string => {
  throw new Error('there are no orders')
}

describe('bookDigest', () => {
  it('hashes the documented text of a book by orders', () => {
    const book = new OrderBook()
    book.rescale(2, 3)
    book.clear(true)
    book.open(0, 'bid', priceOf(10_000), sizeOf(1500), 0)
    book.open(1, 'bid', priceOf(10_000), sizeOf(50), 0)
    book.open(2, 'bid', priceOf(-5), sizeOf(1000), 0)
    book.open(3, 'ask', priceOf(10_001), sizeOf(120_000), 0)
    const ids = ['a-1', 'é', 'c 3', '4']
    expect(bookDigest(book, (order) => ids[order] ?? '')).toBe(
      sha256('orders\nb 100 1.5 a-1\nb 100 0.05 é\nb -0.05 1 c 3\na 100.01 120 4\n'),
    )
  })

  it('hashes the documented text of a book by levels', () => {
    const book = new LevelBook()
    book.rescale(1, 0)
    book.set('bid', priceOf(0), sizeOf(7), undefined)
    book.set('ask', priceOf(15), sizeOf(20), 12)
    book.set('ask', priceOf(5), sizeOf(1), 0)
    expect(bookDigest(book, noOrders)).toBe(sha256('levels\nb 0 7 -\na 0.5 1 0\na 1.5 20 12\n'))
  })

  it('tells empty books of both kinds apart', () => {
    expect(bookDigest(new OrderBook(), noOrders)).toBe(sha256('orders\n'))
    expect(bookDigest(new LevelBook(), noOrders)).toBe(sha256('levels\n'))
  })

  it('hashes a book of many blocks as one text', () => {
    const book = new OrderBook()
    let text = 'orders\n'
    for (let order = 0; order < 20_000; order++) {
      book.open(order, 'ask', priceOf(1 + order), sizeOf(1), 0)
      text += `a ${String(1 + order)} 1 ${String(order)}\n`
    }
    expect(bookDigest(book, String)).toBe(sha256(text))
  })

  it('does not depend on scales', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -99, max: 99 }), fc.integer({ min: 1, max: 99 })), {
          minLength: 1,
        }),
        fc.nat({ max: 9 }),
        fc.nat({ max: 9 }),
        (orders, priceScale, sizeScale) => {
          const book = new OrderBook()
          for (const [order, [price, size]] of orders.entries())
            book.open(order, order % 2 === 0 ? 'bid' : 'ask', priceOf(price), sizeOf(size), 0)
          const before = bookDigest(book, String)
          expect(book.rescale(priceScale, sizeScale)).toBeUndefined()
          expect(bookDigest(book, String)).toBe(before)
        },
      ),
    )
  })
})

describe('digests of rows', () => {
  it('take any spelling of a value', () => {
    const plain = digestOrderRows([{ price: '100', size: '0.5', id: 'x' }], [])
    for (const [price, size] of [
      ['100.00', '0.50'],
      ['1e2', '5E-1'],
      ['0100', '00.5'],
      ['0.1e+3', '50e-2'],
    ] as const) {
      expect(digestOrderRows([{ price, size, id: 'x' }], [])).toBe(plain)
    }
    expect(digestOrderRows([], [{ price: '100', size: '0.5', id: 'x' }])).not.toBe(plain)
    expect(digestLevelRows([{ price: '-0', size: '1.0' }], [])).toBe(sha256('levels\nb 0 1 -\n'))
    expect(digestLevelRows([], [{ price: '2', size: '1', orderCount: 3 }])).toBe(sha256('levels\na 2 1 3\n'))
  })

  it('refuse what is no decimal', () => {
    expect(() => digestOrderRows([{ price: '1,5', size: '1', id: 'x' }], [])).toThrow(RangeError)
    expect(() => digestLevelRows([], [{ price: '1', size: '' }])).toThrow(RangeError)
  })
})
