/** Tells whose frames a capture holds, by its first telling line. */
import { type CaptureLine, CaptureProblem, readCapture } from '../../src/index.ts'

/** The venues whose captures can be served. */
export type ServedVenue = 'bitfinex' | 'coinbase'

const NAMES: readonly (readonly [RegExp, string])[] = [
  [/coinbase|gdax/, 'coinbase'],
  [/bitfinex/, 'bitfinex'],
  [/kraken/, 'Kraken'],
  [/binance/, 'Binance'],
]

/** Throws CaptureProblem when it is no capture, of a venue that is not served, or of none that can be told. */
export const capturedVenue = async (location: string): Promise<ServedVenue> => {
  for await (const { line } of readCapture(location)) {
    const venue = venueOf(line)
    if (venue === 'bitfinex' || venue === 'coinbase') return venue
    if (venue !== undefined) {
      throw new CaptureProblem(
        `${location} is a capture of ${venue}, which cannot be served; Coinbase and Bitfinex can.`,
      )
    }
  }
  throw new CaptureProblem(`${location} does not tell which venue it is of, so it cannot be served.`)
}

const venueOf = (line: CaptureLine): string | undefined => {
  if (line.kind === 'response') return NAMES.find(([pattern]) => pattern.test(hostOf(line.url)))?.[1]
  const frame = parseJson(line.text)
  if (Array.isArray(frame)) return venueOfArray(frame)
  if (typeof frame !== 'object' || frame === null) return undefined
  if ('type' in frame) return 'coinbase'
  if ('stream' in frame || 'e' in frame) return 'Binance'
  if (!('event' in frame)) return undefined
  return 'pair' in frame && !('channel' in frame) ? 'Kraken' : venueOfEvent(frame.event)
}

const venueOfEvent = (event: unknown): string | undefined => {
  if (event === 'systemStatus' || event === 'subscriptionStatus' || event === 'heartbeat') return 'Kraken'
  return 'bitfinex'
}

const venueOfArray = (frame: readonly unknown[]): string | undefined => {
  if (typeof frame[0] === 'string') return 'coinbase'
  return typeof frame.at(-1) === 'string' && frame[1] !== 'hb' ? 'Kraken' : 'bitfinex'
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const hostOf = (url: string): string => {
  try {
    return new URL(url).host
  } catch {
    return ''
  }
}
