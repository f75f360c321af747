import { describe, expect, it } from 'vitest'

import { endText } from '../../../src/cli/printing/record-end.ts'
import { emptyStatus, type StreamStatus } from '../../../src/recorder/stream-status.ts'

const told = (changes: Partial<StreamStatus>): string =>
  endText(
    { ...emptyStatus('toy:A-B'), state: 'stopped', entries: 5, lastSeq: 9, ...changes },
    'mongodb://h/books',
  )

describe('the end of a recording', () => {
  it('is told as stored where it is', () => {
    expect(told({ gaps: 1, checksums: { right: 2, wrong: 3 } })).toBe(
      'toy:A-B: 5 entries, the last is 9; gaps 1, checksums 2 right and 3 wrong; stored in mongodb://h/books',
    )
    expect(told({ sealMismatches: 2 })).toContain('; 2 chunks not as the live book said; stored in')
  })

  it('is told to wait where the store was not there', () => {
    expect(told({ spooledChunks: 1 })).toMatch(
      /; a chunk waits in the journal for mongodb:\/\/h\/books, and the next start stores it$/,
    )
    expect(told({ spooledChunks: 2 })).toMatch(/; 2 chunks wait in the journal for .*stores them$/)
  })

  it('is not told as stored where nobody knows', () => {
    for (const state of ['failed', 'live', 'starting'] as const)
      expect(told({ state })).toMatch(
        /^toy:A-B: 5 entries, .*; recording it did not end in order: what is not stored yet waits in the journal/,
      )
    expect(told({ state: 'fenced' })).toMatch(/; another recorder has it: .* archive$/)
  })

  it('does not tell of entries where there are none', () => {
    expect(told({ state: 'failed', entries: 0 })).toBe(
      'toy:A-B: failed, nothing was recorded since its last start',
    )
    expect(told({ state: 'starting', entries: 0 })).toBe('toy:A-B: nothing was recorded')
  })
})
