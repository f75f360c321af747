import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { FrameBatch } from '../../../simulator/playback/frame-batch.ts'

/** Reads a server's unfragmented, unmasked text frames by the letter of RFC 6455. */
const textsOf = (bytes: Buffer): readonly string[] => {
  const texts: string[] = []
  let at = 0
  while (at < bytes.length) {
    expect(bytes[at]).toBe(0x81)
    const short = bytes[at + 1] ?? 0
    const [start, size] =
      short < 126
        ? [at + 2, short]
        : short === 126
          ? [at + 4, bytes.readUInt16BE(at + 2)]
          : [at + 10, Number(bytes.readBigUInt64BE(at + 2))]
    texts.push(bytes.toString('utf8', start, start + size))
    at = start + size
  }
  return texts
}

const lengths = fc.constantFrom(0, 1, 125, 126, 127, 65_535, 65_536, 70_000)
const content = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  lengths.map((length) => 'x'.repeat(length)),
)

describe('a batch of frames', () => {
  it('holds every frame, whatever its size, text or bytes alike', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(content, fc.boolean()), { minLength: 1, maxLength: 20 }), (frames) => {
        const batch = new FrameBatch(1000)
        for (const [text, isBytes] of frames) {
          if (isBytes) batch.addBytes(Buffer.from(text))
          else batch.addText(text)
        }
        expect(textsOf(batch.take() ?? Buffer.alloc(0))).toEqual(frames.map(([text]) => text))
        expect([batch.take(), batch.byteLength]).toEqual([undefined, 0])
      }),
      { numRuns: 100 },
    )
  })
})
