/** Coinbase's trades as frames tell them: matches, of whatever channel names their number and side. */
import { type EntryView, microsFromIso } from '../../src/index.ts'
import { tradePage } from '../venues/coinbase-trade-page.ts'
import { coinbaseFrameOf } from './coinbase-frame.ts'
import type { RestAnswer } from './open-playback.ts'
import type { RecordedTrade, TradeHistory } from './trade-history.ts'

const NONE: readonly RecordedTrade[] = []

export const coinbaseTradesOf = (entry: EntryView): readonly RecordedTrade[] => {
  if (entry.kind !== 'frame') return NONE
  const frame = entry.text()
  const told = coinbaseFrameOf(frame)
  if (told?.channels[0] !== 'matches') return NONE
  const { trade_id, side, size, price, time } = JSON.parse(frame) as Readonly<Record<string, unknown>>
  if (!Number.isSafeInteger(trade_id) || typeof time !== 'string') return NONE
  const id = Number(trade_id)
  const milliseconds = Math.floor((microsFromIso(time) ?? 0) / 1000)
  const text = JSON.stringify({ trade_id: id, side, size, price, time })
  return [{ symbol: told.product, id, milliseconds, text, frame }]
}

/** The first word of the channel `matches`. */
export const lastMatchOf = ({ frame }: RecordedTrade): string =>
  frame.replace(/("type"\s*:\s*)"match"/, '$1"last_match"')

/** The answer to `/products/ID/trades`. */
export const coinbaseTradesAnswer = async (
  trades: TradeHistory,
  source: number,
  product: string,
  query: string,
): Promise<RestAnswer> => ({
  status: 200,
  ...tradePage(await trades.played(source, product), new URLSearchParams(query)),
})

const TARGET = /^\/products\/([^/?]+)\/trades(?:\?(.*))?$/

/** The same for a capture, whose one source holds several products; undefined for every other address. */
export const coinbaseCapturedTrades = async (
  trades: TradeHistory,
  products: ReadonlySet<string>,
  target: string,
): Promise<RestAnswer | undefined> => {
  const [, product = '', query = ''] = TARGET.exec(target) ?? []
  return products.has(product) ? await coinbaseTradesAnswer(trades, 0, product, query) : undefined
}
