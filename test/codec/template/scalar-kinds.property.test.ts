import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { FrameScanner } from '../../../src/codec/template/frame-scanner.ts'
import { numberTexts, stringContents } from '../../support/json-texts.ts'
import { scanText } from '../../support/scanned-frames.ts'

interface Expected {
  readonly kind: string
  readonly value?: number
  readonly scale?: number
}

const NUMBER = /^-?(0|[1-9]\d*)(?:\.(\d+))?$/
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?Z$/
const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/

const asNumber = (text: string): Expected | undefined => {
  const match = NUMBER.exec(text)
  if (match === null || text.replace(/\D/g, '').length > 18) return undefined
  const whole = BigInt(text.replace('.', ''))
  if ((whole === 0n && text.startsWith('-')) || whole > 2n ** 53n - 1n || whole < 1n - 2n ** 53n)
    return undefined
  return { kind: 'number', value: Number(whole), scale: match[2]?.length ?? 0 }
}

const asTime = (text: string): Expected | undefined => {
  const [, seconds = '', fraction = ''] = TIME.exec(text) ?? []
  if (seconds === '') return undefined
  const milliseconds = Date.parse(`${seconds}Z`)
  // Date takes the day after the last of a month and hour 24: what it writes then differs.
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString() !== `${seconds}.000Z`)
    return undefined
  const value = milliseconds * 1000 + Number(fraction.padEnd(6, '0'))
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER - 2 * 86_400_000_000) return undefined
  return { kind: 'time', value, scale: fraction.length }
}

/** What log/frame-row.ts says of the bytes, found in another way; `template`: no scalar. */
const judge = (text: string): Expected => {
  if (UUID.test(text)) return { kind: 'id' }
  if (!/\d/.test(text)) return { kind: 'template' }
  return asNumber(text) ?? asTime(text) ?? { kind: 'text' }
}

const scanned = (text: string): Expected => {
  const scanner = new FrameScanner()
  expect(scanText(scanner, text)).toBe(true)
  const [slot] = scanner.scope.templates[scanner.template]?.slots ?? []
  if (slot === undefined) return { kind: 'template' }
  const { kind } = slot
  if (kind === 'id') return { kind }
  if (kind === 'text') return { kind }
  return { kind, value: scanner.values[scanner.start] ?? NaN, scale: scanner.scales[scanner.start] ?? NaN }
}

describe('a scalar', () => {
  it('between quotes is of the kind that its bytes say, with value and scale', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(stringContents, (content) => {
        const expected = judge(content)
        seen.add(expected.kind)
        expect(scanned(`["${content}"]`)).toEqual(expected)
      }),
      { numRuns: 3000 },
    )
    expect([...seen].sort()).toEqual(['id', 'number', 'template', 'text', 'time'])
  })

  it('outside quotes is a number or a text', () => {
    fc.assert(
      fc.property(numberTexts, (text) => {
        expect(scanned(`[${text}]`)).toEqual(asNumber(text) ?? { kind: 'text' })
      }),
      { numRuns: 3000 },
    )
  })

  it('of every day, at its first and last microsecond, is the instant that Date says', () => {
    const scanner = new FrameScanner()
    for (let day = -104_000; day < 104_000; day += 37) {
      const [date = ''] = new Date(day * 86_400_000).toISOString().split('T')
      scanner.clear()
      expect(scanText(scanner, `["${date}T00:00:00Z","${date}T23:59:59.999999Z"]`)).toBe(true)
      expect([...scanner.values.subarray(0, 2)]).toEqual([
        day * 86_400_000_000,
        (day + 1) * 86_400_000_000 - 1,
      ])
    }
  })

  it('of zero bytes where an instant stood before is none', () => {
    const scanner = new FrameScanner()
    expect(scanText(scanner, '["2024-01-31T23:59:59Z"]')).toBe(true)
    for (const blank of ['\0'.repeat(16), '1970-01-01T00:00'])
      expect(scanText(scanner, `["${blank}:59Z"]`)).toBe(blank.startsWith('1'))
    expect(scanText(new FrameScanner(), `["${'\0'.repeat(16)}:59Z"]`)).toBe(false)
  })
})
