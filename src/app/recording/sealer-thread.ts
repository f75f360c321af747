/** Entry of the sealing thread of a pair's process: replays and packs chunks away from sockets and journal. */
import { parentPort } from 'node:worker_threads'

import { hostSealers } from '../../recorder/sealing/sealer-host.ts'
import { venueById } from '../production.ts'

if (parentPort === null) throw new Error('a sealing thread is started by a pair process')
hostSealers(parentPort, (id) => {
  const venue = venueById(id)
  if (venue === undefined) throw new Error(`there is no venue ${id}`)
  return venue
})
