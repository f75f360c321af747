/** An hour of Bitfinex as the recorder asks for it: a book of raw orders and trades, numbers, times and checksums. */
import { Buffer } from 'node:buffer'

import { Engine } from '../../simulator/engine/engine.ts'
import { FLOW_PRESETS } from '../../simulator/engine/flow-preset.ts'
import { OrderFlow } from '../../simulator/engine/order-flow.ts'
import { BitfinexHall } from '../../simulator/venues/bitfinex-hall.ts'
import { EntryWriter } from '../../src/log/entry.ts'
import type { RunManifest } from '../../src/log/payloads.ts'
import { microsOf } from '../../src/market/time.ts'
import {
  bookRequestOf,
  confFrame,
  RECORDING_FLAGS,
  subscribeBookFrame,
  subscribeTradesFrame,
} from '../../src/venues/bitfinex/requests.ts'
import { FakeConnection } from '../simulator/venues/fake-connection.ts'
import { Latency } from './latency.ts'

const START = 1_700_000_000_000_000
const HOUR = 3_600_000_000
const ORDERS = 20_000
/** Milliseconds between the venue's bursts of changes. */
const BURST = 200

const MANIFEST: RunManifest = {
  software: 'bench',
  stream: 'bitfinex:BTC-USD',
  venue: 'bitfinex',
  pair: 'BTC-USD',
  symbol: 'tBTCUSD',
  feed: 'R0',
  mode: 'full',
  assumeEmptyBook: false,
}

/** Packed records; `seconds`: less than an hour, for a quick look. */
export const bitfinexHour = (seconds: number): Uint8Array => {
  const { eventsPerAction, rate } = FLOW_PRESETS.calm
  const engine = new Engine({ priceScale: 2, sizeScale: 8 })
  const flow = new OrderFlow({
    ...{
      engine,
      preset: 'calm',
      seed: 3,
      startTime: START,
      price: 6_000_000,
      size: 2_000_000,
      orders: ORDERS,
    },
    meanGap: (eventsPerAction * 1e6) / rate,
  })
  flow.fill()
  const hall = new BitfinexHall({
    markets: [{ pair: 'BTC-USD', engine, priceScale: 2, sizeScale: 8, seed: 1 }],
    now: () => engine.lastTime,
    ...{ limits: undefined, quirks: undefined, channelLimit: 25, heartbeat: 15_000, patience: 60_000 },
    rhythm: { milliseconds: BURST, events: Infinity },
  })
  const client = new FakeConnection()
  const writer = new EntryWriter(32 * 1024 * 1024)
  const latency = new Latency(9)
  let seq = 0
  const append = (kind: 'run-started' | 'opened' | 'frame' | 'sent', text: string): void => {
    const connection = kind === 'run-started' ? 0 : 1
    writer.append(kind, ++seq, microsOf(latency.arrival(engine.lastTime)), connection, Buffer.from(text))
  }
  const takeAll = (): void => {
    for (const text of client.sent.splice(0)) append('frame', text)
  }
  append('run-started', JSON.stringify(MANIFEST))
  append('opened', JSON.stringify({ url: 'ws://bench' }))
  hall.welcome(client.connection)
  const requests = [
    confFrame(RECORDING_FLAGS),
    subscribeBookFrame(bookRequestOf('tBTCUSD', 'R0')),
    subscribeTradesFrame('tBTCUSD'),
  ]
  for (const { text } of requests) {
    takeAll()
    append('sent', text)
    client.say(text)
  }
  const end = engine.lastTime + Math.min(HOUR, seconds * 1e6)
  while (engine.lastTime < end) {
    flow.step()
    hall.tick()
    takeAll()
  }
  client.gone()
  return writer.take() ?? new Uint8Array(0)
}
