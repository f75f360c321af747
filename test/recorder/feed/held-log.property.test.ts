import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { EntryCursor, type EntryKind } from '../../../src/log/entry.ts'
import { encodeJson, type RunManifest } from '../../../src/log/payloads.ts'
import { microsOf } from '../../../src/market/time.ts'
import { EntryLog } from '../../../src/recorder/feed/entry-log.ts'
import { HeldLog } from '../../../src/recorder/feed/held-log.ts'
import { ManualScheduler } from '../../support/manual-scheduler.ts'

const MANIFEST: RunManifest = {
  software: 's',
  stream: 'toy:A-B',
  venue: 'toy',
  pair: 'A-B',
  symbol: 'A-B',
  feed: 'f',
  mode: 'full',
  assumeEmptyBook: false,
}

interface Told {
  readonly kind: EntryKind
  readonly connection: number
  readonly time: number
  readonly text: string
}

const entry = fc.record({
  kind: fc.constantFrom<EntryKind>('frame', 'opened', 'response'),
  connection: fc.nat({ max: 2 }),
  time: fc.integer({ min: 1000, max: 9000 }),
  text: fc.string({ maxLength: 20 }),
})

const readAll = (batches: readonly Uint8Array[]): readonly (Told & { seq: number })[] => {
  const read: (Told & { seq: number })[] = []
  for (const records of batches) {
    const cursor = new EntryCursor(records)
    while (cursor.next()) {
      const { kind, connection, receiveTime, seq } = cursor
      read.push({ kind, connection, time: receiveTime, seq, text: cursor.text() })
    }
  }
  return read
}

describe('HeldLog', () => {
  it('gives every entry once, in order, behind the end of the log that it goes on with', () => {
    fc.assert(
      fc.property(
        fc.array(entry, { minLength: 1 }),
        fc.array(entry),
        fc.nat({ max: 12_000 }),
        fc.boolean(),
        (before, after, lastReceiveTime, writesManifest) => {
          const scheduler = new ManualScheduler()
          const now = () => microsOf(9500)
          const held = new HeldLog({ now, scheduler, onHeld: () => undefined })
          const batches: Uint8Array[] = []
          const log = new EntryLog({
            ...{ lastSeq: 7, lastReceiveTime: microsOf(lastReceiveTime), now, scheduler },
            onBatch: ({ records }) => batches.push(records.slice()),
          })
          const add = ({ kind, connection, time, text }: Told): void => {
            held.append(kind, connection, Buffer.from(text), false, microsOf(time))
          }
          const byTime = (a: Told, b: Told): number => a.time - b.time
          const early = before.toSorted(byTime)
          const late = after.toSorted(byTime)
          for (const told of early) add(told)
          held.release(log, { manifest: writesManifest ? MANIFEST : undefined, lastConnection: 5 })
          expect(held.heldBytes).toBe(0)
          for (const told of late) add(told)
          held.flush()
          const first = early[0]?.time ?? 0
          const begun = {
            kind: 'run-started',
            connection: 0,
            time: first,
            text: Buffer.from(encodeJson(MANIFEST)).toString(),
          }
          const renumbered = early.map((told) => ({
            ...told,
            connection: told.connection === 0 ? 0 : told.connection + 5,
          }))
          let last = lastReceiveTime
          const expected = [...(writesManifest ? [begun] : []), ...renumbered, ...late].map((told, index) => {
            last = Math.max(last, told.time)
            return { ...told, time: last, seq: 8 + index }
          })
          expect(readAll(batches)).toEqual(expected)
        },
      ),
    )
  })
})
