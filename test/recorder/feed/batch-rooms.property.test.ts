import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { EntryCursor, EntryWriter } from '../../../src/log/entry.ts'
import { microsOf } from '../../../src/market/time.ts'
import { BatchRooms } from '../../../src/recorder/feed/batch-rooms.ts'
import { type CarriedBatch, SeenRooms } from '../../../src/recorder/feed/carried-batch.ts'
import { EntryLog } from '../../../src/recorder/feed/entry-log.ts'
import { ManualScheduler } from '../../support/manual-scheduler.ts'

const KIB = 1024

/** One that batches are carried to: takes them in order, as late as it likes. */
class Reader {
  readonly texts: string[] = []
  /** The rooms that it was sent something in, since they were last asked for. */
  readonly sentIn = new Set<number>()
  private readonly rooms: BatchRooms
  private readonly seen = new SeenRooms()
  private readonly waiting: { readonly batch: CarriedBatch; readonly copy: Uint8Array }[] = []

  constructor(rooms: BatchRooms) {
    this.rooms = rooms
  }

  send(batch: CarriedBatch, copy: Uint8Array): void {
    if (batch.part !== undefined) this.sentIn.add(batch.part.room)
    this.waiting.push({ batch, copy })
  }

  take(count: number): void {
    for (const { batch, copy } of this.waiting.splice(0, count)) {
      const { records } = this.seen.open(batch)
      expect(Buffer.compare(records, copy)).toBe(0)
      const cursor = new EntryCursor(records)
      while (cursor.next()) this.texts.push(cursor.text())
      if (batch.part !== undefined) this.rooms.giveBack(batch.part.room)
    }
  }
}

const packing = (limits: { readonly entries: number; readonly bytes: number }) => {
  const rooms = new BatchRooms()
  const readers = [new Reader(rooms), new Reader(rooms)]
  const scheduler = new ManualScheduler()
  const log = new EntryLog({
    lastSeq: 0,
    lastReceiveTime: microsOf(0),
    now: scheduler.now,
    scheduler,
    limits: { ...limits, milliseconds: 1000 },
    giveRoom: rooms.give,
    onBatch: (packed) => {
      const copy = packed.records.slice()
      const batch = rooms.carry(packed, readers.length)
      for (const reader of readers) reader.send(batch, copy)
    },
  })
  return { rooms, readers, scheduler, log }
}

const Step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('add' as const), size: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 0, max: 4000 }) }, fc.integer({ min: 0, max: 400_000 })) }) }, // prettier-ignore
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), milliseconds: fc.integer({ min: 0, max: 1500 }) }) }, // prettier-ignore
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('take' as const), reader: fc.nat(1), count: fc.integer({ min: 1, max: 9 }) }) }, // prettier-ignore
)

describe('rooms of batches', () => {
  it('hold what was packed until everybody gave it back, and few when nobody lags', () => {
    fc.assert(
      fc.property(fc.array(Step, { maxLength: 80 }), (steps) => {
        const { rooms, readers, scheduler, log } = packing({ entries: 30, bytes: 300_000 })
        const texts: string[] = []
        for (const step of steps) {
          if (step.kind === 'pass') scheduler.pass(step.milliseconds)
          else if (step.kind === 'take') readers[step.reader]?.take(step.count)
          else {
            const text = String(texts.length).padStart(step.size, 'x')
            texts.push(text)
            log.append('frame', 1, Buffer.from(text))
          }
        }
        log.flush(true)
        for (const reader of readers) {
          reader.take(Infinity)
          expect(reader.texts).toEqual(texts)
        }
        // Two for the next chunks at most, none larger than the largest entry or a chunk and its headroom.
        expect(rooms.bytes).toBeLessThanOrEqual(2 * 512 * KIB)
      }),
      { numRuns: 60 },
    )
  })

  it('are one for a chunk that is as large as the one before, and are used again', () => {
    const { readers, log } = packing({ entries: 1000, bytes: 16 * KIB * KIB })
    const frame = Buffer.alloc(2000)
    const used: number[][] = []
    const [reader] = readers
    for (let chunk = 0; chunk < 8; chunk++) {
      for (let entry = 0; entry < 1000; entry++) log.append('frame', 1, frame)
      used.push([...(reader?.sentIn ?? [])])
      reader?.sentIn.clear()
      // The last chunk's room is still in use while the next one is packed.
      for (const each of readers) each.take(chunk === 0 ? 0 : 9)
    }
    expect(used.slice(1).map((rooms) => rooms.length)).toEqual([1, 1, 1, 1, 1, 1, 1])
    expect(new Set(used.slice(1).flat()).size).toBeLessThan(5)
  })

  it('are not packed into where others made them, and go when they were given back', () => {
    const { rooms, readers, log } = packing({ entries: 1000, bytes: 16 * KIB * KIB })
    log.append('frame', 1, Buffer.from('packed here'))
    log.flush()
    const bytes = rooms.bytes
    const script = new EntryWriter()
    script.append('response', 2, microsOf(2_000_000), 0, Buffer.from('packed elsewhere'))
    const packed = script.take() ?? new Uint8Array()
    const records = new Uint8Array(new SharedArrayBuffer(packed.length))
    records.set(packed)
    const batch = rooms.carry({ records, firstSeq: 2, lastSeq: 2, endsChunk: false }, readers.length)
    for (const reader of readers) reader.send(batch, packed)
    expect(rooms.bytes).toBe(bytes + packed.length)
    for (const reader of readers) {
      reader.take(Infinity)
      expect(reader.texts).toEqual(['packed here', 'packed elsewhere'])
    }
    expect(rooms.bytes).toBe(bytes)
    expect(() => rooms.carry({ records: packed, firstSeq: 3, lastSeq: 3, endsChunk: false }, 2)).toThrow(
      'no room',
    )
  })

  it('shrink when chunks do', () => {
    const { rooms, readers, log } = packing({ entries: 1000, bytes: 16 * KIB * KIB })
    const record = (entries: number, bytes: number): void => {
      const frame = Buffer.alloc(bytes)
      for (let entry = 0; entry < entries; entry++) log.append('frame', 1, frame)
      log.flush(true)
      for (const reader of readers) reader.take(Infinity)
    }
    for (let chunk = 0; chunk < 3; chunk++) record(900, 5000)
    expect(rooms.bytes).toBeGreaterThan(4.5e6)
    for (let chunk = 0; chunk < 3; chunk++) record(10, 100)
    expect(rooms.bytes).toBeLessThan(1e6)
  })
})
