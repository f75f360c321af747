/** Which channels a recorded Coinbase frame belongs to, and the numbers it tells. */

export interface CoinbaseFrame {
  /** Channels that deliver such a frame. */
  readonly channels: readonly string[]
  /** '' for a frame without a product. */
  readonly product: string
  readonly isSnapshot: boolean
}

/** What a frame says of where its product stands. */
export interface CoinbaseNumbers {
  readonly sequence: number | undefined
  readonly tradeId: number | undefined
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
const LEVEL3 = ['level3']

const TYPE = '"type":"'
const PRODUCT = '"product_id":"'
const ROW = /^\["(?:open|done|match|change|noop)","([^"\\]+)",/

const wholeOf = (value: unknown): number | undefined => {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const valueBehind = (text: string, name: string): string | undefined => {
  const start = text.indexOf(name)
  if (start < 0) return undefined
  const end = text.indexOf('"', start + name.length)
  return text.slice(start + name.length, end)
}

/** By looking for the fields in the text: four times as fast as parsing it. For a flat object written without spaces. */
const quickFrameOf = (text: string): CoinbaseFrame | undefined => {
  if (text.charCodeAt(0) !== 123 || text.includes('{', 1)) return undefined
  const type = valueBehind(text, TYPE)
  const product = valueBehind(text, PRODUCT)
  const channels = product === undefined || product.includes('\\') ? undefined : BY_TYPE.get(type)
  return channels === undefined
    ? undefined
    : { channels, product: product ?? '', isSnapshot: type === 'snapshot' }
}

/** Undefined for what no channel delivers: acknowledgements, errors, unknown types, broken text. */
export const coinbaseFrameOf = (text: string): CoinbaseFrame | undefined => {
  const quick = quickFrameOf(text)
  if (quick !== undefined) return quick
  const product = ROW.exec(text)?.[1]
  if (product !== undefined) return { channels: LEVEL3, product, isSnapshot: false }
  const value = parse(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { type, product_id } = value as Record<string, unknown>
  const channels = BY_TYPE.get(type)
  if (channels === undefined) return undefined
  return {
    channels,
    product: typeof product_id === 'string' ? product_id : '',
    isSnapshot: type === 'snapshot',
  }
}

export const coinbaseNumbersOf = (text: string): CoinbaseNumbers => {
  const value = parse(text)
  if (Array.isArray(value)) return { sequence: wholeOf(value[2]), tradeId: undefined }
  if (typeof value !== 'object' || value === null) return { sequence: undefined, tradeId: undefined }
  const { sequence, trade_id, last_trade_id } = value as Record<string, unknown>
  return { sequence: wholeOf(sequence), tradeId: wholeOf(trade_id ?? last_trade_id) }
}
