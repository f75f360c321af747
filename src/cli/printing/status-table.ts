/** The table of a recording at work, within 80 columns: text out of statuses alone, nothing is drawn here. */
import type { StreamId } from '../../market/instrument.ts'
import type { StreamStatus } from '../../recorder/stream-status.ts'
import { bytesText, table } from './output.ts'

/** A recording at one instant. */
export interface RecordingView {
  readonly streams: readonly StreamStatus[]
  /** Why nothing is recorded just now, one sentence. */
  readonly paused: string | undefined
  /** Bytes; undefined: unknown. */
  readonly freeBytes: number | undefined
}

export const TABLE_WIDTH = 80
const NAME_WIDTH = 16
const STATE_WIDTH = 9
/** Columns stay where they are from one second to the next; numbers stand at their right ends. */
const WIDTHS = [NAME_WIDTH, STATE_WIDTH, 4, 9, 7, 5, 4, 7, 5, 2]

const cut = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, width - 1)}…`

/** At most 4 characters: `987`, `1.2k`, `12k`, `3M`. */
const shortCount = (count: number): string => {
  if (count < 999.5) return String(Math.round(count))
  let value = count
  for (const unit of ['k', 'M', 'G']) {
    value /= 1000
    if (value < 9.95) return `${value.toFixed(1)}${unit}`
    if (value < 999.5) return `${value.toFixed(0)}${unit}`
  }
  return '∞'
}

/** At most 5 characters. */
const shortLag = (micros: number): string => {
  const milliseconds = micros / 1000
  return Math.abs(milliseconds) < 999.5
    ? `${milliseconds.toFixed(0)}ms`
    : `${(milliseconds / 1000).toFixed(0)}s`
}

const stateOf = (status: StreamStatus): string => {
  const { product } = status
  if (product?.trading === 'delisted' || (product?.trading === 'paused' && status.state === 'live'))
    return product.trading
  if (status.state !== 'live') return status.state
  if (status.valid) return status.verified ? 'verified' : 'valid'
  return status.reason ?? 'invalid'
}

/** Digits behind the point of both, exactly: prices are decimal texts. */
const spreadOf = ({ bestBid, bestAsk }: StreamStatus): string => {
  if (bestBid === null || bestAsk === null) return '-'
  const scaleOf = (text: string): number =>
    text.length - 1 - (text.includes('.') ? text.indexOf('.') : text.length - 1)
  return (Number(bestAsk) - Number(bestBid)).toFixed(Math.max(scaleOf(bestBid), scaleOf(bestAsk)))
}

const shareOf = ({ validShare, entries }: StreamStatus): string =>
  entries === 0 ? '-' : (Math.floor(validShare * 1000) / 10).toFixed(validShare === 1 ? 0 : 1)

const rowOf = (status: StreamStatus, rate: number | undefined): readonly string[] => [
  cut(status.stream, NAME_WIDTH),
  cut(stateOf(status), STATE_WIDTH),
  rate === undefined ? '-' : shortCount(rate),
  cut(status.lastPrice ?? '-', 9),
  cut(spreadOf(status), 7),
  status.latency === null || status.state !== 'live' ? '-' : shortLag(status.latency.last),
  shortCount(status.gaps),
  `${shortCount(status.checksums.right)}/${shortCount(status.checksums.wrong)}`,
  shareOf(status),
  shortCount(status.spooledChunks),
]

const aligned = (row: readonly string[]): readonly string[] =>
  row.map((cell, index) => {
    const width = WIDTHS[index] ?? 0
    return index < 2 ? cell.padEnd(width) : cell.padStart(width)
  })

const HEAD = ['stream', 'state', 'fr/s', 'last', 'spread', 'lag', 'gaps', 'checks', 'valid', 'sp']

/** The sentence of a store that does not answer. */
export const storeAwayText = (
  stream: StreamId,
  { why, milliseconds }: NonNullable<StreamStatus['storeAway']>,
): string => `${stream}: the store has taken nothing for ${String(Math.round(milliseconds / 1000))} s: ${why}`

const footerOf = ({ streams, paused, freeBytes }: RecordingView): readonly string[] => {
  const spooled = streams.reduce((sum, { spooledBytes }) => sum + spooledBytes, 0)
  const disk = freeBytes === undefined ? '' : `disk: ${bytesText(freeBytes)} free; `
  const lines = [`${disk}journal: ${bytesText(spooled)}; sp: chunks that wait for the store`]
  for (const { stream, product, sealMismatches, storeAway } of streams) {
    if (product !== null && product.trading !== 'open')
      lines.push(`${stream}: ${product.trading} (${product.says})`)
    if (sealMismatches > 0)
      lines.push(`${stream}: ${String(sealMismatches)} chunks not as the live book said`)
    if (storeAway !== null) lines.push(storeAwayText(stream, storeAway))
  }
  if (paused !== undefined) lines.push(paused)
  return lines
}

/** Lines of at most 80 columns; `rates`: entries a second of each stream, as far as they are known. */
export const statusLines = (view: RecordingView, rates: ReadonlyMap<string, number>): readonly string[] => {
  const rows = view.streams.map((status) => rowOf(status, rates.get(status.stream)))
  return [...table([HEAD, ...rows].map(aligned), ' ').split('\n'), ...footerOf(view)].map((line) =>
    cut(line, TABLE_WIDTH),
  )
}

/** Frames and other entries that the live book takes a second, smoothed over some seconds. */
export class EntryRates {
  readonly rates = new Map<string, number>()
  private readonly before = new Map<string, { readonly at: number; readonly followed: number }>()

  /** `at`: milliseconds that only grow. */
  note(streams: readonly StreamStatus[], at: number): void {
    for (const { stream, followed } of streams) {
      const before = this.before.get(stream)
      this.before.set(stream, { at, followed })
      if (before === undefined || at <= before.at || followed < before.followed) continue
      const rate = ((followed - before.followed) * 1000) / (at - before.at)
      const known = this.rates.get(stream)
      this.rates.set(stream, known === undefined ? rate : known + (rate - known) / 2)
    }
  }
}
