import { describe, expect, it } from 'vitest'

import { type ServeArguments, serveOptionsOf } from '../../../src/cli/serving/serve-options.ts'

const given = (more: Partial<ServeArguments>): ServeArguments => ({
  ...{ store: 'memory:', json: false, streams: undefined, from: undefined, to: undefined, speed: '1' },
  ...{ port: 0, control: false, for: undefined, seed: 1, 'log-sent': undefined },
  ...{ faults: undefined, chaos: undefined, 'log-faults': undefined },
  ...more,
})

describe('the options of serve', () => {
  it('reads speed, range, port and control', () => {
    const options = serveOptionsOf(
      given({ speed: 'max', from: 'seq:7', to: '1700000000000000', control: true }),
    )
    expect(options).toMatchObject({
      ...{ speed: 'max', port: 0, control: true },
      range: { from: { kind: 'seq', seq: 7 }, to: { kind: 'time', time: 1_700_000_000_000_000 } },
    })
    expect(serveOptionsOf(given({ speed: '0.5' })).speed).toBe(0.5)
  })

  it.each([
    [{ speed: 'fast' }, '--speed "fast" is no speed: give max, or a factor such as 1 or 10.'],
    [{ speed: '0' }, '--speed "0" is no speed: give max, or a factor such as 1 or 10.'],
    [{ speed: '' }, '--speed "" is no speed: give max, or a factor such as 1 or 10.'],
    [{ port: 70_000 }, '--port must be a whole number from 0 to 65534.'],
    [{ port: NaN }, '--port must be a whole number from 0 to 65534.'],
    [{ seed: -1 }, '--seed must be a whole number from 0.'],
    [
      { from: 'noon' },
      '--from "noon" is no instant: give ISO-8601 (2026-01-31T12:00:00Z), integer microseconds, or seq:N.',
    ],
    [{ 'log-faults': 'x' }, '--log-faults is for --faults or --chaos.'],
  ] as const)('says what is wrong with %o', (more, message) => {
    expect(() => serveOptionsOf(given(more))).toThrow(message)
  })
})
