import { describe, expect, it } from 'vitest'

import { signatureFault, signatureFor } from '../../../simulator/venues/coinbase-auth.ts'

const SECRET = 'bG9icmVjLXRlc3Qtc2VjcmV0LTAxMjM0NTY3ODlhYmNkZWY='

describe('signatures', () => {
  it.each([
    ['GET/users/self/verify', 'AXG1ZF8vTOBq/MdEd+n8nxJyGPXmliZdmAJ+zYkceyU='],
    ['GET/products/BTC-USD/book?level=3', 'xb8fRN22M2nBxvctkgd4ROsTkJOreCovrNbvMXOV9d8='],
  ])('of %s agree with the vector', (request, expected) => {
    expect(signatureFor(SECRET, '1700000000', request)).toBe(expected)
  })

  it('hold for 30 seconds either way', () => {
    const credentials = { key: 'k', secret: SECRET, passphrase: 'p' }
    const timestamp = '1700000000'
    const given = {
      key: 'k',
      passphrase: 'p',
      timestamp,
      signature: signatureFor(SECRET, timestamp, 'GET/x'),
    }
    const faultAt = (seconds: number): string | undefined =>
      signatureFault(given, credentials, 'GET/x', seconds)
    expect([-30, 0, 30].map((skew) => faultAt(1_700_000_000 + skew))).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect([-31, 31].map((skew) => faultAt(1_700_000_000 + skew))).toEqual(
      Array(2).fill('request timestamp expired'),
    )
    expect(signatureFault({ ...given, key: 'other' }, credentials, 'GET/x', 1_700_000_000)).toBe(
      'Invalid API Key',
    )
    expect(signatureFault(given, credentials, 'GET/y', 1_700_000_000)).toBe('invalid signature')
  })

  it('take a timestamp that comes as a number', () => {
    const credentials = { key: 'k', secret: SECRET, passphrase: 'p' }
    const given = {
      key: 'k',
      passphrase: 'p',
      timestamp: 1_700_000_000.25,
      signature: signatureFor(SECRET, '1700000000.25', 'GET/x'),
    }
    expect(signatureFault(given, credentials, 'GET/x', 1_700_000_000)).toBeUndefined()
    expect(signatureFault({ ...given, timestamp: NaN }, credentials, 'GET/x', 1_700_000_000)).toBe(
      'request timestamp expired',
    )
  })
})
