/** The REST side of a simulated Bitfinex: pairs, status, books, trades. */
import type { BitfinexMarket } from './bitfinex-market.ts'
import { EMPTY_WINDOW, snapshotText, windowOf } from './bitfinex-window.ts'

export interface RestAnswer {
  readonly status: number
  /** JSON. */
  readonly text: string
}

const failure = (status: number, text: string): RestAnswer => ({
  status,
  text: JSON.stringify(['error', 10_020, text]),
})

const bookAnswer = (market: BitfinexMarket, precision: string, len: string): RestAnswer => {
  if (!/^(R0|P[0-4])$/.test(precision)) return failure(500, 'precision: invalid')
  if (!['1', '25', '100', '250'].includes(len)) return failure(500, 'len: invalid')
  return { status: 200, text: snapshotText(windowOf(market.market, precision, Number(len), EMPTY_WINDOW)) }
}

/** Answers a GET. `target`: path and query. */
export const answerBitfinex = (target: string, markets: ReadonlyMap<string, BitfinexMarket>): RestAnswer => {
  const { pathname, searchParams } = new URL(target, 'http://127.0.0.1')
  if (pathname === '/v2/platform/status') return { status: 200, text: '[1]' }
  if (pathname === '/v2/conf/pub:list:pair:exchange') {
    return { status: 200, text: JSON.stringify([Array.from(markets.keys(), (symbol) => symbol.slice(1))]) }
  }
  const [, version, kind, symbol = '', last = ''] = pathname.split('/')
  const market = markets.get(decodeURIComponent(symbol))
  if (version !== 'v2' || (kind !== 'book' && kind !== 'trades')) return failure(404, 'path: invalid')
  if (market === undefined) return failure(500, 'symbol: invalid')
  if (kind === 'book') return bookAnswer(market, last, searchParams.get('len') ?? '25')
  if (last !== 'hist') return failure(404, 'path: invalid')
  const limit = Number(searchParams.get('limit') ?? 125)
  return { status: 200, text: market.trades.rows(Number.isSafeInteger(limit) && limit > 0 ? limit : 125) }
}
