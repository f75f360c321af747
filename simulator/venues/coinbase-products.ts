/** What Coinbase tells of its products and currencies, over REST and in the `status` channel. */
import { decimalText } from '../../src/index.ts'
import type { SimulatedMarket } from './simulated-venue.ts'

type Fields = Readonly<Record<string, unknown>>

export const productFields = ({ pair, priceScale, sizeScale, listing }: SimulatedMarket): Fields => {
  const restrictions = listing?.restrictions ?? []
  const [base = '', quote = ''] = pair.split('-')
  return {
    id: pair,
    base_currency: base,
    quote_currency: quote,
    quote_increment: listing?.priceStep ?? decimalText(1, priceScale),
    base_increment: listing?.sizeStep ?? decimalText(1, sizeScale),
    display_name: `${base}/${quote}`,
    min_market_funds: '1',
    margin_enabled: false,
    post_only: restrictions.includes('post_only'),
    limit_only: restrictions.includes('limit_only'),
    cancel_only: restrictions.includes('cancel_only'),
    status: listing?.status ?? 'online',
    status_message: '',
    trading_disabled: restrictions.includes('trading_disabled'),
    fx_stablecoin: false,
    auction_mode: restrictions.includes('auction_mode'),
  }
}

/** The currencies of the products; the units behind the point are those of the product met last. */
export const currencyFields = (markets: Iterable<SimulatedMarket>): readonly Fields[] => {
  const precision = new Map<string, string>()
  for (const { pair, priceScale, sizeScale } of markets) {
    const [base = '', quote = ''] = pair.split('-')
    precision.set(base, decimalText(1, sizeScale))
    precision.set(quote, decimalText(1, priceScale))
  }
  return Array.from(precision, ([id, unit]) => ({
    id,
    name: id,
    min_size: unit,
    status: 'online',
    message: '',
    max_precision: unit,
    convertible_to: [],
    details: {},
    supported_networks: [],
  }))
}

/** A message of the `status` channel: everything the venue trades. */
export const statusMessage = (markets: readonly SimulatedMarket[]): string =>
  JSON.stringify({
    type: 'status',
    products: markets.map((market) => ({ ...productFields(market), type: 'spot' })),
    currencies: currencyFields(markets),
  })
