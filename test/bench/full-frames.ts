/**
 * A generated Coinbase `full` feed of any length, chunk by chunk, with receive times from a model of latency. Owns the
 * feed and what is told of it; nothing here measures.
 */
import { Buffer } from 'node:buffer'

import { Engine } from '../../simulator/engine/engine.ts'
import type { EngineEvent } from '../../simulator/engine/engine-event.ts'
import { FLOW_PRESETS } from '../../simulator/engine/flow-preset.ts'
import { OrderFlow } from '../../simulator/engine/order-flow.ts'
import { LevelChanges, noteChanges } from '../../simulator/venues/coinbase-levels.ts'
import { CoinbaseRenderer } from '../../simulator/venues/coinbase-render.ts'
import { EntryWriter } from '../../src/log/entry.ts'
import { encodeJson, encodeResponse, type RunManifest } from '../../src/log/payloads.ts'
import { microsOf } from '../../src/market/time.ts'
import type { LevelUpdate } from './flow-figures.ts'
import { Latency } from './latency.ts'

const START = 1_700_000_000_000_000
const ORDERS = 20_000
/** Engine events that `sample` tells of. */
const SAMPLED = 200_000

const MANIFEST: RunManifest = {
  software: 'bench',
  stream: 'coinbase:BTC-USD',
  venue: 'coinbase',
  pair: 'BTC-USD',
  symbol: 'BTC-USD',
  feed: 'full',
  mode: 'full',
  assumeEmptyBook: false,
}

/** What the first frames look like. */
export interface FlowSample {
  readonly kinds: Map<string, number>
  readonly sizes: string[]
  readonly updates: LevelUpdate[]
  /** Receive time less venue time, microseconds. */
  readonly lags: number[]
}

export class FullFrames {
  readonly sample: FlowSample = { kinds: new Map(), sizes: [], updates: [], lags: [] }
  private readonly engine = new Engine({ priceScale: 2, sizeScale: 8, firstNumber: 51_000_000_000 })
  private readonly flow: OrderFlow
  private readonly render: CoinbaseRenderer
  private readonly changes: LevelChanges
  private readonly latency = new Latency(5)
  private readonly writer = new EntryWriter(32 * 1024 * 1024)
  private seq = 0
  private sampled = 0

  /** The busy flow of docs/simulator.md, around so many resting orders. */
  constructor(orders = ORDERS) {
    const { eventsPerAction, rate } = FLOW_PRESETS.busy
    const { engine } = this
    this.flow = new OrderFlow({
      ...{
        engine,
        preset: 'busy',
        seed: 11,
        startTime: START,
        price: 6_000_000,
        size: 2_000_000,
        orders,
      },
      meanGap: (eventsPerAction * 1e6) / rate,
    })
    const market = { pair: 'BTC-USD', engine, priceScale: 2, sizeScale: 8, seed: 1 }
    this.render = new CoinbaseRenderer(market)
    this.changes = new LevelChanges('BTC-USD', engine, this.render)
    let isPublic = false
    engine.subscribe((event) => {
      if (isPublic) this.take(event)
      this.render.follow(event)
    })
    this.flow.fill()
    isPublic = true
  }

  /** Packed records of the next frames, at least so many: the last transaction is told to its end. */
  next(frames: number): Uint8Array {
    const until = this.seq + frames
    while (this.seq < until) this.flow.step()
    return this.writer.take() ?? new Uint8Array(0)
  }

  /** Packed records of a run's first entries, the whole book among them: to be asked for before any frames. */
  opening(): Uint8Array {
    const { engine, render } = this
    const rows = (side: 'buy' | 'sell'): string[][] =>
      engine
        .orders(side)
        .map(({ price, size, id }) => [render.price(price), render.size(size), render.id(id)])
    const body = { sequence: engine.lastNumber, bids: rows('buy'), asks: rows('sell'), auction_mode: false }
    const url = 'http://bench/products/BTC-USD/book?level=3'
    const answer = { method: 'GET', url, status: 200, body: Buffer.from(JSON.stringify(body)) }
    const now = microsOf(START)
    this.writer.append('run-started', ++this.seq, now, 0, encodeJson(MANIFEST))
    this.writer.append('opened', ++this.seq, now, 1, encodeJson({ url: 'ws://bench' }))
    this.writer.append('response', ++this.seq, now, 0, encodeResponse(answer))
    return this.writer.take() ?? new Uint8Array(0)
  }

  private take(event: EngineEvent): void {
    const receiveTime = this.latency.arrival(event.time)
    this.writer.append('frame', ++this.seq, microsOf(receiveTime), 1, Buffer.from(this.render.full(event)))
    if (this.sampled < SAMPLED) this.show(event, receiveTime)
  }

  private show(event: EngineEvent, receiveTime: number): void {
    const { kinds, sizes, updates, lags } = this.sample
    this.sampled++
    const kind =
      event.kind === 'change' || event.kind === 'done' ? `${event.kind} ${event.reason}` : event.kind
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
    lags.push(receiveTime - event.time)
    if (event.kind === 'open') sizes.push(this.render.size(event.remaining))
    noteChanges(this.changes, event)
    if (!event.last) return
    for (const text of this.changes.messages()) {
      const [side, price, size] = (JSON.parse(text) as { changes: [[string, string, string]] }).changes[0]
      updates.push({ side, price: Math.round(Number(price) * 100), size, time: event.time })
    }
  }
}
