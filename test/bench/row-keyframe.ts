/** The rival of keyframes in columns: the same book row by row with ids as text, compressed alike. */
import { Buffer } from 'node:buffer'
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib'

import { OrderBook } from '../../src/book/order-book.ts'
import { priceOf, sizeOf } from '../../src/market/price.ts'
import { StateReader, StateWriter } from '../../src/market/state-bytes.ts'

const SIDES = ['bid', 'ask'] as const

export const saveRows = (book: OrderBook, orderId: (order: number) => string): Uint8Array => {
  const writer = new StateWriter()
  for (const side of SIDES) {
    const orders = book.orders(side)
    writer.uint(orders.length)
    for (const { order, price, size } of orders) {
      writer.text(orderId(order))
      writer.uint(order)
      writer.int(price)
      writer.uint(size)
      writer.int(0)
    }
  }
  return writer.finish()
}

export const packRows = (state: Uint8Array): Uint8Array =>
  brotliCompressSync(state, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } })

export const unpackRows = (packed: Uint8Array): Uint8Array => brotliDecompressSync(Buffer.from(packed))

/** Book and table of ids, ready to go on. */
export const restoreRows = (
  state: Uint8Array,
): { readonly book: OrderBook; readonly ids: ReadonlyMap<string, number> } => {
  const reader = new StateReader(state)
  const book = new OrderBook()
  const ids = new Map<string, number>()
  book.clear(true)
  for (const side of SIDES) {
    for (let orders = reader.uint(); orders > 0; orders--) {
      const id = reader.text()
      const order = reader.uint()
      ids.set(id, order)
      book.open(order, side, priceOf(reader.int()), sizeOf(reader.uint()), reader.int())
    }
  }
  return { book, ids }
}
