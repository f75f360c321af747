/** A generated Coinbase `full` feed in memory: the level-3 body it begins with, and its frames. */
import { Buffer } from 'node:buffer'

import { Engine } from '../../simulator/engine/engine.ts'
import type { OrderSide } from '../../simulator/engine/engine-event.ts'
import { OrderFlow } from '../../simulator/engine/order-flow.ts'
import { CoinbaseRenderer } from '../../simulator/venues/coinbase-render.ts'
import type { OrderRow } from '../../src/book/digest.ts'
import { EntryWriter } from '../../src/log/entry.ts'
import { encodeJson, encodeResponse } from '../../src/log/payloads.ts'
import { microsOf } from '../../src/market/time.ts'

export const PRODUCT = 'BTC-USD'
const START = 1_700_000_000_000_000

export interface FullFeed {
  /** The REST level-3 body before the first frame. */
  readonly body: string
  readonly frames: readonly string[]
  /** Number of the last event before the first frame. */
  readonly sequence: number
  /** The engine's own book after the last frame, best first, queue order. */
  readonly truth: { readonly bids: readonly OrderRow[]; readonly asks: readonly OrderRow[] }
}

/** At least so many frames: the last engine step is told to its end. */
export const generateFullFeed = (frames: number, orders: number, seed = 7): FullFeed => {
  const engine = new Engine({ priceScale: 2, sizeScale: 8, firstNumber: 5_000_000_000 })
  const flow = new OrderFlow({
    engine,
    seed,
    startTime: START,
    price: 6_500_000,
    size: 10_000_000,
    orders,
    meanGap: 1000,
  })
  const render = new CoinbaseRenderer({ pair: PRODUCT, engine, priceScale: 2, sizeScale: 8, seed })
  const texts: string[] = []
  engine.subscribe((event) => {
    if (isPublic) texts.push(render.full(event))
    render.follow(event)
  })
  let isPublic = false
  flow.fill()
  const rows = (side: OrderSide): string[][] =>
    engine.orders(side).map(({ price, size, id }) => [render.price(price), render.size(size), render.id(id)])
  const sequence = engine.lastNumber
  const body = JSON.stringify({ sequence, bids: rows('buy'), asks: rows('sell'), auction_mode: false })
  isPublic = true
  while (texts.length < frames) flow.step()
  const named = (side: OrderSide): OrderRow[] =>
    rows(side).map(([price = '', size = '', id = '']) => ({ price, size, id }))
  return { body, frames: texts, sequence, truth: { bids: named('buy'), asks: named('sell') } }
}

/** The feed as entries of one run: first frame, level-3 answer, all other frames; a millisecond apart. */
export const recordsOf = (feed: FullFeed): Uint8Array => {
  const writer = new EntryWriter(64 * 1024 * 1024)
  let seq = 0
  const append = (kind: 'run-started' | 'opened' | 'frame' | 'response', payload: Uint8Array): void => {
    seq++
    writer.append(
      kind,
      seq,
      microsOf(START + seq * 1000),
      kind === 'frame' || kind === 'opened' ? 1 : 0,
      payload,
    )
  }
  append(
    'run-started',
    encodeJson({
      software: 'bench',
      stream: `coinbase:${PRODUCT}`,
      venue: 'coinbase',
      pair: PRODUCT,
      symbol: PRODUCT,
      feed: 'full',
      mode: 'full',
      assumeEmptyBook: false,
    }),
  )
  append('opened', encodeJson({ url: 'ws://bench' }))
  feed.frames.forEach((text, index) => {
    append('frame', Buffer.from(text))
    if (index !== 0) return
    const url = `http://bench/products/${PRODUCT}/book?level=3`
    append('response', encodeResponse({ method: 'GET', url, status: 200, body: Buffer.from(feed.body) }))
  })
  return writer.take() ?? new Uint8Array()
}
