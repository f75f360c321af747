/** Every chunk format ever released must keep decoding: its committed sample does. */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'

import { isLeft, right } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { decodeChunk } from '../../src/codec/chunk-format.ts'
import { decodeHeader } from '../../src/codec/documents.ts'
import { Chain } from '../../src/log/chain.ts'

interface SampleMeta {
  readonly entries: number
  readonly files: Readonly<Record<string, string>>
  readonly chainAfter: string
}

const folder = resolve(import.meta.dirname, '../../fixtures/chunks')
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.meta.json'))
  .map((name) => name.slice(0, -'.meta.json'.length))
const read = (name: string): Buffer => readFileSync(resolve(folder, name))

describe('committed samples', () => {
  it('are there', () => {
    expect(names).toEqual(expect.arrayContaining(['columns-1', 'plain-1']))
  })

  it.each(names)('%s still decodes to the same records', (name) => {
    const meta = JSON.parse(read(`${name}.meta.json`).toString()) as SampleMeta
    for (const [file, hash] of Object.entries(meta.files))
      expect(createHash('sha256').update(read(file)).digest('hex')).toBe(hash)
    const header = decodeHeader(read(`${name}.header.bin`))
    if (isLeft(header)) throw new Error(header.left)
    const records = read(`${name}.records.bin`)
    expect(decodeChunk(header.right, read(`${name}.payload.bin`))).toEqual(right(records))
    const chain = new Chain()
    chain.add(records)
    expect(header.right).toMatchObject({ entries: meta.entries, chainAfter: chain.head() })
    expect(chain.head()).toBe(meta.chainAfter)
  })
})
