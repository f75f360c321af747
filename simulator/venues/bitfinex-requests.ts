/** Reads what a Bitfinex client asks for, and words what is told of it again. Whatever it sends is read without failing. */

export type Fields = Readonly<Record<string, unknown>>

/** What a client asks for in a `subscribe`, with defaults filled in. */
export interface ChannelRequest {
  readonly channel: string
  /** With its `t` or `f` in front. */
  readonly symbol: string
  /** `R0`, `P0` ... for books, '' for other channels. */
  readonly precision: string
  /** For books: how many rows a side. */
  readonly length: number
}

/** An error of the venue: its code and text. */
export interface RequestFault {
  readonly code: number
  readonly text: string
}

const LENGTHS: readonly unknown[] = ['1', '25', '100', '250']
const LONGEST_ECHO = 200
/** Fields of a request that are told again; only plain values are, whatever else it had. */
const ECHOED = ['channel', 'symbol', 'prec', 'freq', 'len', 'key', 'subId', 'chanId', 'pair'] as const

/** Undefined for what is no JSON object. */
export const parsedFields = (text: string): Fields | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : undefined
  } catch {
    return undefined
  }
}

/** Text, a number or a truth value; undefined for what could be arbitrarily large. */
export const plainValue = (value: unknown): string | number | boolean | undefined => {
  if (typeof value === 'string') return value.slice(0, LONGEST_ECHO)
  return typeof value === 'number' || typeof value === 'boolean' ? value : undefined
}

/** The fields of a request as an error tells them again. */
export const echoOf = (fields: Fields): Fields => {
  const echo: Record<string, unknown> = {}
  for (const name of ECHOED) {
    const value = plainValue(fields[name])
    if (value !== undefined) echo[name] = value
  }
  return echo
}

/** The request with defaults filled in, or what is wrong with it. */
export const channelRequestOf = (fields: Fields): ChannelRequest | RequestFault => {
  const { channel, symbol, pair, key, prec = 'P0', len = '25' } = fields
  const named = symbol ?? pair
  if (typeof channel !== 'string') return { code: 10_302, text: 'unknown channel' }
  if (channel === 'status') return { channel, symbol: textOf(key), precision: '', length: 0 }
  if (typeof named !== 'string' || named === '') return { code: 10_300, text: 'symbol: invalid' }
  const full = /^[tf][A-Z0-9]/.test(named) ? named : `t${named}`
  if (channel !== 'book') return { channel, symbol: full, precision: '', length: 0 }
  if (typeof prec !== 'string' || !/^(R0|P[0-4])$/.test(prec))
    return { code: 10_300, text: 'precision: invalid' }
  if (!LENGTHS.includes(textOf(len))) return { code: 10_300, text: 'length: invalid' }
  return { channel, symbol: full, precision: prec, length: Number(len) }
}

const textOf = (value: unknown): string => String(plainValue(value) ?? '')

/** `pair` of a trading symbol, `currency` of a funding symbol. */
export const pairField = (symbol: string): Fields => {
  if (symbol.startsWith('f')) return { currency: symbol.slice(1) }
  return { pair: symbol.startsWith('t') ? symbol.slice(1) : symbol }
}

export const isSameRequest = (one: ChannelRequest, other: ChannelRequest): boolean =>
  one.channel === other.channel &&
  one.symbol === other.symbol &&
  one.precision === other.precision &&
  one.length === other.length
