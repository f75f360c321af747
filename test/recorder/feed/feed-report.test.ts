import { describe, expect, it } from 'vitest'

import { describeReport, type FeedReport } from '../../../src/recorder/feed/feed-report.ts'

const told = (report: FeedReport): string => {
  const line = describeReport('Toy', { endpoints: { ws: 'ws://toy' }, pair: 'A-B' }, report)
  return line === undefined ? '' : `${line.message}${line.next ?? ''}`
}

describe('what a feed tells an operator', () => {
  it('says when it connects again', () => {
    const again = { retryIn: 1500, open: 0 }
    expect(told({ kind: 'unreachable', detail: 'no route', ...again })).toBe(
      'Cannot connect to Toy at ws://toy: no route. Trying again in 1.5 s.',
    )
    expect(told({ kind: 'closed', cause: 'silence', code: 1006, detail: '', ...again })).toBe(
      'Toy fell silent; connecting again in 1.5 s.',
    )
    expect(told({ kind: 'closed', cause: 'remote', code: 1001, detail: 'bye', retryIn: 500, open: 2 })).toBe(
      'Toy closed the connection (1001: bye); connecting again in 0.5 s (open connections of the stream: 2).',
    )
  })

  it('says what to look at when the venue refuses', () => {
    const refused = (status: number): string =>
      told({ kind: 'request-failed', url: 'http://toy/x', status, detail: 'no' })
    expect(refused(401)).toBe(
      'Toy refuses http://toy/x (401): no; check its credentials; it is asked again, slowly.',
    )
    expect(refused(403)).toBe('Toy refuses http://toy/x (403): no; it is asked again, slowly.')
  })
})
