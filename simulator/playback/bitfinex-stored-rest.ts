/** Bitfinex's REST side of stored streams: pairs, and the books and trades as they stand in the play. */
import { unescaped } from '../venues/unescaped.ts'
import { bookContent } from './bitfinex-opening-books.ts'
import { bitfinexTradesAnswer } from './bitfinex-recorded-trades.ts'
import type { RestAnswer } from './open-playback.ts'
import type { PlayStage } from './play-stage.ts'
import type { StoredVenue } from './stored-venue.ts'
import type { TradeHistory } from './trade-history.ts'

const PAIRS = '/v2/conf/pub:list:pair:exchange'

const failure = (text: string): RestAnswer => ({ status: 500, text: JSON.stringify(['error', 10_020, text]) })

export class BitfinexStoredRest {
  private readonly venue: StoredVenue
  private readonly stage: PlayStage
  private readonly trades: TradeHistory

  constructor(venue: StoredVenue, stage: PlayStage, trades: TradeHistory) {
    this.venue = venue
    this.stage = stage
    this.trades = trades
  }

  /** The answer to a GET of this path and query; undefined: there is no such address. */
  async answer(target: string): Promise<RestAnswer | undefined> {
    const [escaped = '', query = ''] = target.split('?')
    const path = unescaped(escaped)
    if (path === PAIRS)
      return { status: 200, text: JSON.stringify([this.venue.symbols().map((symbol) => symbol.slice(1))]) }
    const [, version, kind, symbol = '', last = ''] = path.split('/')
    if (version !== 'v2' || (kind !== 'book' && kind !== 'trades')) return undefined
    const index = this.venue.indexOf(symbol)
    if (index === undefined) return failure('symbol: invalid')
    if (kind === 'trades')
      return last === 'hist' ? await bitfinexTradesAnswer(this.trades, index, symbol, query) : undefined
    return await this.book(index, last, new URLSearchParams(query).get('len') ?? '25')
  }

  private async book(index: number, precision: string, length: string): Promise<RestAnswer> {
    if (!['1', '25', '100', '250'].includes(length)) return failure('len: invalid')
    const text = await this.stage.withBookPlace(
      this.venue,
      index,
      async (place) =>
        await this.venue.books[index]?.validFrom(place, ({ keeper }) => {
          const isByOrder = keeper.book().kind === 'orders'
          return isByOrder === (precision === 'R0') ? bookContent(keeper, Number(length)) : undefined
        }),
    )
    return text === undefined ? failure('precision: invalid') : { status: 200, text }
  }
}
