import fc from 'fast-check'
import { isLeft } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { CHAOS_LEVELS, type ChaosLevel } from '../../../simulator/faults/chaos.ts'
import type { FrameFault } from '../../../simulator/faults/fault.ts'
import { FaultPlan } from '../../../simulator/faults/fault-plan.ts'
import { parseFaultScript } from '../../../simulator/faults/fault-script.ts'

const always = (): boolean => true

const chaosOf = (level: ChaosLevel, seed: number): FaultPlan =>
  new FaultPlan({ rules: [], chaos: level, seed })

const scripted = (...rules: readonly object[]): FaultPlan => {
  const parsed = parseFaultScript(JSON.stringify(rules))
  if (isLeft(parsed)) throw new Error(parsed.left)
  return new FaultPlan({ rules: parsed.right, chaos: undefined, seed: 1 })
}

/** What befalls frames that come every ten milliseconds, and a request with every hundredth. */
const history = (plan: FaultPlan, frames: number, venue = 'coinbase'): readonly string[] => {
  const told: string[] = []
  for (let frame = 1; frame <= frames; frame++) {
    const seconds = frame / 100
    for (const fault of plan.onFrame({ venue, connection: 1, channel: 'full', seconds }, always))
      told.push(`${String(frame)} ${JSON.stringify(fault)}`)
    if (frame % 100 !== 0) continue
    const fault = plan.onRequest({ venue, path: '/products/BTC-USD/book?level=3', seconds })
    if (fault !== undefined) told.push(`${String(frame)} ${JSON.stringify(fault)}`)
  }
  return told
}

describe('chaos', () => {
  it('is the same for the same seed, another for another and for each venue', () => {
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(...CHAOS_LEVELS), (seed, level) => {
        const told = history(chaosOf(level, seed), 30_000)
        expect(told.length).toBeGreaterThan(0)
        expect(history(chaosOf(level, seed), 30_000)).toEqual(told)
        expect(history(chaosOf(level, seed + 1), 30_000)).not.toEqual(told)
        expect(history(chaosOf(level, seed), 30_000, 'bitfinex')).not.toEqual(told)
      }),
      { numRuns: 20 },
    )
  })

  it('does not care how another venue’s frames come between', () => {
    const alone = history(chaosOf('high', 5), 20_000)
    const plan = chaosOf('high', 5)
    history(plan, 777, 'bitfinex')
    expect(history(plan, 20_000)).toEqual(alone)
  })

  it.each([
    ['low', 20],
    ['medium', 8],
    ['high', 3],
  ] as const)('of level %s comes about every %i seconds', (level, seconds) => {
    const hour = 360_000
    const plan = chaosOf(level, 9)
    let faults = 0
    for (let frame = 1; frame <= hour; frame++)
      faults += plan.onFrame(
        { venue: 'coinbase', connection: 1, channel: 'full', seconds: frame / 100 },
        always,
      ).length
    expect(3600 / faults).toBeGreaterThan(seconds * 0.85)
    expect(3600 / faults).toBeLessThan(seconds * 1.15)
  })

  it('goes on when a fault never fits, and ends when it is stopped', () => {
    const plan = chaosOf('medium', 3)
    const fits = ({ kind }: FrameFault): boolean => kind === 'lose'
    let faults = 0
    for (let seconds = 1; seconds < 3600; seconds++)
      faults += plan.onFrame({ venue: 'x', connection: 1, channel: '', seconds }, fits).length
    expect(faults).toBeGreaterThan(10)
    plan.stop()
    expect(history(plan, 100_000)).toEqual([])
  })
})

describe('a scripted plan', () => {
  const at = (
    plan: FaultPlan,
    place: { venue?: string; connection?: number; channel?: string; seconds?: number },
  ) => plan.onFrame({ venue: 'coinbase', connection: 1, channel: 'full', seconds: 0, ...place }, always)

  it('strikes the frames that its rules count, and no other', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 9 }), (every, times) => {
        const plan = scripted({ fault: 'lose', every, times }, { fault: 'duplicate', frame: every })
        const struck: number[] = []
        for (let frame = 1; frame <= 600; frame++) {
          const kinds = at(plan, {}).map(({ kind }) => kind)
          if (kinds.includes('lose')) struck.push(frame)
          expect(kinds.includes('duplicate')).toBe(frame === every)
        }
        expect(struck).toEqual(
          Array.from({ length: times }, (_, index) => every * (index + 1)).filter((frame) => frame <= 600),
        )
      }),
    )
  })

  it('counts only what is of its venue, connection and channel and what its fault fits', () => {
    const plan = scripted({ fault: 'lose', venue: 'coinbase', connection: 2, channel: 'full', frame: 2 })
    const struck = [
      at(plan, { connection: 2 }),
      at(plan, { connection: 1 }),
      at(plan, { connection: 2, channel: 'heartbeat' }),
      at(plan, { connection: 2, venue: 'bitfinex' }),
      plan.onFrame({ venue: 'coinbase', connection: 2, channel: 'full', seconds: 0 }, () => false),
      at(plan, { connection: 2 }),
      at(plan, { connection: 2 }),
    ].map(({ length }) => length)
    expect(struck).toEqual([0, 0, 0, 0, 0, 1, 0])
  })

  it('strikes once from a moment on, and requests by their path', () => {
    const plan = scripted(
      { fault: 'reset', at: 2 },
      { fault: 'http-error', status: 500, path: '/book', request: 2 },
    )
    expect([1, 1.9, 2.5, 3].map((seconds) => at(plan, { seconds }).length)).toEqual([0, 0, 1, 0])
    const ask = (path: string) => plan.onRequest({ venue: 'coinbase', path, seconds: 0 })
    expect([ask('/book'), ask('/time'), ask('/book'), ask('/book')]).toEqual([
      undefined,
      undefined,
      { kind: 'http-error', status: 500, body: undefined },
      undefined,
    ])
  })
})
