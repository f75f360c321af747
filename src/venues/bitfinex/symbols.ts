/** Bitfinex names of pairs: `tBTCUSD`, `tAVAX:USD`. Owns the way to and from canonical pairs; funding is not recorded. */
import { isPair } from '../../market/instrument.ts'

/** Currencies that Bitfinex calls by another name than everybody else: canonical name, venue's name. */
const RENAMED = [
  ['USDT', 'UST'],
  ['USDC', 'UDC'],
] as const

const VENUE_SYMBOL = /^t[A-Z0-9:]+$/
const JOINED = /^t([A-Z0-9]{3})([A-Z0-9]{3})$/
const SEPARATED = /^t([A-Z0-9]+):([A-Z0-9]+)$/

const venueName = (currency: string): string =>
  RENAMED.find(([canonical]) => canonical === currency)?.[1] ?? currency

const canonicalName = (currency: string): string =>
  RENAMED.find(([, venue]) => venue === currency)?.[0] ?? currency

/** The symbol of a canonical pair; a symbol is returned as it is. Names that are not three letters get a colon. */
export const symbolOf = (pair: string): string => {
  if (VENUE_SYMBOL.test(pair)) return pair
  const [base = '', quote = ''] = pair.split('-').map(venueName)
  return base.length === 3 && quote.length === 3 ? `t${base}${quote}` : `t${base}:${quote}`
}

/** The canonical pair of a symbol or of a pair; undefined when the text is neither, or names funding (`fUSD`). */
export const pairOf = (symbolOrPair: string): string | undefined => {
  // A pair goes by way of its symbol: BTC-UST and BTC-USDT are one market.
  const symbol = isPair(symbolOrPair) ? symbolOf(symbolOrPair) : symbolOrPair
  const match = JOINED.exec(symbol) ?? SEPARATED.exec(symbol)
  if (match === null) return undefined
  const pair = `${canonicalName(match[1] ?? '')}-${canonicalName(match[2] ?? '')}`
  return isPair(pair) ? pair : undefined
}
