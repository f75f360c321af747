/** What a visit of a whole stream takes of garbage collection and memory, in a process of its own: nothing else is in it. */
import { once } from 'node:events'

import { firstLine, start } from './processes.ts'
import { perSecond, type Row } from './row.ts'
import type { Visited } from './visit-once.ts'

export const visitRows = async (folder: string, stream: string): Promise<readonly Row[]> => {
  const child = start('visit-once.js', [folder, stream])
  const line = firstLine(child)
  await once(child, 'exit')
  const { milliseconds, entries, events, collecting, residents, peak } = JSON.parse(await line) as Visited
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(0)
  return [
    {
      name: 'garbage collection',
      value: `${((100 * collecting) / milliseconds).toFixed(1)} %`,
      note: `of the time of a visit: ${String(events)} events of ${String(entries)} entries, ${perSecond(events, milliseconds)}; target 2`,
    },
    {
      name: 'resident memory',
      value: `${megabytes(Math.max(...residents))} MB`,
      note: `${residents.map(megabytes).join(', ')} at each tenth of the way; target 350 and flat; ${megabytes(peak)} with pages of the store's file`,
    },
  ]
}
