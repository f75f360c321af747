/** What a venue says of one product it lists: whether it trades, and in what steps. Words only; nothing of a book. */

/** `limited`: not all orders are taken (cancel-only, post-only, an auction …); `paused`: it does not trade for now. */
export type TradingState = 'open' | 'limited' | 'paused' | 'delisted'

export interface ProductState {
  readonly trading: TradingState
  /** The venue's own words. */
  readonly says: string
  /** Smallest steps of price and size, decimal text; null where the venue does not say. */
  readonly priceIncrement: string | null
  readonly sizeIncrement: string | null
}

/** What a venue says that does not name its steps. */
export const stateWithoutSteps = (trading: TradingState, says: string): ProductState => ({
  trading,
  says,
  priceIncrement: null,
  sizeIncrement: null,
})

/** The venue knows no such product (any more). */
export const goneProduct = (says: string): ProductState => stateWithoutSteps('delisted', says)
