import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { EntryCursor, RECORD_HEADER_BYTES } from '../../../src/log/entry.ts'
import { microsOf } from '../../../src/market/time.ts'
import { type EntryBatch, EntryLog } from '../../../src/recorder/feed/entry-log.ts'
import { ManualScheduler } from '../../support/manual-scheduler.ts'

const LIMITS = { entries: 7, bytes: 100, milliseconds: 1000 }

const newLog = (lastSeq = 0) => {
  const scheduler = new ManualScheduler()
  const batches: EntryBatch[] = []
  const log = new EntryLog({
    lastSeq,
    lastReceiveTime: microsOf(0),
    now: scheduler.now,
    scheduler,
    limits: LIMITS,
    onBatch: (batch) => batches.push(batch),
  })
  return { log, scheduler, batches }
}

const entriesOf = (batches: readonly EntryBatch[]) =>
  batches.flatMap(({ records }) => {
    const cursor = new EntryCursor(records)
    const entries: { seq: number; receiveTime: number; text: string }[] = []
    while (cursor.next())
      entries.push({ seq: cursor.seq, receiveTime: cursor.receiveTime, text: cursor.text() })
    return entries
  })

const Step = fc.oneof(
  fc.record({
    kind: fc.constant('add' as const),
    size: fc.integer({ min: 0, max: 150 }),
    skew: fc.integer({ min: -5000, max: 5000 }),
  }),
  fc.record({ kind: fc.constant('hand-on' as const), size: fc.integer({ min: 0, max: 150 }) }),
  fc.record({ kind: fc.constant('pass' as const), milliseconds: fc.integer({ min: 0, max: 1500 }) }),
)

describe('EntryLog', () => {
  it('numbers without holes, never lets time go back, loses nothing and keeps chunks within their limits', () => {
    fc.assert(
      fc.property(fc.array(Step, { maxLength: 60 }), fc.integer({ min: 0, max: 5000 }), (steps, lastSeq) => {
        const { log, scheduler, batches } = newLog(lastSeq)
        const texts: string[] = []
        for (const step of steps) {
          if (step.kind === 'pass') {
            scheduler.pass(step.milliseconds)
            continue
          }
          const text = 'x'.repeat(step.size)
          texts.push(text)
          if (step.kind === 'hand-on') {
            const record = Buffer.alloc(RECORD_HEADER_BYTES + text.length, text)
            log.appendRecord('response', 0, record)
            expect(batches.at(-1)?.records).toBe(record)
          } else {
            log.append(
              'frame',
              1,
              Buffer.from(text),
              false,
              microsOf(Math.max(0, scheduler.now() + step.skew)),
            )
          }
        }
        log.flush(true)
        const entries = entriesOf(batches)
        expect(entries.map(({ text }) => text)).toEqual(texts)
        expect(entries.map(({ seq }) => seq)).toEqual(texts.map((_text, index) => lastSeq + index + 1))
        entries.forEach(({ receiveTime }, index) => {
          expect(receiveTime).toBeGreaterThanOrEqual(entries[index - 1]?.receiveTime ?? 0)
        })
        let chunk: string[] = []
        let last = lastSeq
        for (const batch of batches) {
          expect(batch.firstSeq).toBe(last + 1)
          last = batch.lastSeq
          chunk = [...chunk, ...entriesOf([batch]).map(({ text }) => text)]
          if (!batch.endsChunk) continue
          const bytes = chunk.join('').length
          expect(chunk.length).toBeGreaterThan(0)
          expect(chunk.length).toBeLessThanOrEqual(LIMITS.entries)
          expect(chunk.length === 1 || bytes <= LIMITS.bytes).toBe(true)
          chunk = []
        }
        expect(chunk).toEqual([])
      }),
    )
  })

  it('hands on a lone entry after 20 ms and ends a quiet chunk in time', () => {
    const { log, scheduler, batches } = newLog()
    log.append('frame', 1, Buffer.from('a'))
    expect(batches).toEqual([])
    scheduler.pass(20)
    expect(batches.map(({ lastSeq, endsChunk }) => ({ lastSeq, endsChunk }))).toEqual([
      { lastSeq: 1, endsChunk: false },
    ])
    scheduler.pass(980)
    expect(batches.at(-1)).toMatchObject({ firstSeq: 2, lastSeq: 1, endsChunk: true })
    scheduler.pass(5000)
    expect(batches.length).toBe(2)
  })
})
