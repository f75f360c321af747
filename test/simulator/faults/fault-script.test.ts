import { isLeft, isRight } from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'

import { parseFaultScript } from '../../../simulator/faults/fault-script.ts'

const problemOf = (text: string): string => {
  const parsed = parseFaultScript(text)
  if (isLeft(parsed)) return parsed.left
  throw new Error('it was taken')
}

const COMPLETE = [
  { fault: 'lose', frame: 7 },
  { fault: 'duplicate', every: 100, times: 3 },
  { fault: 'swap', at: 1.5 },
  { fault: 'delay', frame: 1, seconds: 0.2 },
  { fault: 'truncate', frame: 1, keep: 0 },
  { fault: 'checksum', frame: 2, venue: 'bitfinex' },
  { fault: 'extra-field', every: 10 },
  { fault: 'sequence-restart', frame: 9 },
  { fault: 'unknown-type', frame: 9 },
  { fault: 'oversized', frame: 9, bytes: 1_000_000 },
  { fault: 'malformed', frame: 9, text: '{' },
  { fault: 'binary', frame: 9, bytes: 8 },
  { fault: 'silence', frame: 9, seconds: 6 },
  { fault: 'reset', frame: 9, connection: 1 },
  { fault: 'half-open', frame: 9, seconds: 60 },
  { fault: 'close', frame: 9, code: 1012, reason: 'restart' },
  { fault: 'slow-read', frame: 9, seconds: 1 },
  { fault: 'slow-write', frame: 9, seconds: 1, bytesPerSecond: 1000 },
  { fault: 'down', at: 10, seconds: 5 },
  { fault: 'clock-step', at: 10, seconds: -3600 },
  { fault: 'http-error', request: 1, status: 429, path: '/book' },
  { fault: 'http-timeout', request: 1, seconds: 5 },
  { fault: 'http-delay', request: 1, seconds: 5 },
  { fault: 'http-truncate', request: 1 },
  { fault: 'stale-body', every: 2 },
  { fault: 'newer-body', request: 1, seconds: 0.5 },
]

describe('a fault script', () => {
  it('may be lines or an array, with every fault', () => {
    const lines = parseFaultScript(`\n${COMPLETE.map((each) => JSON.stringify(each)).join('\n\n')}\n`)
    const array = parseFaultScript(JSON.stringify(COMPLETE, undefined, 2))
    expect(isRight(lines)).toBe(true)
    expect(array).toEqual(lines)
    expect(isRight(lines) ? lines.right.map(({ fault }) => fault.kind) : []).toEqual(
      COMPLETE.map(({ fault }) => fault),
    )
  })

  it('says where and when in its rules', () => {
    const text = '{"fault":"lose","venue":"coinbase","connection":2,"channel":"full","every":5,"times":2}'
    expect(parseFaultScript(text)).toMatchObject({
      right: [
        {
          fault: { kind: 'lose' },
          when: { kind: 'count', first: 5, step: 5, times: 2 },
          ...{ venue: 'coinbase', connection: 2, channel: 'full', path: undefined },
        },
      ],
    })
  })

  it.each([
    ['', 'names no fault'],
    ['[]', 'names no fault'],
    ['[1', 'is not a JSON array'],
    ['{"fault":"lose","frame":1}\nnonsense', 'line 2 is not JSON'],
    ['\n7', 'line 2 is not a JSON object'],
    ['{"frame":1}', 'line 1 has no "fault"'],
    ['{"fault":"loose","frame":1}', 'line 1 names no fault: "loose"'],
    ['{"fault":"toString","frame":1}', 'line 1 names no fault: "toString"'],
    [
      '[{"fault":"lose","frame":1},{"fault":"lose","frame":0}]',
      'entry 2 has "frame": 0, which is not a whole number from 1',
    ],
    ['{"fault":"lose"}', 'line 1 must say when: one of "frame", "every" and "at"'],
    ['{"fault":"lose","frame":1,"at":2}', 'line 1 must say when: one of "frame", "every" and "at"'],
    ['{"fault":"lose","frame":1,"times":2}', 'line 1 has "times" without "every"'],
    ['{"fault":"lose","frame":1,"seconds":2}', 'line 1 has a field "seconds" that "lose" does not know'],
    ['{"fault":"delay","frame":1}', 'line 1 has no "seconds", which "delay" needs'],
    ['{"fault":"lose","request":1}', 'line 1 has "request", but "lose" happens to a frame'],
    ['{"fault":"lose","frame":1,"path":"x"}', 'line 1 has "path", but "lose" happens to a frame'],
    [
      '{"fault":"http-error","status":500,"frame":1}',
      'line 1 has "frame", but "http-error" happens to a request',
    ],
    [
      '{"fault":"lose","venue":"kraken","frame":1}',
      'line 1 has "venue": "kraken", which is not coinbase or bitfinex',
    ],
    [
      '{"fault":"close","code":99,"frame":1}',
      'line 1 has "code": 99, which is not a close code: 1000 to 1003, 1006 to 1014, 3000 to 4999',
    ],
    [
      '{"fault":"close","code":1005,"frame":1}',
      'line 1 has "code": 1005, which is not a close code: 1000 to 1003, 1006 to 1014, 3000 to 4999',
    ],
    [
      `{"fault":"close","code":1000,"frame":1,"reason":"${'€'.repeat(42)}"}`,
      `line 1 has "reason": "${'€'.repeat(42)}", which is not a text of at most 123 bytes`,
    ],
    [
      '{"fault":"oversized","bytes":600000000,"frame":1}',
      'line 1 has "bytes": 600000000, which is not a whole number from 1 to 100 MB',
    ],
    [
      '{"fault":"lose","frame":1,"channel":"ful"}',
      'line 1 has "channel": "ful", which is not a channel: full, level3, level2, matches, ticker, heartbeat, status, control, book, trades',
    ],
    [
      '{"fault":"lose","frame":1,"channel":"book","venue":"coinbase"}',
      'line 1 has "channel": "book", which coinbase does not have',
    ],
    [
      '{"fault":"checksum","frame":1,"venue":"coinbase"}',
      'line 1 has "venue": "coinbase", but only bitfinex sends checksums',
    ],
  ])('with a mistake is told with line and reason: %s', (text, problem) => {
    expect(problemOf(text)).toBe(problem)
  })
})
