/** Which side of a book rests, and who took liquidity: two different questions, two different types. */

/** The side of the book an order or level rests on. */
export type BookSide = 'bid' | 'ask'

/** Who took liquidity in a trade. */
export type AggressorSide = 'buy' | 'sell' | 'unknown'

/** The aggressor that trades against an order resting on this side. */
export const aggressorAgainst = (resting: BookSide): AggressorSide => (resting === 'bid' ? 'sell' : 'buy')
