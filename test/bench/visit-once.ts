/**
 * Run as a process: visits one archived stream, every event of it told to a sink, and prints what that took of time, garbage
 * collection and memory. Arguments: folder, stream.
 */
import { PerformanceObserver } from 'node:perf_hooks'

import { archiveOf } from '../../src/app/archive/open-archive.ts'
import { QuietSink } from '../../src/replay/derived/quiet-sink.ts'
import type { ReplayVisitor } from '../../src/replay/stream-state.ts'
import { openArchive } from './archive-store.ts'
import { ownMemory } from './own-memory.ts'

/** What one visit took. */
export interface Visited {
  readonly milliseconds: number
  readonly entries: number
  readonly events: number
  readonly collecting: number
  /** Bytes at each tenth of the way, see ownMemory. */
  readonly residents: readonly number[]
  /** At its highest, pages of the store's file included. */
  readonly peak: number
}

/** Entries between two looks at the memory. */
const STEP = 50_000

const [, , folder = '', stream = ''] = process.argv

let collecting = 0
const observer = new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) collecting += duration
})
observer.observe({ entryTypes: ['gc'] })
const archive = archiveOf(await openArchive(folder))
const residents: number[] = []
let untilLook = STEP
const visitor: ReplayVisitor = {
  sinkOf: () => new QuietSink(),
  entryEnded: () => {
    if (--untilLook > 0) return
    untilLook = STEP
    residents.push(ownMemory())
  },
}
const started = performance.now()
const { entries, events } = await archive.visit({ streams: [stream] }, visitor)
const milliseconds = performance.now() - started
residents.push(ownMemory())
await new Promise((resolve) => setImmediate(resolve))
observer.disconnect()
await archive.close()
const tenth = (part: number): number => residents[Math.ceil((residents.length * part) / 10) - 1] ?? 0
const visited: Visited = {
  milliseconds,
  entries,
  events,
  collecting,
  residents: Array.from({ length: 10 }, (_, part) => tenth(part + 1)),
  peak: process.resourceUsage().maxRSS * 1024,
}
process.stdout.write(`${JSON.stringify(visited)}\n`)
