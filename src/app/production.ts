/** The composition root: the real venues and the real store backends, named here and in their registries alone. */
import { splitStreamId } from '../market/instrument.ts'
import { venueById } from '../venues/registry.ts'
import type { Venue } from '../venues/venue.ts'

export {
  type OpenMode,
  openStore,
  remoteStoreName,
  shownStore,
  storeUrlProblem,
} from '../storage/open-store.ts'
export { venueById, venues } from '../venues/registry.ts'

/** The venue that a stream names; undefined: there is no such one. */
export const venueOfStream = (stream: string): Venue | undefined =>
  venueById(splitStreamId(stream)?.venue ?? '')
