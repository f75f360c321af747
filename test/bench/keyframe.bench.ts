/**
 * Keyframes of a large book by order: how long one takes to make and to open, and its bytes per order, beside
 * JSON.parse of the same book as a level-3 body and beside the same book row by row. Slower here means slower seeking.
 */
import { Buffer } from 'node:buffer'

import { isLeft } from 'fp-ts/lib/Either.js'

import { OrderBook } from '../../src/book/order-book.ts'
import { decodeKeyframe, encodeKeyframe } from '../../src/codec/keyframe.ts'
import type { Keyframe } from '../../src/log/chunk.ts'
import { decimalText } from '../../src/market/decimal.ts'
import { BookKeeper } from '../../src/replay/keeper/book-keeper.ts'
import { coinbaseVenue } from '../../src/venues/coinbase/venue.ts'
import { generateFullFeed, recordsOf } from '../support/full-feed.ts'
import { type Benchmark, interleaved, median, type Row } from './row.ts'
import { packRows, restoreRows, saveRows, unpackRows } from './row-keyframe.ts'

const ORDERS = 110_000
const FRAMES = 150_000
const ROUNDS = 7

const keeperOf = (records: Uint8Array): BookKeeper => {
  const keeper = new BookKeeper(coinbaseVenue)
  keeper.applyRecords(records)
  return keeper
}

const orderBookOf = (keeper: BookKeeper): OrderBook => {
  const book = keeper.book()
  if (!(book instanceof OrderBook)) throw new Error('the feed gave no book by order')
  return book
}

const bodyOf = (keeper: BookKeeper, book: OrderBook): Buffer => {
  const rows = (side: 'bid' | 'ask'): readonly string[][] =>
    book
      .orders(side)
      .map(({ price, size, order }) => [
        decimalText(price, book.priceScale),
        decimalText(size, book.sizeScale),
        keeper.orderId(order),
      ])
  return Buffer.from(JSON.stringify({ sequence: 1, bids: rows('bid'), asks: rows('ask') }))
}

const decoded = (keyframe: Keyframe): Uint8Array => {
  const state = decodeKeyframe(keyframe)
  if (isLeft(state)) throw new Error(state.left.detail)
  return state.right
}

const milliseconds = (times: readonly number[] | undefined): string => `${median(times ?? []).toFixed(0)} ms`

const run = async (): Promise<readonly Row[]> => {
  const keeper = keeperOf(recordsOf(generateFullFeed(FRAMES, ORDERS)))
  const book = orderBookOf(keeper)
  const orders = book.orderCount('bid') + book.orderCount('ask')
  const levels = book.levelCount('bid') + book.levelCount('ask')
  const state = keeper.save()
  const { lastSeq: seq, lastReceiveTime: receiveTime } = keeper.summary()
  const content = { stream: 'coinbase:BTC-USD', seq, receiveTime, decoderVersion: 1, state } as const
  const keyframe = encodeKeyframe(content)
  const body = bodyOf(keeper, book)
  const rows = packRows(saveRows(book, (order) => keeper.orderId(order)))
  const [parse, save, encode, decode, restore, open, rowSave, rowOpen] = interleaved(ROUNDS, [
    () => {
      JSON.parse(body.toString())
    },
    () => keeper.save(),
    () => encodeKeyframe(content),
    () => decoded(keyframe),
    () => {
      new BookKeeper(coinbaseVenue).restore(state)
    },
    () => {
      new BookKeeper(coinbaseVenue).restore(decoded(keyframe))
    },
    () => packRows(saveRows(book, (order) => keeper.orderId(order))),
    () => restoreRows(unpackRows(rows)),
  ])
  const perOrder = (bytes: number): string => `${(bytes / orders).toFixed(1)} bytes an order`
  const ratio = (rival: readonly number[] = []): string => (median(rival) / median(open ?? [])).toFixed(2)
  return await Promise.resolve([
    {
      name: 'book',
      value: `${String(orders)} orders`,
      note: `${String(levels)} levels, after ${String(FRAMES)} frames`,
    },
    { name: 'stored', value: perOrder(keyframe.payload.length), note: 'book, queues, ids and decoder' },
    { name: 'stored row by row', value: perOrder(rows.length), note: 'ids as text' },
    { name: 'save', value: milliseconds(save) },
    { name: 'encode', value: milliseconds(encode) },
    { name: 'decode', value: milliseconds(decode) },
    { name: 'restore', value: milliseconds(restore) },
    { name: 'decode and restore', value: milliseconds(open), note: 'what a seek pays before its tail' },
    { name: 'save and encode row by row', value: milliseconds(rowSave) },
    {
      name: 'decode and restore row by row',
      value: milliseconds(rowOpen),
      note: `${ratio(rowOpen)} times as long`,
    },
    {
      name: 'JSON.parse of a level-3 body',
      value: milliseconds(parse),
      note: `${String(body.length)} bytes, no book built; ${ratio(parse)} times as long`,
    },
  ])
}

export const keyframeBenchmark: Benchmark = {
  name: 'keyframe',
  about: 'Making and opening a keyframe of a large book by order. A slowdown costs every seek.',
  run,
}
