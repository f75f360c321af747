/** Reads what a Coinbase client asks for. Whatever it sends is read without failing. */

export const CHANNELS: ReadonlySet<string> = new Set([
  ...['heartbeat', 'status', 'ticker', 'ticker_batch', 'matches', 'level2', 'level2_batch', 'full', 'level3'],
  ...['user', 'auctionfeed', 'rfq_matches', 'balance'],
])
export const SIGNED: ReadonlySet<string> = new Set([
  ...['level2', 'level3', 'full', 'user', 'rfq_matches', 'balance'],
])
/** Channels that may be asked for without naming a product. */
export const WITHOUT_PRODUCTS: ReadonlySet<string> = new Set(['status', 'rfq_matches', 'balance'])

/** Channels were renamed; both names are taken and the old one is answered. */
const CURRENT_NAME: ReadonlyMap<string, string> = new Map([
  ['level2_50', 'level2_batch'],
  ['ticker_1000', 'ticker_batch'],
])
const OLD_NAME: ReadonlyMap<string, string> = new Map([
  ['level2_batch', 'level2_50'],
  ['ticker_batch', 'ticker_1000'],
])

/** The name under which a channel is acknowledged. */
export const oldNameOf = (channel: string): string => OLD_NAME.get(channel) ?? channel

export type Fields = Readonly<Record<string, unknown>>

/** One channel of a request, with its own products and those of the whole request. */
export interface Wish {
  readonly channel: string
  readonly products: readonly string[]
}

const fieldsOf = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {}

/** Undefined for what is no JSON. */
export const parsedRequest = (text: string): Fields | undefined => {
  try {
    return fieldsOf(JSON.parse(text))
  } catch {
    return undefined
  }
}

const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : []

export const wishesOf = (request: Fields): Wish[] => {
  const shared = textsOf(request['product_ids'])
  const channels: unknown[] = Array.isArray(request['channels']) ? request['channels'] : []
  return channels.map((item) => {
    const { name, product_ids: products } = typeof item === 'string' ? { name: item } : fieldsOf(item)
    // Only texts are shown again: rendering anything else could go arbitrarily deep.
    const asked = typeof name === 'string' ? name : ''
    const own = textsOf(products)
    return { channel: CURRENT_NAME.get(asked) ?? asked, products: [...new Set([...own, ...shared])] }
  })
}
