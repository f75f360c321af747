/** Run as a process: replays one archived stream and prints what that took of time, garbage collection and memory. */
import { PerformanceObserver } from 'node:perf_hooks'

import { venueById } from '../../src/app/production.ts'
import { OpenThreads } from '../../src/app/replaying/open-threads.ts'
import { splitStreamId, type StreamId } from '../../src/market/instrument.ts'
import { play } from './archive-play.ts'
import { openArchive } from './archive-store.ts'

const [, , folder = '', name = ''] = process.argv
const stream = name as StreamId
const venue = venueById(splitStreamId(stream)?.venue ?? '')
if (venue === undefined) throw new Error(`no venue of ${name}`)

let collecting = 0
const observer = new PerformanceObserver((list) => {
  for (const { duration } of list.getEntries()) collecting += duration
})
observer.observe({ entryTypes: ['gc'] })
const store = await openArchive(folder)
const threads = new OpenThreads()
const residents: number[] = []
const { milliseconds, events } = await play(store, [{ stream, venue }], threads, () => {
  residents.push(process.memoryUsage.rss())
})
await new Promise((resolve) => setImmediate(resolve))
observer.disconnect()
await threads.close()
await store.close()
process.stdout.write(
  `${JSON.stringify({
    milliseconds,
    events,
    collecting,
    residents: [0.25, 0.5, 1].map((part) => residents[Math.ceil(residents.length * part) - 1] ?? 0),
    peak: process.resourceUsage().maxRSS * 1024,
  })}\n`,
)
