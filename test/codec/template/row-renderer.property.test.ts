import { Buffer } from 'node:buffer'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { FrameScanner } from '../../../src/codec/template/frame-scanner.ts'
import { IdTable } from '../../../src/codec/template/id-table.ts'
import { BAD_ROW, NO_ROOM, RowRenderer } from '../../../src/codec/template/row-renderer.ts'
import { TemplateScope } from '../../../src/codec/template/template-scope.ts'
import { TextTable } from '../../../src/codec/template/text-table.ts'
import { generateFullFeed } from '../../support/full-feed.ts'
import { jsonTexts } from '../../support/json-texts.ts'
import { scanText } from '../../support/scanned-frames.ts'

/** A scope built from what another one stores. */
const storedAndRead = (scope: TemplateScope): TemplateScope => {
  const ids = new IdTable(Uint8Array.from(scope.ids.bytes()))
  const { texts } = scope
  const starts = texts.starts.slice(0, texts.count + 1)
  const read = new TemplateScope(ids, new TextTable(texts.raw.slice(0, texts.byteLength), starts))
  scope.templates.forEach((_, template) => {
    expect(read.templateOf(Uint8Array.from(scope.skeletonOf(template)))).toBe(template)
  })
  return read
}

describe('RowRenderer', () => {
  it('renders rows of a scope that was built from stored tables', () => {
    fc.assert(
      fc.property(fc.array(jsonTexts, { minLength: 1, maxLength: 10 }), (texts) => {
        const scanner = new FrameScanner()
        const rows: { text: string; template: number; start: number; end: number }[] = []
        for (const text of texts) {
          const isScanned = scanText(scanner, text)
          const { template, start, end } = scanner
          if (isScanned) rows.push({ text, template, start, end })
        }
        const scope = storedAndRead(scanner.scope)
        expect(scope.templates).toEqual(scanner.scope.templates)
        const renderer = new RowRenderer()
        const { values, scales } = scanner
        for (const { text, ...row } of rows) {
          const bytes = renderer.bytes({ scope, values, scales, ...row }, 1e6)
          expect(bytes?.toString()).toBe(text)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('fills a target to its last byte and tells when one is too small', () => {
    const { frames } = generateFullFeed(40, 30)
    const texts = [
      ...frames,
      '[[1,"2024-01-31T23:59:59.123456Z"],["a1"],[-1.5]]',
      '"550e8400-e29b-41d4-a716-446655440000"',
    ]
    const scanner = new FrameScanner()
    for (const text of texts) {
      expect(scanText(scanner, text)).toBe(true)
      for (let room = 0; room <= text.length; room++) {
        const target = Buffer.alloc(room + 3)
        const written = new RowRenderer().render(scanner, target.subarray(0, room + 1), 1)
        expect(written).toBe(room < text.length ? NO_ROOM : text.length)
        expect(target.readUInt16LE(room + 1)).toBe(0)
      }
      expect(new RowRenderer().bytes(scanner, text.length - 1)).toBeUndefined()
    }
  })

  it('never throws at a damaged row and writes nothing past its target', () => {
    const scanner = new FrameScanner()
    for (const text of [
      '[[1,"2024-01-31T23:59:59.1Z"],["a1"],[[{"b":1}]]]',
      '["550e8400-e29b-41d4-a716-446655440000"]',
    ])
      expect(scanText(scanner, text)).toBe(true)
    const { scope } = scanner
    const numbers = fc.oneof(
      fc.integer({ min: -2, max: 9 }),
      fc.double(),
      fc.constantFrom(2 ** 53, -(2 ** 53), 1e15),
    )
    const rows = fc.record({
      template: fc.integer({ min: -1, max: 9 }),
      values: fc.array(numbers, { maxLength: 30 }).map((all) => Float64Array.from(all)),
      scales: fc.uint8Array({ maxLength: 30 }),
    })
    const seen = new Set<number>()
    fc.assert(
      fc.property(rows, fc.nat({ max: 200 }), ({ template, values, scales }, room) => {
        const target = Buffer.alloc(room + 8)
        const row = { scope, template, values, scales, start: 0, end: values.length }
        const written = new RowRenderer().render(row, target.subarray(0, room), 0)
        seen.add(Math.sign(written))
        expect(written === NO_ROOM || written === BAD_ROW || (written >= 0 && written <= room)).toBe(true)
        expect(target.readBigUInt64LE(room)).toBe(0n)
      }),
      { numRuns: 5000 },
    )
    expect(seen.has(-1)).toBe(true)
  })
})
