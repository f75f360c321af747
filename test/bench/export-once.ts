/** Run as a process: exports one archived stream several times and prints what each took of time, processor and memory. */
import { statSync } from 'node:fs'
import path from 'node:path'

import type { ExportRequest } from '../../src/app/export/export-request.ts'
import { exportTable } from '../../src/app/export/export-tables.ts'
import { formatOfPath } from '../../src/export/formats/new-encoder.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import { openArchive } from './archive-store.ts'

const [, , folder = '', stream = '', kind = '', name = '', rounds = ''] = process.argv
const store = await openArchive(folder)
const out = path.join(folder, name)
const request: ExportRequest = {
  kind,
  format: formatOfPath(name) ?? 'parquet',
  target: { kind: 'file', path: out },
  streams: [stream as StreamId],
  range: {},
  scales: { price: 8, size: 8, asFloats: false },
  onChange: false,
  levels: 10,
  layout: 'wide',
  overwrite: true,
}
const seconds: number[] = []
const processor: number[] = []
let rows = 0
for (let round = 0; round < Number(rounds); round++) {
  const started = performance.now()
  const before = process.cpuUsage()
  rows = (await exportTable(store, request)).rows
  const { user, system } = process.cpuUsage(before)
  seconds.push((performance.now() - started) / 1000)
  processor.push((user + system) / 1e6)
}
await store.close()
const peak = process.resourceUsage().maxRSS * 1024
process.stdout.write(`${JSON.stringify({ rows, seconds, processor, peak, bytes: statSync(out).size })}\n`)
