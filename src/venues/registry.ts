/** The venues this version knows, one line each. Owns the list and nothing of what they say. */
import type { VenueId } from '../market/instrument.ts'
import { bitfinexVenue } from './bitfinex/venue.ts'
import { coinbaseVenue } from './coinbase/venue.ts'
import type { Venue } from './venue.ts'

/** Every venue, in the order in which `record` takes them by default. */
export const venues: readonly Venue[] = [coinbaseVenue, bitfinexVenue]

/** The venue of this short name, or undefined. */
export const venueById = (id: VenueId): Venue | undefined => venues.find((venue) => venue.id === id)
