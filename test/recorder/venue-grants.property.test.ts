import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { VenueGrants } from '../../src/recorder/venue-grants.ts'
import { ManualScheduler } from '../support/manual-scheduler.ts'

const newGrants = () => {
  const scheduler = new ManualScheduler()
  return { scheduler, grants: new VenueGrants(scheduler, () => scheduler.now() / 1000) }
}

describe('VenueGrants', () => {
  it('never grants more in any span than the venue allows, in the order of the questions, and all of them in time', () => {
    const asks = fc.array(fc.tuple(fc.nat(3000), fc.constantFrom('a', 'b')), { minLength: 1, maxLength: 60 })
    fc.assert(
      fc.property(
        asks,
        fc.integer({ min: 1, max: 8 }),
        fc.integer({ min: 1, max: 5000 }),
        (script, most, span) => {
          const { scheduler, grants } = newGrants()
          const granted: { readonly address: string; readonly ask: number; readonly at: number }[] = []
          for (const [ask, [pause, address]] of script.entries()) {
            scheduler.pass(pause)
            grants.ask(address, { most, milliseconds: span }, () => {
              granted.push({ address, ask, at: scheduler.now() / 1000 })
            })
          }
          scheduler.pass(script.length * (span + 1))
          expect(granted.length).toBe(script.length)
          for (const address of ['a', 'b']) {
            const own = granted.filter((each) => each.address === address)
            expect(own.map(({ ask }) => ask)).toEqual(
              own.map(({ ask }) => ask).sort((one, other) => one - other),
            )
            for (const [index, { at }] of own.entries()) {
              const next = own[index + most]
              if (next !== undefined) expect(next.at - at).toBeGreaterThanOrEqual(span)
            }
          }
          expect(scheduler.waiting).toBe(0)
        },
      ),
    )
  })

  it('keeps no timer once it was stopped', () => {
    const { scheduler, grants } = newGrants()
    let granted = 0
    for (let ask = 0; ask < 5; ask++) grants.ask('a', { most: 2, milliseconds: 60_000 }, () => granted++)
    expect([granted, scheduler.waiting]).toEqual([2, 1])
    grants.stop()
    scheduler.pass(600_000)
    expect([granted, scheduler.waiting]).toEqual([2, 0])
  })
})
