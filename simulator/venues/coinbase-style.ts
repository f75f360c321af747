/** How a Coinbase product words its messages: what has varied over the years and must not matter to anybody. */
import { Rng } from '../engine/random.ts'

export interface CoinbaseStyle {
  /** Three orders of keys were seen: the common fields first, the order's own first, `side` last. */
  readonly keys: 'common-first' | 'own-first' | 'side-last'
  /** Whether prices and sizes of the feed are padded with zeros to the product's increments. */
  readonly isPadded: boolean
  /** The same for the bodies of REST, where it need not agree with the feed. */
  readonly isPaddedInRest: boolean
  /** As before 2022: `client_oid` for everybody at times, `change` without `reason`, a size of 0 beside funds. */
  readonly isOld: boolean
}

export const PLAIN_STYLE: CoinbaseStyle = {
  keys: 'common-first',
  isPadded: false,
  isPaddedInRest: false,
  isOld: false,
}

/** The style that follows from a seed. */
export const styleOf = (seed: number): CoinbaseStyle => {
  const random = new Rng(seed)
  return {
    keys: random.pick(['common-first', 'own-first', 'side-last']),
    isPadded: random.chance(400),
    isPaddedInRest: random.chance(400),
    isOld: random.chance(300),
  }
}
