import { describe, expect, it } from 'vitest'

import { FrameScanner } from '../../../src/codec/template/frame-scanner.ts'
import {
  MAX_SKELETON_BYTES,
  MAX_TEMPLATE_BYTES,
  MAX_TEMPLATES,
  TemplateScope,
} from '../../../src/codec/template/template-scope.ts'
import { renderedBytes, scanText } from '../../support/scanned-frames.ts'

const letters = (value: number): string =>
  String(value).replace(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? '')

describe('TemplateScope', () => {
  it('tells the paths of slots, those of lists and of values behind the first one included', () => {
    const scanner = new FrameScanner()
    expect(scanText(scanner, '{"a":1,"b":{"c":["x1",[2]],"d":[ [3,{"e":4}] ]}}\n[5,{"f":"6"}]')).toBe(true)
    const shown = scanner.scope.templates.map(({ slots }) => slots.map(({ path, kind }) => `${path} ${kind}`))
    expect(shown).toEqual([
      ['0 number', '1.e number'],
      ['a number', 'b.c.0 text', 'b.c.1.0 number', 'b.d list', '0 number', '1.f number'],
    ])
    expect(renderedBytes(scanner)?.toString()).toContain('"f":"6"')
  })

  it('keeps digits in keys and takes them in strings', () => {
    const scanner = new FrameScanner()
    expect(scanText(scanner, '{"k1":"v1","k2" : "v"}')).toBe(true)
    expect(scanner.scope.templates[0]?.skeleton).toBe('{"k1":"\0x","k2" : "v"}')
  })

  it('learns no more than its bound of templates; frames of others stay verbatim', () => {
    const scanner = new FrameScanner()
    for (let index = 0; index < MAX_TEMPLATES + 10; index++)
      expect(scanText(scanner, `{"${letters(index)}":1}`)).toBe(index < MAX_TEMPLATES)
    expect(scanner.scope.templates.length).toBe(MAX_TEMPLATES)
    expect(scanner.verbatim).toBe(10)
    expect(scanText(scanner, '{"a":123}')).toBe(true)
    const full = scanner.scope
    scanner.newScope()
    expect(scanner.scope).not.toBe(full)
    expect(scanText(scanner, `{"${letters(MAX_TEMPLATES)}":1}`)).toBe(true)
  })

  it('holds no more bytes of skeletons than its bounds', () => {
    const scanner = new FrameScanner()
    const text = (length: number, index: number): string => `["${letters(index)}${'x'.repeat(length)}",1]`
    expect(scanText(scanner, text(MAX_TEMPLATE_BYTES, 0))).toBe(false)
    let scanned = 0
    for (let index = 0; index < 100; index++) if (scanText(scanner, text(15_000, index))) scanned++
    expect(scanned).toBeGreaterThan(60)
    expect(scanned).toBeLessThan(75)
    expect(scanner.scope.skeletonBytes).toBeLessThanOrEqual(MAX_SKELETON_BYTES)
  })

  it('refuses what is no skeleton', () => {
    for (const bytes of ['\0', '\0z', '"\0n', '"\0n,', '"open', '['.repeat(65)])
      expect(new TemplateScope().templateOf(Buffer.from(bytes))).toBe(-1)
  })

  it('takes lists in lists up to a depth, and long lists in bounded time', () => {
    const nested = (depth: number): string => `${'['.repeat(depth)}1${']'.repeat(depth)}`
    const scanner = new FrameScanner()
    expect(scanText(scanner, nested(9))).toBe(true)
    expect(scanText(scanner, nested(10))).toBe(false)
    expect(scanText(scanner, nested(50_000))).toBe(false)
    const long = `[${Array.from({ length: 50_000 }, (_, index) => `[${String(index)},"b"]`).join(',')}]`
    expect(scanText(scanner, long)).toBe(true)
    expect(renderedBytes(scanner)?.toString()).toBe(long)
    expect(scanner.end - scanner.start).toBe(1 + 2 * 50_000)
  })
})
