import { afterEach, describe, expect, it } from 'vitest'

import { type Simulation, startSimulation } from '../../../simulator/simulate.ts'
import { until } from '../../simulator/playback/playback-client.ts'
import { type LiveFeed, startLiveFeed } from '../../support/live-feed.ts'

let simulation: Simulation | undefined
let live: LiveFeed | undefined
afterEach(async () => {
  await live?.stop()
  await simulation?.stop()
})

describe('connections that are renewed under load', () => {
  it.each([
    ['coinbase', 'BTC-USD', 'full'],
    ['coinbase', 'BTC-USD', 'level2_batch'],
    ['bitfinex', 'tBTCUSD', 'R0'],
  ] as const)(
    'lose nothing of %s %s %s: the book is valid all the while, and right at the end',
    async (venue, symbol, choice) => {
      simulation = await startSimulation({
        seed: 8,
        venues: [venue],
        pairs: ['BTC-USD'],
        rate: 400,
        orders: 300,
      })
      const before = simulation.books()[0]
      live = startLiveFeed({ simulation, venue, symbol, choice, renewAfter: 40_000 })
      const { keeper, reports, invalid } = live
      const renewals = () => reports.filter(({ kind }) => kind === 'renewed').length
      await until('renewals', () => renewals() >= 2 && keeper.summary().valid)
      simulation.stopFlow()
      await simulation.flowEnded
      const { digest } = simulation.books()[0] ?? {}
      expect(digest).not.toBe(before?.digest)
      if (choice !== 'level2_batch')
        await until('the last of the flow', () => keeper.digest().digest === digest)
      expect(invalid).toEqual([])
      expect(keeper.summary()).toMatchObject({ gaps: 0, disconnects: 0, valid: true })
    },
  )
})

describe('what Bitfinex announces, under load', () => {
  it.each([
    [
      'that it stops in a while (20051): a new connection takes over before, and the book stays valid',
      { path: 'leave?seconds=30', kind: 'renewed', invalid: [], disconnects: 0 },
    ],
    [
      'that it stops, and it does at once: an interruption with that cause',
      { path: 'leave?seconds=0', kind: 'closed', invalid: ['maintenance'], disconnects: 1 },
    ],
    [
      'maintenance and its end (20060, 20061): an interruption on the same connection',
      { path: 'maintenance?seconds=0.5', kind: undefined, invalid: ['maintenance'], disconnects: 1 },
    ],
  ] as const)('%s', async (_name, expected) => {
    simulation = await startSimulation({
      ...{ seed: 9, venues: ['bitfinex'], pairs: ['BTC-USD'], rate: 400, orders: 300 },
      control: true,
    })
    live = startLiveFeed({ simulation, venue: 'bitfinex', symbol: 'tBTCUSD', choice: 'R0', renewAfter: 0 })
    const { keeper, reports, invalid } = live
    const verified = () => keeper.summary().valid && keeper.summary().verified
    await until('a book that is proven', verified)
    const { rest = '' } = simulation.endpoints['bitfinex'] ?? {}
    expect((await fetch(`${rest}/simulator/${expected.path}`, { method: 'POST' })).status).toBe(200)
    await until(
      'what the announcement leads to',
      () =>
        (expected.kind === undefined || reports.some(({ kind }) => kind === expected.kind)) &&
        invalid.length === expected.invalid.length,
    )
    await until('a book that is proven again', verified)
    simulation.stopFlow()
    await simulation.flowEnded
    const { digest } = simulation.books()[0] ?? {}
    await until('the last of the flow', () => keeper.digest().digest === digest)
    expect(invalid).toEqual(expected.invalid)
    const kinds = reports.map(({ kind }) => kind).filter((kind) => ['renewed', 'closed'].includes(kind))
    expect(kinds).toEqual(expected.kind === undefined ? [] : [expected.kind])
    expect(keeper.summary()).toMatchObject({ gaps: 0, disconnects: expected.disconnects, valid: true })
  })
})
