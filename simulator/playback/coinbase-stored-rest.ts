/** Coinbase's REST side of stored streams: products, the books as they stand in the play, time. */
import { type BookKeeper, decimalText, microsOf, microsToIso } from '../../src/index.ts'
import { unescaped } from '../venues/unescaped.ts'
import { coinbaseTradesAnswer } from './coinbase-recorded-trades.ts'
import type { CoinbaseSurvey } from './coinbase-survey.ts'
import type { RestAnswer } from './open-playback.ts'
import type { PlayStage } from './play-stage.ts'
import type { PlacedBook } from './stored-book.ts'
import type { StoredVenue } from './stored-venue.ts'
import type { TradeHistory } from './trade-history.ts'

type Side = 'bid' | 'ask'

const fault = (status: number, message: string): RestAnswer => ({ status, text: JSON.stringify({ message }) })

const orderRows = (keeper: BookKeeper, side: Side): string => {
  const book = keeper.book()
  const { priceScale, sizeScale } = book
  return book
    .orders(side)
    .map(({ order, price, size }) => {
      const decimals = `"${decimalText(price, priceScale)}","${decimalText(size, sizeScale)}"`
      return `[${decimals},${JSON.stringify(keeper.orderId(order))}]`
    })
    .join(',')
}

const levelRows = (keeper: BookKeeper, side: Side, depth: number | undefined): string => {
  const book = keeper.book()
  return book
    .top(side, depth)
    .map(({ price, size, orderCount }) => {
      const decimals = `"${decimalText(price, book.priceScale)}","${decimalText(size, book.sizeScale)}"`
      return `[${decimals},${String(orderCount ?? 1)}]`
    })
    .join(',')
}

const bookText = ({ keeper, sequence }: PlacedBook, level: string): string => {
  const rows = (side: Side): string =>
    level === '3' ? orderRows(keeper, side) : levelRows(keeper, side, level === '2' ? undefined : 1)
  const time = microsToIso(keeper.summary().lastReceiveTime)
  return `{"sequence":${String(sequence ?? 0)},"bids":[${rows('bid')}],"asks":[${rows('ask')}],"auction_mode":false,"auction":null,"time":"${time}"}`
}

export class CoinbaseStoredRest {
  private readonly venue: StoredVenue
  private readonly survey: CoinbaseSurvey
  private readonly stage: PlayStage
  private readonly trades: TradeHistory

  constructor(venue: StoredVenue, survey: CoinbaseSurvey, stage: PlayStage, trades: TradeHistory) {
    this.venue = venue
    this.survey = survey
    this.stage = stage
    this.trades = trades
  }

  /** The answer to a GET of this path and query; undefined: there is no such address. */
  async answer(target: string): Promise<RestAnswer | undefined> {
    const [path = '', query = ''] = target.split('?')
    const [root, product, part, ...more] = path.split('/').slice(1).map(unescaped)
    if (root === 'time' && product === undefined) return this.time()
    if (root !== 'products' || more.length > 0) return undefined
    if (product === undefined) return { status: 200, text: await this.productList() }
    const index = this.venue.indexOf(product)
    if (index === undefined) return undefined
    if (part === undefined) return { status: 200, text: await this.productText(index) }
    if (part === 'trades') return await coinbaseTradesAnswer(this.trades, index, product, query)
    return part === 'book'
      ? await this.book(index, new URLSearchParams(query).get('level') ?? '1')
      : undefined
  }

  private time(): RestAnswer {
    const micros = Math.floor(this.stage.timeOf(this.venue) ?? this.survey.firstTime)
    const epoch = Math.floor(micros / 1000) / 1000
    return { status: 200, text: JSON.stringify({ iso: microsToIso(microsOf(micros)), epoch }) }
  }

  private async book(index: number, level: string): Promise<RestAnswer> {
    if (!['1', '2', '3'].includes(level)) return fault(400, 'Invalid level')
    const text = await this.stage.withBookPlace(
      this.venue,
      index,
      async (place) =>
        await this.venue.books[index]?.validFrom(
          place,
          (book) =>
            level === '3' && book.keeper.book().kind !== 'orders' ? undefined : bookText(book, level),
          level === '3',
        ),
    )
    return text === undefined ? fault(404, 'No such book in this recording') : { status: 200, text }
  }

  private async productList(): Promise<string> {
    const { productList } = this.survey
    if (productList !== undefined) return productList
    const texts = await Promise.all(this.venue.stored.map((_source, index) => this.productText(index)))
    return `[${texts.join(',')}]`
  }

  /** What is known of an instrument: from the recorded list where there is one, else its scales. */
  private async productText(index: number): Promise<string> {
    const id = this.venue.symbols()[index] ?? ''
    const recorded = recordedProduct(this.survey.productList, id)
    if (recorded !== undefined) return recorded
    const [base = '', quote = ''] = id.split('-')
    const before = this.venue.stored[index]?.before ?? 0
    const scales = await this.venue.books[index]?.validFrom(before, ({ keeper }) => {
      const { priceScale, sizeScale } = keeper.book()
      return { priceScale, sizeScale }
    })
    return JSON.stringify({
      ...{ id, base_currency: base, quote_currency: quote, display_name: `${base}/${quote}` },
      quote_increment: decimalText(1, scales?.priceScale ?? 2),
      base_increment: decimalText(1, scales?.sizeScale ?? 8),
      ...{ status: 'online', status_message: '', post_only: false, limit_only: false, cancel_only: false },
      ...{ trading_disabled: false, auction_mode: false },
    })
  }
}

const recordedProduct = (list: string | undefined, id: string): string | undefined => {
  if (list === undefined) return undefined
  try {
    const products: unknown = JSON.parse(list)
    if (!Array.isArray(products)) return undefined
    const found = (products as readonly unknown[]).find(
      (item) => (item as { id?: unknown } | null)?.id === id,
    )
    return found === undefined ? undefined : JSON.stringify(found)
  } catch {
    return undefined
  }
}
