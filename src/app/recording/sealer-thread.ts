/** Entry of the sealing thread of a pair's process: replays and packs chunks away from sockets and journal. */
import { parentPort, workerData } from 'node:worker_threads'

import type { VenueId } from '../../market/instrument.ts'
import { hostSealers } from '../../recorder/sealing/sealer-host.ts'
import { venueById } from '../../venues/registry.ts'
import type { Venue } from '../../venues/venue.ts'
import { lowerPriority } from './lower-priority.ts'
import { SHARED } from './shared-sealer.ts'

if (parentPort === null) throw new Error('a sealing thread is started by a pair process')
const venueOf = (id: VenueId): Venue => {
  const venue = venueById(id)
  if (venue === undefined) throw new Error(`there is no venue ${id}`)
  return venue
}
lowerPriority()
hostSealers(parentPort, venueOf, workerData === SHARED)
