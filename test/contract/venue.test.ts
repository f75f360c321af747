import { describe, expect, it } from 'vitest'

import { venueById, venues } from '../../src/venues/registry.ts'
import { venueContract } from './venue.contract.ts'

for (const venue of venues) venueContract(venue)

describe('the registry', () => {
  it('finds each venue by its id and nothing else', () => {
    expect(venues.map(({ id }) => venueById(id))).toEqual(venues)
    expect(new Set(venues.map(({ id }) => id)).size).toBe(venues.length)
    for (const other of ['', 'Coinbase', '__proto__']) expect(venueById(other)).toBeUndefined()
  })
})
