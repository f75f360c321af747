/** Checks Coinbase's signatures: HMAC-SHA256 over timestamp, method, path and body. */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** What a client must sign with. */
export interface CoinbaseCredentials {
  readonly key: string
  /** Base64. */
  readonly secret: string
  readonly passphrase: string
}

/** Credentials of the simulated venue; they open nothing else. */
export const TEST_CREDENTIALS: CoinbaseCredentials = {
  key: 'bookreel-simulator-key',
  secret: Buffer.from('bookreel simulator secret, opens nothing else').toString('base64'),
  passphrase: 'bookreel-simulator',
}

/** What arrived, by field; undefined where it is missing. A timestamp may come as a number: widely used clients send one. */
export interface Signature {
  readonly key: unknown
  readonly passphrase: unknown
  readonly timestamp: unknown
  readonly signature: unknown
}

const MAXIMAL_SKEW = 30

/** The signature that a timestamp and request need, base64. */
export const signatureFor = (secret: string, timestamp: string, request: string): string =>
  createHmac('sha256', Buffer.from(secret, 'base64'))
    .update(timestamp + request)
    .digest('base64')

/** Undefined when it is good; else the venue's word for what is wrong. `request`: method, path with query, body. */
export const signatureFault = (
  given: Signature,
  credentials: CoinbaseCredentials,
  request: string,
  unixSeconds: number,
): string | undefined => {
  const { key, passphrase, signature } = given
  const timestamp = typeof given.timestamp === 'number' ? String(given.timestamp) : given.timestamp
  if (typeof timestamp !== 'string' || typeof signature !== 'string') return 'invalid signature'
  if (key !== credentials.key) return 'Invalid API Key'
  if (passphrase !== credentials.passphrase) return 'Invalid Passphrase'
  const seconds = /^\d+(\.\d+)?$/.test(timestamp) ? Number(timestamp) : NaN
  if (!(Math.abs(seconds - unixSeconds) <= MAXIMAL_SKEW)) return 'request timestamp expired'
  const expected = Buffer.from(signatureFor(credentials.secret, timestamp, request))
  const found = Buffer.from(signature)
  return expected.length === found.length && timingSafeEqual(expected, found)
    ? undefined
    : 'invalid signature'
}
