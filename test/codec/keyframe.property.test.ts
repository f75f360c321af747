import fc from 'fast-check'
import { isLeft, right } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { decodeKeyframe, encodeKeyframe } from '../../src/codec/keyframe.ts'
import type { Keyframe } from '../../src/log/chunk.ts'
import { microsOf } from '../../src/market/time.ts'

const keyframeOf = (state: Uint8Array): Keyframe =>
  encodeKeyframe({ stream: 'coinbase:BTC-USD', seq: 7, receiveTime: microsOf(9), decoderVersion: 3, state })

describe('keyframes', () => {
  it('give back the state they were made of', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (state) => {
        const keyframe = keyframeOf(state)
        expect(keyframe).toMatchObject({ seq: 7, receiveTime: 9, decoderVersion: 3 })
        expect(decodeKeyframe(keyframe)).toEqual(right(Buffer.from(state)))
      }),
    )
  })

  it('report damage for any flipped bit, whether or not the hash still fits', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(), fc.nat(7), (state, at, bit) => {
        const keyframe = keyframeOf(state)
        const payload = Uint8Array.from(keyframe.payload)
        payload[at % payload.length] = (payload[at % payload.length] ?? 0) ^ (1 << bit)
        const decoded = decodeKeyframe({ ...keyframe, payload })
        expect(isLeft(decoded) && decoded.left.kind).toBe('hash-mismatch')
      }),
    )
  })
})
