import { describe, expect, it } from 'vitest'

import { Activity } from '../../../simulator/engine/activity.ts'
import { FLOW_PRESETS, type FlowPresetName } from '../../../simulator/engine/flow-preset.ts'
import { Rng } from '../../../simulator/engine/random.ts'

const ACTIONS = 200_000
const MEAN_GAP = 1000

const times = (preset: FlowPresetName): number[] => {
  const activity = new Activity(new Rng(3), MEAN_GAP, FLOW_PRESETS[preset])
  let time = 0
  return Array.from({ length: ACTIONS }, () => (time += activity.nextGap()))
}

/** Variance over mean of the counts per window: 1 where nothing clusters. */
const dispersion = (moments: readonly number[], window: number): number => {
  const counts = new Array<number>(Math.floor((moments.at(-1) ?? 0) / window)).fill(0)
  for (const time of moments) {
    const index = Math.floor(time / window)
    if (index < counts.length) counts[index] = (counts[index] ?? 0) + 1
  }
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length
  return counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / counts.length / mean
}

describe('the moments of actions', () => {
  it.each(['calm', 'busy', 'burst'] as const)('come at the mean gap that was asked for (%s)', (preset) => {
    const mean = (times(preset).at(-1) ?? NaN) / ACTIONS
    expect(mean).toBeGreaterThan(MEAN_GAP * 0.85)
    expect(mean).toBeLessThan(MEAN_GAP * 1.15)
  })

  it('cluster on every scale, more from preset to preset, more over longer windows', () => {
    const [calm, busy, burst] = (['calm', 'busy', 'burst'] as const).map((preset) => {
      const moments = times(preset)
      return [10, 100, 1000].map((gaps) => dispersion(moments, gaps * MEAN_GAP))
    })
    for (const rows of [calm, busy, burst]) {
      expect(rows?.[0]).toBeGreaterThan(1.1)
      expect(rows?.[1]).toBeGreaterThan(rows?.[0] ?? NaN)
      expect(rows?.[2]).toBeGreaterThan(rows?.[1] ?? NaN)
    }
    for (const scale of [0, 1, 2]) {
      expect(busy?.[scale]).toBeGreaterThan(calm?.[scale] ?? NaN)
      expect(burst?.[scale]).toBeGreaterThan(busy?.[scale] ?? NaN)
    }
  })
})
