/**
 * The committed sample of columns-1 must show a reader everything that the format can say. With BOOKREEL_SAMPLE=FOLDER what
 * the present encoder makes of the same stream is written there: the sample of a format that is not released yet.
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'

import { isRight } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { encodeChunk } from '../../src/codec/chunk-columns.ts'
import { decodeChunk } from '../../src/codec/chunk-format.ts'
import { openDirectory } from '../../src/codec/columns/open-directory.ts'
import { columnsOf } from '../../src/codec/columns/slot-family.ts'
import { encodeHeader } from '../../src/codec/documents.ts'
import { Chain } from '../../src/log/chain.ts'
import { madeSample, sampleHints } from '../support/made-sample.ts'
import { emptyVerdict } from '../support/sample-chunks.ts'

const folder = resolve(import.meta.dirname, '../../fixtures/chunks')
const payload = readFileSync(resolve(folder, 'columns-1.payload.bin'))
const { layout } = openDirectory(payload, { entries: 10_000, rawBytes: 1_000_000 })
const sorted = (numbers: Iterable<number>): number[] =>
  [...new Set(numbers)].sort((one, other) => one - other)

/** A sample as it lies in fixtures/chunks. */
const writeSample = (target: string, name: string, parts: Readonly<Record<string, Uint8Array>>): void => {
  for (const [part, bytes] of Object.entries(parts)) {
    const file = `${name}.${part}.bin`
    writeFileSync(resolve(target, file), bytes)
    const hash = createHash('sha256').update(bytes).digest('hex')
    process.stdout.write(`"${file}": "${hash}"\n`)
  }
}

describe('the sample of columns-1', () => {
  it('is made of a stream that can be made again, which the present encoder packs without loss', () => {
    const records = madeSample()
    expect(Buffer.compare(records, readFileSync(resolve(folder, 'columns-1.records.bin')))).toBe(0)
    const heads = new Chain().addChunk(records)
    const { header, payload: packed } = encodeChunk({
      stream: 'coinbase:BTC-USD',
      records,
      ...heads,
      verdict: emptyVerdict,
      hints: sampleHints,
    })
    const unpacked = decodeChunk(header, packed)
    expect(isRight(unpacked) && Buffer.compare(unpacked.right, records)).toBe(0)
    const target = process.env['BOOKREEL_SAMPLE'] ?? ''
    if (target !== '')
      writeSample(target, header.format, { header: encodeHeader(header), payload: packed, records })
  })

  it('uses every prediction and every form', () => {
    expect(sorted(layout.families.map(({ predictor }) => predictor))).toEqual([
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11,
    ])
    expect(sorted(layout.families.map(({ form }) => form))).toEqual([0, 1, 2, 3])
    expect(layout.families.some(({ isTime, form }) => isTime && form === 1)).toBe(true)
    expect(layout.families.some(({ isTime, form }) => isTime && form === 3)).toBe(true)
    expect(layout.families.some(({ movesLag }) => movesLag)).toBe(true)
  })

  it('has constants, groups that are told and taken from, zeros apart, entries of every kind, verbatim ones', () => {
    const slots = layout.places.flatMap((place) => place.slots)
    expect(slots.some(({ family }) => family < 0)).toBe(true)
    expect(slots.some(({ follow }) => follow?.takes === false)).toBe(true)
    expect(slots.some(({ follow }) => follow?.takes === true && follow.secondId >= 0)).toBe(true)
    const ranges = layout.columns.flatMap((column) => column.ranges)
    expect(ranges.some(({ base }) => Number.isNaN(base))).toBe(true)
    expect(ranges.some(({ zeros }) => zeros > 0)).toBe(true)
    expect(ranges.some(({ bits }) => bits > 24)).toBe(true)
    expect(sorted(layout.classes.map(({ kindAndFlags }) => kindAndFlags & 0xff))).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9,
    ])
    expect(layout.classes.some(({ place }) => place < 0)).toBe(true)
    const fallbacks = layout.families.flatMap((family, index) => {
      const before = layout.families.slice(0, index).reduce((sum, other) => sum + columnsOf(other), 0)
      return family.predictor === 5 ? [layout.columns[before + 1]?.length ?? 0] : []
    })
    expect(Math.max(...fallbacks)).toBeGreaterThan(0)
  })
})
