/**
 * Runs every benchmark, or those named on the command line, and prints one table each. Nothing here asserts anything: a
 * benchmark shows what was measured, on what, beside its rival in the same run.
 */
import os from 'node:os'

import { archiveBenchmark } from './archive.bench.ts'
import { bookBenchmark } from './book.bench.ts'
import { codecBenchmark } from './codec.bench.ts'
import { decodeBenchmark } from './decode.bench.ts'
import { exportBenchmark } from './export.bench.ts'
import { fleetBenchmark } from './fleet.bench.ts'
import { flowBenchmark } from './flow.bench.ts'
import { keyframeBenchmark } from './keyframe.bench.ts'
import { levelsBenchmark } from './levels.bench.ts'
import { memoryBenchmark } from './memory.bench.ts'
import { mongoBenchmark } from './mongo.bench.ts'
import { peersBenchmark } from './peers.bench.ts'
import { recordBenchmark } from './record.bench.ts'
import type { Benchmark, Row } from './row.ts'
import { seekBenchmark } from './seek.bench.ts'
import { serveBenchmark } from './serve.bench.ts'
import { simulatorBenchmark } from './simulator.bench.ts'
import { spoolBenchmark } from './spool.bench.ts'
import { stampBenchmark } from './stamp.bench.ts'

const BENCHMARKS: readonly Benchmark[] = [
  bookBenchmark,
  levelsBenchmark,
  decodeBenchmark,
  archiveBenchmark,
  codecBenchmark,
  keyframeBenchmark,
  seekBenchmark,
  peersBenchmark,
  recordBenchmark,
  stampBenchmark,
  memoryBenchmark,
  mongoBenchmark,
  spoolBenchmark,
  fleetBenchmark,
  serveBenchmark,
  simulatorBenchmark,
  flowBenchmark,
  exportBenchmark,
]

const show = (rows: readonly Row[]): void => {
  const names = Math.max(...rows.map(({ name }) => name.length))
  const values = Math.max(...rows.map(({ value }) => value.length))
  for (const { name, value, note } of rows)
    process.stdout.write(`  ${name.padEnd(names)}  ${value.padStart(values)}  ${note ?? ''}\n`)
}

const wanted = process.argv.slice(2)
const processor = os.cpus()[0]?.model ?? 'unknown processor'
process.stdout.write(`node ${process.version}, ${String(os.cpus().length)} × ${processor}\n`)
for (const { name, about, run } of BENCHMARKS) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  process.stdout.write(`\n${name}: ${about}\n`)
  show(await run())
}
