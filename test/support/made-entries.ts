/** Arbitrary entries as plain objects, packed and unpacked. */
import fc from 'fast-check'

import { ENTRY_KINDS, EntryCursor, type EntryKind, EntryWriter, type Seq } from '../../src/log/entry.ts'
import { type Micros, microsOf } from '../../src/market/time.ts'

export interface MadeEntry {
  readonly kind: EntryKind
  readonly seq: Seq
  readonly receiveTime: Micros
  readonly connection: number
  readonly payload: Uint8Array
  readonly isBinary: boolean
}

const whole = fc.oneof(fc.nat(), fc.maxSafeNat())

export const madeEntry: fc.Arbitrary<MadeEntry> = fc.record({
  kind: fc.constantFrom(...ENTRY_KINDS),
  seq: whole,
  receiveTime: whole.map(microsOf),
  connection: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  payload: fc.uint8Array({ maxLength: 60 }),
  isBinary: fc.boolean(),
})

/** Entries 1, 2, 3 … with times that never go back. */
export const madeStream = (minimum: number, maximum: number): fc.Arbitrary<readonly MadeEntry[]> =>
  fc.array(fc.tuple(madeEntry, fc.nat(1_000_000)), { minLength: minimum, maxLength: maximum }).map((made) => {
    let time = 1_700_000_000_000_000
    return made.map(([entry, pause], index) => {
      time += pause
      return { ...entry, seq: index + 1, receiveTime: microsOf(time) }
    })
  })

export const packed = (entries: readonly MadeEntry[]): Uint8Array => {
  const writer = new EntryWriter(32)
  for (const { kind, seq, receiveTime, connection, payload, isBinary } of entries)
    writer.append(kind, seq, receiveTime, connection, payload, isBinary)
  return writer.take() ?? new Uint8Array()
}

export const unpacked = (records: Uint8Array): MadeEntry[] => {
  const cursor = new EntryCursor(records)
  const entries: MadeEntry[] = []
  while (cursor.next()) {
    const { kind, seq, receiveTime, connection, isBinary } = cursor
    entries.push({ kind, seq, receiveTime, connection, payload: Uint8Array.from(cursor.bytes()), isBinary })
  }
  return entries
}
