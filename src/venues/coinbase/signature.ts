/** Coinbase request signing: HMAC-SHA-256 over timestamp, method, path and body. Owns no time and no secrets. */
import { Buffer } from 'node:buffer'
import { createHmac } from 'node:crypto'

/** The path that a signed subscribe frame signs. */
export const FEED_SIGNATURE_PATH = '/users/self/verify'

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** True when the secret is what Coinbase gives out: base64 text. */
export const isSecret = (text: string): boolean => text !== '' && BASE64.test(text)

/** The signature of a request without a body, as base64. `secret` is base64, `path` includes the query. */
export const signatureOf = (secret: string, unixSeconds: number, method: string, path: string): string =>
  createHmac('sha256', Buffer.from(secret, 'base64'))
    .update(`${String(unixSeconds)}${method}${path}`)
    .digest('base64')
