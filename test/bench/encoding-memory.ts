/** Memory that encoding takes above the chunk itself, measured in a process of its own. */
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

import { firstLine, start } from './processes.ts'
import type { Row } from './row.ts'

/** The records of one chunk of Coinbase. */
export const encodingMemory = async (records: Uint8Array): Promise<Row> => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bookreel-bench-'))
  const file = path.join(folder, 'records')
  writeFileSync(file, records)
  const child = start('encode-once.js', [file])
  const line = firstLine(child)
  await once(child, 'exit')
  rmSync(folder, { recursive: true })
  const peak = Number(await line)
  return {
    name: 'encoding memory',
    value: `${(peak / 1e6).toFixed(0)} MB`,
    note: `resident memory at its highest, less that before; a chunk of ${(records.length / 1e6).toFixed(0)} MB; target 64`,
  }
}
