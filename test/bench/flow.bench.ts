/**
 * What the generated flow looks like beside real captures: messages, lives, and how many bits a size, a price step and a
 * gap carry. Not about speed: figures far from those of the captures would make compression and timing tests dishonest.
 */
import { Engine } from '../../simulator/engine/engine.ts'
import { FLOW_PRESETS, type FlowPresetName } from '../../simulator/engine/flow-preset.ts'
import { OrderFlow } from '../../simulator/engine/order-flow.ts'
import { LevelChanges, noteChanges } from '../../simulator/venues/coinbase-levels.ts'
import { CoinbaseRenderer } from '../../simulator/venues/coinbase-render.ts'
import { type LevelUpdate, quantile } from './flow-figures.ts'
import { capturedRows, mixRow, percent, seconds, sizeRow, updateRow } from './flow-rows.ts'
import type { Benchmark, Row } from './row.ts'

const EVENTS = 200_000
const START = 1e15

interface Generated {
  readonly kinds: ReadonlyMap<string, number>
  /** Microseconds that closed orders rested. */
  readonly lives: readonly number[]
  readonly sizes: readonly string[]
  readonly updates: readonly LevelUpdate[]
  readonly spreads: readonly number[]
}

const generate = (preset: FlowPresetName): Generated => {
  const engine = new Engine({ priceScale: 2, sizeScale: 8 })
  const { eventsPerAction, rate } = FLOW_PRESETS[preset]
  const flow = new OrderFlow({
    ...{ engine, preset, seed: 11, startTime: START, price: 6_000_000, size: 2_000_000, orders: 2000 },
    meanGap: (eventsPerAction * 1e6) / rate,
  })
  flow.fill()
  const market = { pair: 'BTC-USD', engine, priceScale: 2, sizeScale: 8, seed: 1 }
  const changes = new LevelChanges('BTC-USD', engine, new CoinbaseRenderer(market))
  const kinds = new Map<string, number>()
  const born = new Map<number, number>()
  const [lives, sizes, updates, spreads]: [number[], string[], LevelUpdate[], number[]] = [[], [], [], []]
  engine.subscribe((event) => {
    const family = event.kind === 'change' || event.kind === 'done' ? ` ${event.reason}` : ''
    kinds.set(event.kind + family, (kinds.get(event.kind + family) ?? 0) + 1)
    if (event.kind === 'open') {
      born.set(event.order, event.time)
      sizes.push(String(event.remaining))
    } else if (event.kind === 'done' && event.wasOpen) {
      lives.push(event.time - (born.get(event.order) ?? event.time))
      born.delete(event.order)
    }
    noteChanges(changes, event)
    if (!event.last) return
    for (const text of changes.messages()) {
      const [side, price, size] = (JSON.parse(text) as { changes: [[string, string, string]] }).changes[0]
      updates.push({ side, price: Math.round(Number(price) * 100), size, time: event.time })
    }
    const [bid, ask] = [engine.best('buy'), engine.best('sell')]
    if (bid !== undefined && ask !== undefined) spreads.push(((ask - bid) / ask) * 10_000)
  })
  const until = engine.lastNumber + EVENTS
  while (engine.lastNumber < until) flow.step()
  return { kinds, lives, sizes, updates, spreads }
}

const generatedRows = (preset: FlowPresetName): Row[] => {
  const { kinds, lives, sizes, updates, spreads } = generate(preset)
  const count = (kind: string): number => kinds.get(kind) ?? 0
  const closed = count('done canceled') + count('done filled')
  const lifeTimes = [0.1, 0.5, 0.9, 0.99].map((share) => seconds(quantile(lives, share))).join(', ')
  return [
    mixRow(preset, kinds),
    { name: `${preset}: canceled`, value: percent(count('done canceled'), closed), note: 'of all orders that ended' },
    { name: `${preset}: life times`, value: seconds(quantile(lives, 0.5)), note: `10, 50, 90, 99 of a hundred: ${lifeTimes}` },
    { name: `${preset}: spread`, value: `${quantile(spreads, 0.5).toFixed(2)} bp`, note: `90 of a hundred below ${quantile(spreads, 0.9).toFixed(2)} bp` },
    sizeRow(preset, sizes),
    updateRow(preset, updates),
  ] // prettier-ignore
}

export const flowBenchmark: Benchmark = {
  name: 'flow',
  about:
    'The generated flow beside real captures. Figures far apart would make compression and timing tests dishonest.',
  run: async () =>
    await Promise.resolve([
      ...(Object.keys(FLOW_PRESETS) as FlowPresetName[]).flatMap(generatedRows),
      ...capturedRows(),
    ]),
}
