import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import type { SeqSpans } from '../../src/log/chunk.ts'
import { joinSpans, MOST_SPANS, SpanCollector } from '../../src/log/seq-spans.ts'

const collect = (states: readonly boolean[], from = 1): SeqSpans => {
  const collector = new SpanCollector()
  states.forEach((belongs, index) => {
    collector.note(from + index, belongs)
  })
  return collector.finish(from + states.length - 1)
}

const covers = ({ listed }: SeqSpans, seq: number): boolean =>
  listed.some(([first, last]) => first <= seq && seq <= last)

describe('stretches of entries', () => {
  it('hold exactly the entries that belong', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 100 }), (states) => {
        const spans = collect(states)
        expect(spans.further).toBe(0)
        states.forEach((belongs, index) => {
          expect(covers(spans, index + 1)).toBe(belongs)
        })
      }),
    )
  })

  it('of consecutive chunks are those of all entries at once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.boolean(), { minLength: 1, maxLength: 20 }), { maxLength: 6 }),
        (chunks) => {
          let from = 1
          const parts = chunks.map((states) => {
            const spans = collect(states, from)
            from += states.length
            return spans
          })
          expect(joinSpans(parts, 1000)).toEqual(collect(chunks.flat()))
        },
      ),
    )
  })

  it('are bounded; what is past the bound is counted', () => {
    const states = Array.from({ length: 4 * MOST_SPANS }, (_, index) => index % 2 === 0)
    const spans = collect(states)
    expect(spans.listed.length).toBe(MOST_SPANS)
    expect(spans.further).toBe(MOST_SPANS)
    expect(joinSpans([spans], 10)).toMatchObject({ further: 2 * MOST_SPANS - 10 })
  })
})
