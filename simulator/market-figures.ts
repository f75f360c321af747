/** Where generated markets start: scales, price and a common order size of a pair. Figures of ours, near real ones. */

export interface MarketFigures {
  readonly priceScale: number
  readonly sizeScale: number
  /** In units of the price scale. */
  readonly price: number
  /** In units of the size scale. */
  readonly size: number
}

const BY_BASE: Readonly<Record<string, MarketFigures>> = {
  BTC: { priceScale: 2, sizeScale: 8, price: 6_000_000, size: 10_000_000 },
  ETH: { priceScale: 2, sizeScale: 8, price: 300_000, size: 100_000_000 },
  LTC: { priceScale: 2, sizeScale: 8, price: 8_000, size: 500_000_000 },
  SOL: { priceScale: 2, sizeScale: 8, price: 15_000, size: 1_000_000_000 },
  XRP: { priceScale: 4, sizeScale: 6, price: 5_000, size: 200_000_000 },
}

/** Figures of a canonical pair; those of a price near 100 where nothing is known of it. */
export const figuresOf = (pair: string): MarketFigures =>
  BY_BASE[pair.split('-')[0] ?? ''] ?? { priceScale: 2, sizeScale: 8, price: 10_000, size: 100_000_000 }
