import { isLeft, isRight, right } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { signatureOf } from '../../../src/venues/coinbase/signature.ts'
import { coinbaseVenue } from '../../../src/venues/coinbase/venue.ts'

const SECRET = 'bG9icmVjLXRlc3Qtc2VjcmV0LTAxMjM0NTY3ODlhYmNkZWY='
const credentials = {
  COINBASE_API_KEY: 'the-key',
  COINBASE_API_SECRET: SECRET,
  COINBASE_API_PASSPHRASE: 'the-passphrase',
}
const FEED_SIGNATURE = 'AXG1ZF8vTOBq/MdEd+n8nxJyGPXmliZdmAJ+zYkceyU='
const BOOK_PATH = '/products/BTC-USD/book?level=3'
const BOOK_SIGNATURE = 'xb8fRN22M2nBxvctkgd4ROsTkJOreCovrNbvMXOV9d8='
const session = { symbol: 'BTC-USD', feed: 'full', credentials, unixSeconds: 1_700_000_000 }

describe('signatures', () => {
  it.each([
    ['/users/self/verify', FEED_SIGNATURE],
    [BOOK_PATH, BOOK_SIGNATURE],
  ])('of %s is the known vector', (path, signature) => {
    expect(signatureOf(SECRET, 1_700_000_000, 'GET', path)).toBe(signature)
  })

  it('stand in a signed subscribe frame, and never in its stored form', () => {
    const [frame, ...more] = coinbaseVenue.openingFrames(session)
    expect(more).toEqual([])
    expect(JSON.parse(frame?.text ?? '')).toEqual({
      type: 'subscribe',
      product_ids: ['BTC-USD'],
      channels: ['full', 'heartbeat'],
      signature: FEED_SIGNATURE,
      key: 'the-key',
      passphrase: 'the-passphrase',
      timestamp: '1700000000',
    })
    expect(JSON.parse(frame?.stored ?? '')).toMatchObject({ signature: '***', key: '***', passphrase: '***' })
    for (const secret of [SECRET, FEED_SIGNATURE, 'the-key', 'the-passphrase'])
      expect(frame?.stored).not.toContain(secret)
  })

  it('stand in the headers of a request, beside a User-Agent', () => {
    expect(coinbaseVenue.requestHeaders(BOOK_PATH, session)).toMatchObject({
      'User-Agent': 'bookreel',
      'CB-ACCESS-KEY': 'the-key',
      'CB-ACCESS-SIGN': BOOK_SIGNATURE,
      'CB-ACCESS-TIMESTAMP': '1700000000',
      'CB-ACCESS-PASSPHRASE': 'the-passphrase',
    })
    const keyless = coinbaseVenue.requestHeaders('/products', { ...session, credentials: undefined })
    expect(keyless['User-Agent']).toBe('bookreel')
    expect(Object.keys(keyless).some((name) => name.startsWith('CB-'))).toBe(false)
  })
})

describe('subscriptions', () => {
  it('ask for trades and heartbeats on the keyless feed, unsigned', () => {
    for (const known of [credentials, undefined]) {
      const keyless = { ...session, feed: 'level2_batch', credentials: known }
      const [frame] = coinbaseVenue.openingFrames(keyless)
      expect(JSON.parse(frame?.text ?? '')).toEqual({
        type: 'subscribe',
        product_ids: ['BTC-USD'],
        channels: ['level2_batch', 'matches', 'heartbeat'],
      })
      expect(frame?.stored).toBe(frame?.text)
    }
  })

  it('name level3 with its heartbeat', () => {
    const [frame] = coinbaseVenue.openingFrames({ ...session, feed: 'level3' })
    expect(JSON.parse(frame?.text ?? '')).toMatchObject({ channels: ['level3', 'heartbeat'], key: 'the-key' })
  })
})

describe('credentials', () => {
  it('are all there, or none', () => {
    expect(coinbaseVenue.credentialsFrom({})).toEqual(right(undefined))
    expect(coinbaseVenue.credentialsFrom({ COINBASE_API_KEY: ' ' })).toEqual(right(undefined))
    expect(coinbaseVenue.credentialsFrom({ ...credentials, HOME: '/root' })).toEqual(right(credentials))
    const missing = coinbaseVenue.credentialsFrom({ COINBASE_API_KEY: 'k' })
    expect(isLeft(missing) && missing.left).toContain(
      'COINBASE_API_SECRET and COINBASE_API_PASSPHRASE must be set',
    )
  })

  it.each(['not base64!', 'abc', 'ab=c', '===='])('refuse the secret %j', (secret) => {
    const result = coinbaseVenue.credentialsFrom({ ...credentials, COINBASE_API_SECRET: secret })
    expect(isLeft(result) && result.left).toContain('COINBASE_API_SECRET')
    expect(isLeft(result) && result.left).not.toContain(secret)
  })
})

describe('the choice of a feed', () => {
  it('is full with credentials, the keyless one with a notice without', () => {
    expect(coinbaseVenue.chooseFeed(undefined, credentials)).toEqual(
      right({ feed: 'full', notice: undefined }),
    )
    const keyless = coinbaseVenue.chooseFeed(undefined, undefined)
    expect(isRight(keyless) && keyless.right.feed).toBe('level2_batch')
    expect(isRight(keyless) && keyless.right.notice).toContain('level2_batch')
    expect(coinbaseVenue.chooseFeed('level2_batch', undefined)).toEqual(
      right({ feed: 'level2_batch', notice: undefined }),
    )
    expect(coinbaseVenue.chooseFeed('level3', credentials)).toEqual(
      right({ feed: 'level3', notice: undefined }),
    )
  })

  it.each(['full', 'level3'])('refuses %s without credentials', (feed) => {
    const result = coinbaseVenue.chooseFeed(feed, undefined)
    expect(isLeft(result) && result.left).toContain('COINBASE_API_KEY')
  })

  it('refuses a feed that is none', () => {
    const result = coinbaseVenue.chooseFeed('P0', credentials)
    expect(isLeft(result) && result.left).toContain('full, level3, level2_batch')
  })
})
