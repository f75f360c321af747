/** Whatever values a column has, another reader finds the same in the Parquet file. */
import fc from 'fast-check'
import { parquetReadObjects } from 'hyparquet'
import { compressors } from 'hyparquet-compressors'
import { expect, it } from 'vitest'

import type { Batch } from '../../src/export/columns/column-data.ts'
import type { ColumnDefinition, ColumnType } from '../../src/export/columns/definition.ts'
import { RowBuffer } from '../../src/export/columns/row-buffer.ts'
import { newEncoder } from '../../src/export/formats/new-encoder.ts'

const column = (name: string, type: ColumnType): ColumnDefinition => ({
  name,
  type,
  unit: '',
  isOptional: true,
  doc: '',
})

const TABLE = {
  kind: 'any',
  doc: '',
  columns: [
    column('whole', { kind: 'integer' }),
    column('price', { kind: 'decimal', of: 'price' }),
    column('total', { kind: 'total', of: 'size' }),
    column('double', { kind: 'number' }),
    column('flag', { kind: 'flag' }),
    column('word', { kind: 'category', values: ['bid', 'ask', 'none'] }),
    column('text', { kind: 'text' }),
  ],
}

const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined })

const row = fc.record({
  whole: maybe(fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -3, max: 3 }))),
  price: maybe(fc.oneof(fc.maxSafeInteger(), fc.integer({ min: 0, max: 50 }))),
  total: maybe(fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n })),
  double: maybe(fc.double({ noNaN: true })),
  flag: maybe(fc.boolean()),
  word: maybe(fc.constantFrom('bid', 'ask', 'none')),
  text: maybe(fc.string({ unit: 'grapheme' })),
})

const encoded = async (
  rows: readonly (typeof row extends fc.Arbitrary<infer Row> ? Row : never)[],
  capacity: number,
): Promise<ArrayBuffer> => {
  const batches: Batch[] = []
  const scales = { price: 0, size: 0, asFloats: false }
  const buffer = new RowBuffer(TABLE, { scales, capacity, onBatch: (batch) => batches.push(batch) })
  for (const { whole, price, total, double, flag, word, text } of rows) {
    buffer.begin(0)
    const at = buffer.row
    buffer.integers('whole').put(at, whole)
    if (price !== undefined) buffer.scaled('price').put(at, price, 0)
    if (total !== undefined) buffer.totals('total').put(at, total, 0)
    if (double !== undefined) buffer.doubles('double').put(at, double, 0)
    if (flag !== undefined) buffer.bytes('flag').put(at, flag ? 1 : 0)
    buffer.bytes('word').putWord(at, word)
    const texts = buffer.texts('text')
    if (text !== undefined) texts.put(at, texts.add(text))
    buffer.end()
  }
  buffer.flush()
  const plan = { shapes: buffer.shapes(), notes: new Map([['a', 'b']]), sortedBy: undefined }
  const encoder = await newEncoder('parquet', plan)
  const bytes = Buffer.concat([...batches.flatMap((batch) => encoder.encode(batch)), ...encoder.end()])
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length)
}

const texts = (value: unknown): string =>
  value === null || value === undefined
    ? 'absent'
    : Object.is(value, -0)
      ? '-0'
      : (value as { toString: () => string }).toString()

it('reads back as it was written', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 700 }),
      fc.integer({ min: 1, max: 900 }),
      async (rows, capacity) => {
        const file = await encoded(rows, capacity)
        const read = await parquetReadObjects({ file, compressors })
        expect(read.length).toBe(rows.length)
        read.forEach((found, index) => {
          const given = rows[index]
          expect(texts(found['whole'])).toBe(texts(given?.whole))
          expect(texts(found['price'])).toBe(texts(given?.price))
          expect(texts(found['double'])).toBe(texts(given?.double))
          expect(texts(found['flag'])).toBe(texts(given?.flag))
          expect(texts(found['word'])).toBe(texts(given?.word))
          expect(texts(found['text'])).toBe(texts(given?.text))
          expect(texts(found['total'])).toBe(texts(given?.total === undefined ? undefined : Number(given.total)))
        })
      },
    ),
    { numRuns: 40 },
  )
}) // prettier-ignore
