/** The REST side of a simulated Bitfinex: pairs, status, books, trades, tickers. */
import { bitfinexConf } from './bitfinex-conf.ts'
import type { BitfinexLimits } from './bitfinex-limits.ts'
import type { BitfinexMarket } from './bitfinex-market.ts'
import { EMPTY_WINDOW, snapshotText, windowOf } from './bitfinex-window.ts'
import { unescaped } from './unescaped.ts'

export interface RestAnswer {
  readonly status: number
  /** JSON. */
  readonly text: string
}

/** What is asked of, as far as REST needs it. */
export interface BitfinexPlatform {
  /** By symbol. */
  readonly markets: ReadonlyMap<string, BitfinexMarket>
  readonly limits: BitfinexLimits | undefined
  readonly isInMaintenance: boolean
}

/** Who asks, and when: milliseconds of a clock that only goes forward. */
export interface RestAsker {
  readonly address: string
  readonly now: number
}

const ok = (text: string): RestAnswer => ({ status: 200, text })

const failure = (status: number, text: string): RestAnswer => ({
  status,
  text: JSON.stringify(['error', 10_020, text]),
})

const bookAnswer = (market: BitfinexMarket, precision: string, len: string): RestAnswer => {
  if (!/^(R0|P[0-4])$/.test(precision)) return failure(500, 'precision: invalid')
  if (!['1', '25', '100', '250'].includes(len)) return failure(500, 'len: invalid')
  return ok(snapshotText(windowOf(market.market, precision, Number(len), EMPTY_WINDOW)))
}

/** Answers a GET. `target`: path and query. */
export const answerBitfinex = (target: string, platform: BitfinexPlatform, asker: RestAsker): RestAnswer => {
  const { markets, limits, isInMaintenance } = platform
  const [escaped = '', query = ''] = target.split('?')
  const pathname = unescaped(escaped)
  const [, version, kind = '', symbol = '', last = ''] = pathname.split('/')
  const endpoint = ENDPOINTS.has(kind) ? kind : 'other'
  if (limits?.requests.take(`${asker.address} ${endpoint}`, asker.now) === false)
    return { status: 429, text: '{"error":"ERR_RATE_LIMIT"}' }
  if (pathname === '/v2/platform/status') return ok(isInMaintenance ? '[0]' : '[1]')
  if (isInMaintenance) return { status: 500, text: '["error",20060,"maintenance"]' }
  if (pathname.startsWith('/v2/conf/')) {
    const keys = pathname.slice('/v2/conf/'.length).split(',')
    const listed = [...markets].filter(([, { market }]) => market.listing?.status !== 'delisted')
    const pairs = listed.map(([symbol]) => symbol.slice(1))
    return ok(JSON.stringify(keys.map((key) => bitfinexConf(key, pairs))))
  }
  const market = markets.get(symbol)
  if (version !== 'v2' || !ENDPOINTS.has(kind)) return failure(404, 'path: invalid')
  if (market === undefined) return failure(500, 'symbol: invalid')
  if (kind === 'ticker') return ok(market.ticker.row())
  const params = new URLSearchParams(query)
  if (kind === 'book') return bookAnswer(market, last, params.get('len') ?? '25')
  return kind === 'trades' && last === 'hist'
    ? ok(market.trades.history(params))
    : failure(404, 'path: invalid')
}

const ENDPOINTS: ReadonlySet<string> = new Set(['book', 'trades', 'ticker', 'conf', 'platform'])
