import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { microsOf } from '../../../src/market/time.ts'
import {
  durationText,
  niceStep,
  numberText,
  numberTicks,
  percentText,
  shortNumber,
  timeTicks,
} from '../../../src/report/drawing/ticks.ts'

const scales = fc
  .tuple(fc.double({ min: -1e9, max: 1e9, noNaN: true }), fc.double({ min: 1e-6, max: 1e9, noNaN: true }))
  .filter(([low, span]) => low + span > low && span > Math.abs(low) * 1e-9)
  .map(([low, span]) => ({ low, high: low + span }))

describe('the marks of an axis', () => {
  it('are few, in order, evenly apart and inside', () => {
    fc.assert(
      fc.property(scales, fc.integer({ min: 2, max: 12 }), (scale, wanted) => {
        const ticks = numberTicks(scale, wanted)
        expect(ticks.length).toBeLessThanOrEqual(wanted + 1)
        expect(ticks.length).toBeGreaterThanOrEqual(Math.floor(wanted / 2.6) - 1)
        const slack = (scale.high - scale.low) * 1e-6 + Math.abs(scale.high) * 1e-9
        for (const { value } of ticks) {
          expect(value).toBeGreaterThanOrEqual(scale.low - slack)
          expect(value).toBeLessThanOrEqual(scale.high + slack)
        }
        expect(new Set(ticks.map(({ text }) => text)).size).toBe(ticks.length)
      }),
    )
  })

  it('have steps of 1, 2 and 5', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 1e12, noNaN: true }), (least) => {
        const step = niceStep(least)
        expect(step).toBeGreaterThanOrEqual(least * (1 - 1e-8))
        expect(step).toBeLessThanOrEqual(least * 2.5 * (1 + 1e-8))
        expect(step.toExponential(3)).toMatch(/^[125]\.000e/)
      }),
    )
  })

  it('stand at round times', () => {
    const noon = Date.parse('2026-01-31T12:00:00Z') * 1000
    const texts = (span: number): readonly string[] =>
      timeTicks({ low: noon - span / 2, high: noon + span / 2 }, 6).map(({ text }) => text)
    expect(texts(60)).toContain('12:00:00.000000')
    expect(texts(500_000)).toContain('12:00:00.000')
    expect(texts(60_000_000)).toEqual(['11:59:30', '11:59:40', '11:59:50', '12:00:00', '12:00:10', '12:00:20', '12:00:30']) // prettier-ignore
    expect(texts(86_400_000_000)).toEqual(['01-31', '06:00', '12:00', '18:00', '02-01'])
    expect(texts(30 * 86_400_000_000).every((text) => /^2026-\d\d-\d\d$/.test(text))).toBe(true)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4e14 }), fc.integer({ min: 2, max: 9 }), (span, wanted) => {
        const ticks = timeTicks({ low: noon, high: microsOf(noon + span) }, wanted)
        expect(ticks.length).toBeLessThanOrEqual(wanted + 1)
      }),
    )
  })
})

describe('figures for people', () => {
  it('are grouped and short', () => {
    expect(numberText(1234567.891, 2)).toBe('1,234,567.89')
    expect(numberText(-0.001, 1)).toBe('0.0')
    expect(numberText(-1500, 0)).toBe('−1,500')
    expect(shortNumber(0.000123456)).toBe('0.0001235')
    expect(shortNumber(60012.5, 8)).toBe('60,012.5')
    expect(shortNumber(1500)).toBe('1,500')
    expect(shortNumber(NaN)).toBe('–')
    expect([0, 0.0004, 0.5, 0.9999, 1].map(percentText)).toEqual(['0 %', '< 0.1 %', '50.0 %', '> 99.9 %', '100 %']) // prettier-ignore
    expect([12, 1500, 2_500_000, 90e6, 3_600e6, 90_000e6].map(durationText)).toEqual(['12 µs', '1.5 ms', '2.5 s', '1 min 30 s', '1 h', '1 d 1 h']) // prettier-ignore
  })
})
