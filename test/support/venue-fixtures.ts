/** The hand-written sessions under fixtures/VENUE, `*.entries.jsonl` in the line form of exported frames. */
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import type { EntryKind } from '../../src/log/entry.ts'
import { EntryWriter } from '../../src/log/entry.ts'
import { encodeResponse } from '../../src/log/payloads.ts'
import { microsOf } from '../../src/market/time.ts'

/** One line; `bytes` is base64 of a binary frame, the last three fields are those of a response. */
export interface FixtureLine {
  readonly seq: number
  readonly kind: EntryKind
  readonly receiveTime: number
  readonly connection: number
  readonly text?: string
  readonly bytes?: string
  readonly method?: string
  readonly url?: string
  readonly status?: number
}

export interface VenueFixture {
  readonly name: string
  readonly lines: readonly FixtureLine[]
  readonly sha256: string
  readonly meta: { readonly sha256: string; readonly entries: number; readonly licence: string }
}

const SUFFIX = '.entries.jsonl'

const payloadOf = ({ kind, text = '', bytes, method, url, status }: FixtureLine): Uint8Array => {
  const content = bytes === undefined ? Buffer.from(text) : Buffer.from(bytes, 'base64')
  if (kind !== 'response') return content
  return encodeResponse({ method: method ?? 'GET', url: url ?? '', status: status ?? 200, body: content })
}

/** The lines as packed records, numbered anew. */
export const recordsOfFixture = (lines: readonly FixtureLine[]): Uint8Array => {
  const writer = new EntryWriter()
  for (const [index, line] of lines.entries()) {
    const { kind, receiveTime, connection, bytes } = line
    const isBinary = kind === 'frame' && bytes !== undefined
    writer.append(kind, index + 1, microsOf(receiveTime), connection, payloadOf(line), isBinary)
  }
  return writer.take() ?? new Uint8Array(0)
}

/** Every session of a venue, sorted by name. */
export const venueFixtures = (venue: string): readonly VenueFixture[] => {
  const folder = resolve(import.meta.dirname, '../../fixtures', venue)
  return readdirSync(folder)
    .filter((file) => file.endsWith(SUFFIX))
    .sort()
    .map((file) => {
      const name = file.slice(0, -SUFFIX.length)
      const content = readFileSync(join(folder, file))
      const lines = content.toString('utf8').trimEnd().split('\n')
      return {
        name,
        lines: lines.map((line) => JSON.parse(line) as FixtureLine),
        sha256: createHash('sha256').update(content).digest('hex'),
        meta: JSON.parse(readFileSync(join(folder, `${name}.meta.json`), 'utf8')) as VenueFixture['meta'],
      }
    })
}
