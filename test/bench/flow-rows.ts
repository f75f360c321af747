/** Rows that show what a flow looks like: messages, entropies of sizes, price steps and gaps. */
import { bookUpdates, coinbaseLags, coinbaseUpdates, fullMessages, level3Rows } from './captured-flow.ts'
import { dispersion, entropy, type LevelUpdate, quantile, stepsOf } from './flow-figures.ts'
import type { Row } from './row.ts'

const SAMPLE = 2000

export const percent = (part: number, whole: number): string => `${((part / whole) * 100).toFixed(1)} %`
const bits = (value: number): string => value.toFixed(1)

export const seconds = (micros: number): string =>
  micros < 1e6 ? `${(micros / 1000).toFixed(0)} ms` : `${(micros / 1e6).toFixed(0)} s`

export const mixRow = (name: string, kinds: ReadonlyMap<string, number>): Row => {
  const total = [...kinds.values()].reduce((sum, count) => sum + count, 0)
  const parts = [...kinds].sort(([one], [other]) => (one < other ? -1 : 1))
  const note = parts.map(([kind, count]) => `${kind} ${percent(count, total)}`).join(', ')
  return { name: `${name}: messages`, value: String(total), note }
}

/** Entropies of the first 2,000 updates: what is counted over more has more bits. */
export const updateRow = (name: string, all: readonly LevelUpdate[]): Row => {
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

export const sizeRow = (name: string, sizes: readonly string[]): Row => {
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

/** How far the delay of the network varies from frame to frame. */
export const lagRow = (name: string, lags: readonly number[]): Row => {
  const steps = stepsOf(lags.slice(0, SAMPLE)).map(Math.abs)
  const zero = steps.filter((step) => step === 0).length
  return {
    name: `${name}: receive times`,
    value: bits(entropy(steps.map((step) => String(Math.ceil(Math.log2(step + 1)))))),
    note: `bits of the log change of the delay; ${percent(zero, steps.length)} without one, median ${seconds(quantile(steps, 0.5))}`,
  }
}

/** Of the real captures, beside which a generated flow is shown. */
export const capturedRows = (): Row[] => {
  const rows: Row[] = []
  const full = fullMessages()
  if (full.size > 0) rows.push(mixRow('Coinbase full 2017', full))
  const sizes = level3Rows()
  if (sizes.length > 0) rows.push(sizeRow('Coinbase level 3 2026', sizes))
  const lags = coinbaseLags()
  if (lags.length > 0) rows.push(lagRow('Coinbase level2 2021', lags))
  for (const [product, updates] of coinbaseUpdates())
    rows.push(updateRow(`Coinbase ${product} 2021`, updates))
  for (const [symbol, updates] of bookUpdates()) rows.push(updateRow(`Bitfinex ${symbol} 2021`, updates))
  return rows.length > 0 ? rows : [{ name: 'captures', value: 'none', note: 'set BOOKREEL_CAPTURES' }]
}
