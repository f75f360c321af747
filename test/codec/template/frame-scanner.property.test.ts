import { Buffer } from 'node:buffer'

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { FrameScanner } from '../../../src/codec/template/frame-scanner.ts'
import { generateFullFeed } from '../../support/full-feed.ts'
import { jsonTexts } from '../../support/json-texts.ts'
import { renderedBytes, scanText, spelledRow } from '../../support/scanned-frames.ts'

const RUNS = { numRuns: 600 }

describe('a scanned frame', () => {
  it('of JSON of any shape and spelling is rendered to the same bytes, and is scanned at all', () => {
    let scanned = 0
    let texts = 0
    fc.assert(
      fc.property(jsonTexts, (text) => {
        const scanner = new FrameScanner()
        const expected = Buffer.from(text)
        for (let time = 0; time < 2; time++) {
          texts++
          if (!scanText(scanner, text)) return
          scanned++
          expect(renderedBytes(scanner)).toEqual(expected)
        }
      }),
      RUNS,
    )
    expect(scanned / texts).toBeGreaterThan(0.9)
  })

  it('is the same row whether its template was known or is seen for the first time', () => {
    fc.assert(
      fc.property(fc.array(jsonTexts, { minLength: 1, maxLength: 20 }), (texts) => {
        const shared = new FrameScanner()
        for (const text of [...texts, ...texts]) {
          const fresh = new FrameScanner()
          const isScanned = scanText(fresh, text)
          expect(scanText(shared, text)).toBe(isScanned)
          if (!isScanned) continue
          expect(spelledRow(shared)).toEqual(spelledRow(fresh))
          expect(renderedBytes(shared)).toEqual(Buffer.from(text))
        }
        const skeletons = shared.scope.templates.map(({ skeleton }) => skeleton)
        expect(new Set(skeletons).size).toBe(skeletons.length)
      }),
      { numRuns: 120 },
    )
  })

  it('stands behind those before it until the scanner is cleared', () => {
    fc.assert(
      fc.property(fc.array(jsonTexts, { minLength: 1, maxLength: 10 }), (texts) => {
        const scanner = new FrameScanner()
        let end = 0
        for (const text of texts) {
          if (!scanText(scanner, text)) continue
          expect(scanner.start).toBe(end)
          end = scanner.end
        }
        scanner.clear()
        if (scanText(scanner, '[1]')) expect([scanner.start, scanner.end]).toEqual([0, 1])
      }),
    )
  })
})

const { frames } = generateFullFeed(300, 100)
const mutations = fc.array(
  fc.tuple(fc.nat({ max: 300 }), fc.constantFrom('insert', 'delete', 'replace'), fc.nat({ max: 255 })),
  { minLength: 1, maxLength: 3 },
)

const mutated = (frame: string, changes: readonly [number, string, number][]): Buffer => {
  const bytes = [...Buffer.from(frame)]
  for (const [place, change, byte] of changes) {
    const at = place % bytes.length
    if (change === 'insert') bytes.splice(at, 0, byte)
    else if (change === 'delete') bytes.splice(at, 1)
    else bytes[at] = byte
  }
  return Buffer.from(bytes)
}

describe('a frame of any bytes', () => {
  const checkBytes = (scanner: FrameScanner, bytes: Uint8Array): void => {
    const { ids, texts } = scanner.scope
    const [idCount, textCount, before, verbatim] = [ids.count, texts.count, scanner.end, scanner.verbatim]
    if (scanText(scanner, bytes)) expect(renderedBytes(scanner)).toEqual(Buffer.from(bytes))
    else {
      expect([ids.count, texts.count, scanner.verbatim]).toEqual([idCount, textCount, verbatim + 1])
      expect(scanText(scanner, '[7]')).toBe(true)
      expect([scanner.start, scanner.end]).toEqual([before, before + 1])
    }
  }

  it('changed on its way from a venue is rendered to the same bytes or stays verbatim', () => {
    const scanner = new FrameScanner()
    for (const frame of frames) expect(scanText(scanner, frame)).toBe(true)
    fc.assert(
      fc.property(fc.constantFrom(...frames), mutations, (frame, changes) => {
        checkBytes(scanner, mutated(frame, changes))
      }),
      RUNS,
    )
  })

  it('never throws and leaves nothing behind when it stays verbatim', () => {
    const structural = fc.constantFrom(...Buffer.from('[]{}",:\\ 01-.eE\0ntix"[["'))
    const scanner = new FrameScanner()
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 200 }),
          fc.array(structural, { maxLength: 60 }).map((bytes) => Uint8Array.from(bytes)),
        ),
        (bytes) => {
          checkBytes(scanner, bytes)
        },
      ),
      { numRuns: 3000 },
    )
  })
})
