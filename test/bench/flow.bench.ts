/**
 * What the generated flow looks like beside real captures: messages, lives, and how many bits a size, a price step and a
 * gap carry. Not about speed: figures far from those of the captures would make compression and timing tests dishonest.
 */
import { Engine } from '../../simulator/engine/engine.ts'
import { FLOW_PRESETS, type FlowPresetName } from '../../simulator/engine/flow-preset.ts'
import { OrderFlow } from '../../simulator/engine/order-flow.ts'
import { LevelChanges, noteChanges } from '../../simulator/venues/coinbase-levels.ts'
import { CoinbaseRenderer } from '../../simulator/venues/coinbase-render.ts'
import { bookUpdates, coinbaseUpdates, fullMessages, level3Rows } from './captured-flow.ts'
import { dispersion, entropy, type LevelUpdate, quantile, stepsOf } from './flow-figures.ts'
import type { Benchmark, Row } from './row.ts'

const EVENTS = 200_000
const SAMPLE = 2000
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

const percent = (part: number, whole: number): string => `${((part / whole) * 100).toFixed(1)} %`
const bits = (value: number): string => value.toFixed(1)

const seconds = (micros: number): string =>
  micros < 1e6 ? `${(micros / 1000).toFixed(0)} ms` : `${(micros / 1e6).toFixed(0)} s`

const mixRow = (name: string, kinds: ReadonlyMap<string, number>): Row => {
  const total = [...kinds.values()].reduce((sum, count) => sum + count, 0)
  const parts = [...kinds].sort(([one], [other]) => (one < other ? -1 : 1))
  const note = parts.map(([kind, count]) => `${kind} ${percent(count, total)}`).join(', ')
  return { name: `${name}: messages`, value: String(total), note }
}

/** Entropies of the first 2,000 updates: what is counted over more has more bits. */
const updateRow = (name: string, all: readonly LevelUpdate[]): Row => {
  const updates = all.slice(0, SAMPLE)
  const gaps = stepsOf(updates.map(({ time }) => time))
  const sizes = updates.map(({ size }) => size)
  const sizeBits = entropy(sizes.filter((size) => Number(size) !== 0))
  const priceBits = entropy(stepsOf(updates.map(({ price }) => price)).map(String))
  const gapBits = entropy(gaps.map((gap) => String(Math.ceil(Math.log2(gap + 1)))))
  const zero = gaps.filter((gap) => gap === 0).length
  const deleted = sizes.filter((size) => Number(size) === 0).length
  const times = all.map(({ time }) => time)
  const mean = quantile(gaps, 0.5)
  return {
    name: `${name}: level updates`,
    value: `${bits(sizeBits)} ${bits(priceBits)} ${bits(gapBits)}`,
    note:
      `bits of size, price step, log gap; ${String(updates.length)} updates, ${percent(deleted, updates.length)} deletes, ` +
      `${percent(zero, gaps.length)} without a gap, median gap ${seconds(mean)}, ` +
      `counts of all of them over 10 and 100 mean gaps vary ${dispersion(times, 10).toFixed(1)} and ${dispersion(times, 100).toFixed(1)} times as Poisson's`,
  }
}

const sizeRow = (name: string, sizes: readonly string[]): Row => {
  const sample = sizes.slice(0, SAMPLE)
  const digits = sample.map((size) => size.replace('.', '').replace(/^0+|0+$/g, '').length)
  const short = digits.filter((length) => length <= 2).length
  const counts = new Map<string, number>()
  for (const size of sample) counts.set(size, (counts.get(size) ?? 0) + 1)
  const values = sizes.map(Number)
  const spread = Math.log10(quantile(values, 0.9) / quantile(values, 0.1))
  return {
    name: `${name}: order sizes`,
    value: bits(entropy(sample)),
    note: `bits; ${percent(short, sample.length)} of one or two digits, commonest ${percent(Math.max(...counts.values()), sample.length)}, middle 80 % over ${spread.toFixed(1)} decades`,
  }
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

const capturedRows = (): Row[] => {
  const rows: Row[] = []
  const full = fullMessages()
  if (full.size > 0) rows.push(mixRow('Coinbase full 2017', full))
  const sizes = level3Rows()
  if (sizes.length > 0) rows.push(sizeRow('Coinbase level 3 2026', sizes))
  for (const [product, updates] of coinbaseUpdates())
    rows.push(updateRow(`Coinbase ${product} 2021`, updates))
  for (const [symbol, updates] of bookUpdates()) rows.push(updateRow(`Bitfinex ${symbol} 2021`, updates))
  return rows.length > 0 ? rows : [{ name: 'captures', value: 'none', note: 'set BOOKREEL_CAPTURES' }]
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
