import { describe, expect, it } from 'vitest'

import { Engine } from '../../../simulator/engine/engine.ts'
import type { EngineEvent } from '../../../simulator/engine/engine-event.ts'
import { FLOW_PRESETS, type FlowPresetName } from '../../../simulator/engine/flow-preset.ts'
import { OrderFlow } from '../../../simulator/engine/order-flow.ts'
import { Auditor } from './auditor.ts'

const newFlow = (
  seed: number,
  orders: number,
  preset: FlowPresetName = 'busy',
): { engine: Engine; flow: OrderFlow } => {
  const engine = new Engine({ priceScale: 2, sizeScale: 8, firstNumber: 1000 })
  const flow = new OrderFlow({
    engine,
    seed,
    startTime: 1e15,
    price: 6_000_000,
    size: 1e7,
    orders,
    meanGap: 1000,
    preset,
  })
  return { engine, flow }
}

const transcript = (seed: number): string => {
  const { engine, flow } = newFlow(seed, 200)
  const events: EngineEvent[] = []
  engine.subscribe((event) => events.push(event))
  flow.fill()
  for (let action = 0; action < 3000; action++) flow.step()
  return JSON.stringify(events)
}

describe('the generated order flow', () => {
  it.each(['calm', 'busy', 'burst'] as const)('amends no order where that is not wanted (%s)', (preset) => {
    const engine = new Engine({ priceScale: 2, sizeScale: 8, firstNumber: 1 })
    const market = { engine, price: 6_000_000, size: 1e7, orders: 200, startTime: 1e15, meanGap: 1000 }
    const flow = new OrderFlow({ ...market, seed: 3, preset, amends: false })
    const reasons = new Set<string>()
    engine.subscribe((event) => reasons.add(event.kind === 'change' ? event.reason : event.kind))
    flow.fill()
    for (let action = 0; action < 5000; action++) flow.step()
    expect(reasons.has('match')).toBe(true)
    expect(reasons.has('modify')).toBe(false)
  })

  it('is the same for the same seed, another for another', () => {
    expect(transcript(5)).toBe(transcript(5))
    expect(transcript(5)).not.toBe(transcript(6))
  })

  it.each([1, 2, 3])(
    'keeps to every rule of the engine, has every kind of message, never empties a side (seed %i)',
    (seed) => {
      const { engine, flow } = newFlow(seed, 300)
      const auditor = new Auditor(engine, false)
      flow.fill()
      const first = engine.lastNumber
      const ACTIONS = 40_000
      let fewest = Infinity
      let most = 0
      for (let action = 0; action < ACTIONS; action++) {
        flow.step()
        if (action % 5000 === 0) auditor.compareBooks(undefined)
        const counts = [engine.orderCount('buy'), engine.orderCount('sell')] as const
        fewest = Math.min(fewest, ...counts)
        most = Math.max(most, counts[0] + counts[1])
      }
      auditor.compareBooks(undefined)
      expect(auditor.balance).toBe(auditor.restingSize)
      expect(fewest).toBeGreaterThan(10)
      expect(most).toBeLessThan(450)
      const events = engine.lastNumber - first
      const { eventsPerAction } = FLOW_PRESETS.busy
      expect(events / ACTIONS).toBeGreaterThan(eventsPerAction * 0.9)
      expect(events / ACTIONS).toBeLessThan(eventsPerAction * 1.1)
      expect([...auditor.kinds.keys()].sort()).toEqual([
        'change modify open',
        'change stp funds never open',
        'change stp never open',
        'change stp open',
        'done canceled market',
        'done canceled never open',
        'done canceled open',
        'done filled market',
        'done filled never open',
        'done filled open',
        'match',
        'open',
        'received limit',
        'received market funds',
        'received market size',
        'received market size funds',
      ])
      const amended = auditor.kinds.get('change modify open') ?? 0
      expect(amended / events).toBeGreaterThan(0.1)
      expect(amended / events).toBeLessThan(0.25)
    },
  )
})
