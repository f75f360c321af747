import { Buffer } from 'node:buffer'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { TIME_ROOM, TimeText } from '../../../src/codec/template/time-text.ts'

/** The farthest instants that are kept as such, in milliseconds: 2^53 microseconds from the epoch, less a day. */
const FARTHEST = (2 ** 53 - 1 - 86_400_000_000) / 1000

/** What somebody else writes of the instant that is read; undefined: none is read. */
const readAndWritten = (text: string): string | undefined => {
  const bytes = Buffer.from(text)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const values = new Float64Array(1)
  const scales = new Uint8Array(1)
  if (new TimeText().read(bytes, view, 0, bytes.length, values, scales, 0) < 0) return undefined
  const target = new Uint8Array(TIME_ROOM)
  const end = new TimeText().write(values, 0, scales[0] ?? 0, target, 0)
  return Buffer.from(target.subarray(0, Math.max(0, end))).toString()
}

describe('an instant', () => {
  it('that is read is written so by anyone, also at the ends of what is kept', () => {
    let read = 0
    fc.assert(
      fc.property(fc.constantFrom(-1, 1), fc.integer({ min: -300_000, max: 300_000 }), (sign, off) => {
        const text = new Date(sign * FARTHEST + off).toISOString()
        const written = readAndWritten(text)
        if (written === undefined) return
        read++
        expect(written).toBe(text)
      }),
      { numRuns: 2000 },
    )
    expect(read).toBeGreaterThan(100)
  })
})
