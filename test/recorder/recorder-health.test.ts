import { describe, expect, it } from 'vitest'

import { healthOf } from '../../src/recorder/recorder-health.ts'
import { emptyStatus, type StreamState, type StreamStatus } from '../../src/recorder/stream-status.ts'

const troublesOf = (changes: Partial<StreamStatus>): readonly string[] =>
  healthOf([{ ...emptyStatus('toy:A-B'), ...changes }], undefined).troubles

describe('healthOf', () => {
  it.each<StreamState>(['starting', 'connecting', 'live', 'waiting'])('minds a silent venue, %s', (state) => {
    expect(troublesOf({ state, silence: 60_000 })).toEqual([])
    expect(troublesOf({ state, silence: 61_000 })).toEqual([
      `toy:A-B has received nothing for 61 s (${state}).`,
    ])
  })

  it.each<StreamState>(['failed', 'refused', 'stopped', 'fenced'])('minds a stream that is %s', (state) => {
    expect(troublesOf({ state })).toEqual([expect.stringMatching(new RegExp(`^toy:A-B is ${state}`))])
  })

  it('lets a recorder stand by', () => {
    expect(troublesOf({ state: 'standby', silence: 1e9 })).toEqual([])
  })

  it('tells why recording is paused, and nothing else', () => {
    const streams = [{ ...emptyStatus('toy:A-B'), state: 'stopped' as const }]
    expect(healthOf(streams, 'Full.')).toEqual({ healthy: false, troubles: ['Full.'] })
    expect(healthOf([], undefined)).toEqual({ healthy: true, troubles: [] })
  })
})
