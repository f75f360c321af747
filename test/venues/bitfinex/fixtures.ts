/** The hand-written sessions under fixtures/bitfinex, in the line form of exported frames. */
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { type EntryKind, EntryWriter } from '../../../src/log/entry.ts'
import { microsOf } from '../../../src/market/time.ts'

interface FixtureLine {
  readonly seq: number
  readonly kind: EntryKind
  readonly receiveTime: number
  readonly connection: number
  readonly text?: string
  /** Base64 of a binary frame. */
  readonly bytes?: string
}

export interface Fixture {
  readonly name: string
  readonly records: Uint8Array
  readonly sha256: string
  readonly meta: { readonly sha256: string; readonly entries: number }
  readonly entries: number
}

const FOLDER = resolve(import.meta.dirname, '../../../fixtures/bitfinex')
const SUFFIX = '.entries.jsonl'

const readFixture = (name: string): Fixture => {
  const file = readFileSync(join(FOLDER, name + SUFFIX))
  const lines = file.toString('utf8').trimEnd().split('\n')
  const writer = new EntryWriter()
  for (const line of lines) {
    const { kind, seq, receiveTime, connection, text = '', bytes } = JSON.parse(line) as FixtureLine
    const payload = bytes === undefined ? Buffer.from(text) : Buffer.from(bytes, 'base64')
    writer.append(kind, seq, microsOf(receiveTime), connection, payload, bytes !== undefined)
  }
  return {
    name,
    records: writer.take() ?? new Uint8Array(0),
    sha256: createHash('sha256').update(file).digest('hex'),
    meta: JSON.parse(readFileSync(join(FOLDER, `${name}.meta.json`), 'utf8')) as Fixture['meta'],
    entries: lines.length,
  }
}

export const fixtures: readonly Fixture[] = readdirSync(FOLDER)
  .filter((file) => file.endsWith(SUFFIX))
  .sort()
  .map((file) => readFixture(file.slice(0, -SUFFIX.length)))

export const fixtureNamed = (name: string): Fixture => {
  const found = fixtures.find((fixture) => fixture.name === name)
  if (found === undefined) throw new Error(`no fixture ${name}`)
  return found
}
