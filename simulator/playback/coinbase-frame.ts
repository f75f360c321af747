/** Which channels a captured Coinbase frame belongs to, and the numbers it tells. */

export interface CoinbaseFrame {
  /** Channels that deliver such a frame. */
  readonly channels: readonly string[]
  /** '' for a frame without a product. */
  readonly product: string
  readonly sequence: number | undefined
  readonly tradeId: number | undefined
  readonly isSnapshot: boolean
}

const BY_TYPE = new Map<unknown, readonly string[]>([
  ['snapshot', ['level2', 'level2_batch']],
  ['l2update', ['level2', 'level2_batch']],
  ['last_match', ['matches']],
  ['match', ['matches', 'full']],
  ['ticker', ['ticker', 'ticker_batch']],
  ['heartbeat', ['heartbeat']],
  ['received', ['full']],
  ['open', ['full']],
  ['done', ['full']],
  ['change', ['full']],
  ['activate', ['full']],
  ['level3', ['level3']],
  ['status', ['status']],
  ['auction', ['auctionfeed']],
])

const wholeOf = (value: unknown): number | undefined => {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined
}

/** Undefined for what no channel delivers: acknowledgements, errors, unknown types, broken text. */
export const coinbaseFrameOf = (text: string): CoinbaseFrame | undefined => {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (Array.isArray(value)) return level3Frame(value)
  if (typeof value !== 'object' || value === null) return undefined
  const { type, product_id, sequence, trade_id, last_trade_id } = value as Record<string, unknown>
  const channels = BY_TYPE.get(type)
  if (channels === undefined) return undefined
  return {
    channels,
    product: typeof product_id === 'string' ? product_id : '',
    sequence: wholeOf(sequence),
    tradeId: wholeOf(trade_id ?? last_trade_id),
    isSnapshot: type === 'snapshot',
  }
}

const level3Frame = (row: readonly unknown[]): CoinbaseFrame => ({
  channels: ['level3'],
  product: typeof row[1] === 'string' ? row[1] : '',
  sequence: wholeOf(row[2]),
  tradeId: undefined,
  isSnapshot: false,
})
