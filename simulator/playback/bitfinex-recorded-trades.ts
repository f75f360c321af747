/** Bitfinex's trades as frames tell them: the snapshot of a trades channel, `te`, and `tu` of the same id. */
import type { EntryView } from '../../src/index.ts'
import { tradeHistory } from '../venues/bitfinex-trade-history.ts'
import { unescaped } from '../venues/unescaped.ts'
import { cutFrame, elementsOf, isRows, rowsOf } from './bitfinex-frame.ts'
import type { BitfinexSurvey } from './bitfinex-survey.ts'
import type { RestAnswer } from './open-playback.ts'
import type { ReadTrades, RecordedTrade, TradeHistory } from './trade-history.ts'

const NONE: readonly RecordedTrade[] = []

/** The survey tells the channels, and learns those of connections met on the way. */
export const bitfinexTradesOf =
  (survey: BitfinexSurvey): ReadTrades =>
  (entry: EntryView, source: number): readonly RecordedTrade[] => {
    if (entry.kind !== 'frame') return NONE
    const frame = entry.text()
    if (frame.charCodeAt(0) === 123) {
      survey.meet(frame, entry, source)
      return NONE
    }
    const cut = cutFrame(frame)
    const channel = cut === undefined ? undefined : survey.channelOf(entry.connection, cut.channelId, source)
    if (cut === undefined || channel?.channel !== 'trades' || cut.name === 'hb') return NONE
    const rows = isRows(cut.content) ? [...rowsOf(cut.content)].reverse() : [cut.content]
    return rows.flatMap((text) => {
      const [id, milliseconds] = elementsOf(text).map(Number)
      if (!Number.isSafeInteger(id) || !Number.isSafeInteger(milliseconds)) return NONE
      return [{ symbol: channel.symbol, id: id ?? 0, milliseconds: milliseconds ?? 0, text, frame }]
    })
  }

/** The answer to `/v2/trades/SYMBOL/hist`. */
export const bitfinexTradesAnswer = async (
  trades: TradeHistory,
  source: number,
  symbol: string,
  query: string,
): Promise<RestAnswer> => ({
  status: 200,
  text: tradeHistory(await trades.played(source, symbol), new URLSearchParams(query)),
})

const TARGET = /^\/v2\/trades\/([^/?]+)\/hist(?:\?(.*))?$/

/** The same for a capture, whose one source holds several symbols; undefined for every other address. */
export const bitfinexCapturedTrades = async (
  trades: TradeHistory,
  survey: BitfinexSurvey,
  target: string,
): Promise<RestAnswer | undefined> => {
  const [, escaped = '', query = ''] = TARGET.exec(target) ?? []
  const symbol = unescaped(escaped)
  const isKnown = [...survey.channels.values()].some((channel) => channel.symbol === symbol)
  return isKnown ? await bitfinexTradesAnswer(trades, 0, symbol, query) : undefined
}
