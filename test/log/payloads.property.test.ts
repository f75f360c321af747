import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decodeResponse, encodeJson, encodeResponse } from '../../src/log/payloads.ts'

const text = fc.string({ unit: 'binary' })

describe('payloads of our own entries', () => {
  it('keep REST answers exactly, whatever bytes the body has', () => {
    fc.assert(
      fc.property(
        fc.record({ method: text, url: text, status: fc.nat(999), body: fc.uint8Array() }),
        (response) => {
          const decoded = decodeResponse(encodeResponse(response))
          expect(decoded && { ...decoded, body: Uint8Array.from(decoded.body) }).toEqual(response)
        },
      ),
    )
  })

  it('tell what is no REST answer', () => {
    for (const wrong of [
      '',
      '\n',
      'x\n',
      '{}\nbody',
      'null\n',
      '[]\n',
      '{"method":"GET","url":"/"}\n',
      '{"method":"GET","url":"/","status":"200"}\n',
    ])
      expect(decodeResponse(Buffer.from(wrong))).toBeUndefined()
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        if (bytes[0] !== 123) expect(decodeResponse(bytes)).toBeUndefined()
      }),
    )
  })

  it('are JSON', () => {
    expect(Buffer.from(encodeJson({ url: 'wss://ü' })).toString()).toBe('{"url":"wss://ü"}')
  })
})
