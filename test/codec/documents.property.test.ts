import fc from 'fast-check'
import { isLeft, isRight, right } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import {
  decodeHeader,
  decodeKeyframeRef,
  decodeManifest,
  decodeTombstone,
  encodeHeader,
  encodeKeyframeRef,
  encodeTombstone,
  isTombstone,
} from '../../src/codec/documents.ts'
import type { ChunkHeader, Verdict } from '../../src/log/chunk.ts'
import type { KeyframeRef } from '../../src/log/event-store.ts'
import { encodeJson, type RunManifest } from '../../src/log/payloads.ts'
import type { Tombstone } from '../../src/log/tombstone.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { microsOf } from '../../src/market/time.ts'

const whole = fc.maxSafeNat()
const text = fc.string({ unit: 'binary', maxLength: 12 })
const hash = fc.stringMatching(/^[0-9a-f]{64}$/)
const micros = whole.map(microsOf)
const stream = fc.constantFrom<StreamId>('coinbase:BTC-USD', 'bitfinex:X:Y', 'v:1')

const spans = fc
  .record({ steps: fc.array(fc.integer({ min: 1, max: 1000 }), { maxLength: 40 }), further: whole })
  .map(({ steps, further }) => {
    const listed: (readonly [number, number])[] = []
    let at = 0
    for (const step of steps) {
      listed.push([at + step, at + 2 * step])
      at += 2 * step
    }
    return { listed, further }
  })
const extent = fc.option(fc.record({ least: whole, greatest: whole }, { noNullPrototype: true }))

const verdict: fc.Arbitrary<Verdict> = fc.record(
  {
    decoderVersion: whole,
    events: whole,
    trades: whole,
    runs: whole,
    gaps: fc.array(
      fc.record({
        seq: whole,
        cause: fc.constantFrom(
          'venue-sequence',
          'checksum',
          'crossed',
          'contradiction',
          'malformed',
          'not-representable',
        ),
        expected: text,
        found: text,
      }),
    ),
    disconnects: fc.array(
      fc.record({ seq: whole, cause: fc.constantFrom('disconnect', 'stale', 'maintenance', 'resubscribe') }),
    ),
    checksums: fc.record({ right: whole, wrong: whole }, { noNullPrototype: true }),
    undecoded: fc.record(
      {
        frames: whole,
        kinds: fc.dictionary(fc.oneof(text, fc.constant('__proto__')), whole, { noNullPrototype: true }),
      },
      { noNullPrototype: true },
    ),
    spanMicros: whole,
    validMicros: whole,
    verifiedMicros: whole,
    validSpans: spans,
    verifiedSpans: spans,
    exchangeTimes: extent,
    venueSequences: extent,
    sealMismatches: fc.option(whole, { nil: undefined }),
    book: fc.record(
      {
        valid: fc.boolean(),
        reason: fc.constantFrom(null, 'stale', 'no-snapshot', 'run-ended'),
        verified: fc.boolean(),
        digest: hash,
        digestSeq: whole,
      },
      { noNullPrototype: true },
    ),
  },
  { noNullPrototype: true },
)

const header: fc.Arbitrary<ChunkHeader> = fc
  .record({
    format: text,
    stream,
    firstSeq: fc.integer({ min: 1, max: 2 ** 52 }),
    entries: fc.integer({ min: 1, max: 2 ** 40 }),
    kinds: fc.constant({}),
    firstReceiveTime: micros,
    lastReceiveTime: micros,
    rawBytes: whole,
    storedBytes: whole,
    payloadHash: hash,
    chainBefore: hash,
    chainAfter: hash,
    chainFirstBlock: fc.option(hash),
    chainBlock: hash,
    verdict,
  })
  .map((made) => ({
    ...made,
    kinds: made.entries === 1 ? { opened: 1 } : { frame: made.entries - 1, closed: 1 },
    lastSeq: made.firstSeq + made.entries - 1,
  }))

const reference: fc.Arbitrary<KeyframeRef> = fc.record(
  { stream, seq: whole, receiveTime: micros, decoderVersion: whole, payloadHash: hash },
  { noNullPrototype: true },
)

const manifest: fc.Arbitrary<RunManifest> = fc.record({
  software: text,
  stream,
  venue: text,
  pair: text,
  symbol: text,
  feed: fc.option(text, { nil: undefined }),
  mode: fc.constantFrom('full', 'light', 'snapshot', 'import'),
  assumeEmptyBook: fc.boolean(),
})

const tombstone: fc.Arbitrary<Tombstone> = fc
  .record({
    kind: fc.constantFrom('deleted', 'damaged', 'unused'),
    stream,
    firstSeq: fc.integer({ min: 1, max: 2 ** 52 }),
    lastSeq: fc.integer({ min: 0, max: 2 ** 40 }),
    firstReceiveTime: micros,
    lastReceiveTime: micros,
    headBefore: hash,
    headAfter: hash,
    restartsChain: fc.boolean(),
    reason: text,
  })
  .map((made) => ({ ...made, lastSeq: made.firstSeq + made.lastSeq }))

const withFlippedBit = (bytes: Uint8Array, at: number, bit: number): Uint8Array => {
  const changed = Uint8Array.from(bytes)
  changed[at % bytes.length] = (changed[at % bytes.length] ?? 0) ^ (1 << bit)
  return changed
}

describe('documents', () => {
  it('give back chunk headers, and report any flipped bit', () => {
    fc.assert(
      fc.property(header, fc.nat(), fc.nat(7), (made, at, bit) => {
        const bytes = encodeHeader(made)
        const decoded = decodeHeader(bytes)
        expect(isRight(decoded)).toBe(true)
        if (isRight(decoded)) expect(JSON.stringify(decoded.right)).toBe(JSON.stringify(made))
        expect(isLeft(decodeHeader(withFlippedBit(bytes, at, bit)))).toBe(true)
        expect(isLeft(decodeHeader(bytes.subarray(0, at % bytes.length)))).toBe(true)
        expect(isLeft(decodeKeyframeRef(bytes))).toBe(true)
      }),
    )
  })

  it('give back tombstones, and report any flipped bit', () => {
    fc.assert(
      fc.property(tombstone, fc.nat(), fc.nat(7), (made, at, bit) => {
        const bytes = encodeTombstone(made)
        expect(isTombstone(bytes)).toBe(true)
        expect(decodeTombstone(bytes)).toEqual(right(made))
        expect(isLeft(decodeTombstone(withFlippedBit(bytes, at, bit)))).toBe(true)
        expect(isLeft(decodeTombstone(bytes.subarray(0, at % bytes.length)))).toBe(true)
        expect(isLeft(decodeHeader(bytes))).toBe(true)
        const backwards = encodeTombstone({ ...made, lastSeq: made.firstSeq - 1 })
        expect(isLeft(decodeTombstone(backwards))).toBe(true)
      }),
    )
  })

  it('refuse counts by kind that do not add up, and stretches out of order', () => {
    fc.assert(
      fc.property(header, (made) => {
        const refused = (changed: ChunkHeader): boolean => isLeft(decodeHeader(encodeHeader(changed)))
        expect(refused({ ...made, kinds: { ...made.kinds, sent: 1 } })).toBe(true)
        const validSpans = {
          listed: [
            [5, 9],
            [9, 12],
          ] as const,
          further: 0,
        }
        expect(refused({ ...made, verdict: { ...made.verdict, validSpans } })).toBe(true)
      }),
    )
  })

  it('give back keyframe references without payloads, and report any flipped bit', () => {
    fc.assert(
      fc.property(reference, fc.nat(), fc.nat(7), (made, at, bit) => {
        const bytes = encodeKeyframeRef({ ...made, ...{ payload: new Uint8Array(9) } })
        expect(decodeKeyframeRef(bytes)).toEqual(right(made))
        expect(isLeft(decodeKeyframeRef(withFlippedBit(bytes, at, bit)))).toBe(true)
      }),
    )
  })

  it('refuse a header whose numbers contradict each other', () => {
    fc.assert(
      fc.property(header, (made) => {
        const decoded = decodeHeader(encodeHeader({ ...made, lastSeq: made.lastSeq + 1 }))
        expect(isLeft(decoded)).toBe(true)
      }),
    )
  })

  it('name the field that is wrong', () => {
    fc.assert(
      fc.property(header, (made) => {
        const wrong = { ...made, verdict: { ...made.verdict, trades: -1 } }
        const decoded = decodeHeader(encodeHeader(wrong))
        expect(isLeft(decoded) && decoded.left).toContain('verdict.trades')
      }),
      { numRuns: 5 },
    )
  })

  it('give back run manifests', () => {
    fc.assert(
      fc.property(manifest, (made) => {
        const decoded = decodeManifest(Buffer.from(encodeJson(made)).toString())
        expect(decoded).toEqual(right(made))
        expect(isRight(decoded) && 'feed' in decoded.right).toBe(true)
      }),
    )
  })

  it('refuse what is no manifest', () => {
    for (const wrong of ['', '{', 'null', '[]', '{}', '"x"', '{"software":1}'])
      expect(isLeft(decodeManifest(wrong))).toBe(true)
  })
})
