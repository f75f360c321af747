/** The stored form of a directory; see docs/storage-format.md. */
import { ByteSink } from './byte-stream.ts'
import type { Layout, StoredSlot } from './layout.ts'
import { writeFamily } from './slot-family.ts'
import { writeTokenTable } from './token-table.ts'

const writeSlot = (sink: ByteSink, slot: StoredSlot): void => {
  sink.uint(slot.family + 1)
  if (slot.family < 0) {
    sink.int(slot.constant)
    sink.byte(slot.constantScale)
    return
  }
  const { follow } = slot
  if (follow === undefined) sink.uint(0)
  else {
    sink.uint(follow.group * 2 + (follow.takes ? 1 : 0))
    sink.uint(follow.firstId)
    sink.uint(follow.secondId + 1)
  }
  sink.uint(slot.children.length)
  for (const child of slot.children) sink.uint(child)
}

export const writeLayout = (layout: Layout): Uint8Array => {
  const sink = new ByteSink()
  for (const number of [layout.firstSeq, layout.firstReceiveTime, layout.entries, layout.scalars])
    sink.uint(number)
  sink.uint(layout.skeletonLengths.length)
  for (const length of layout.skeletonLengths) sink.uint(length)
  for (const number of [layout.textCount, layout.idCount, layout.idMask, layout.verbatimCount])
    sink.uint(number)
  for (const number of [layout.fieldCount, layout.groupCount, layout.tableCount]) sink.uint(number)
  sink.uint(layout.families.length)
  for (const family of layout.families) writeFamily(sink, family)
  sink.uint(layout.places.length)
  for (const { template, slots } of layout.places) {
    sink.uint(template)
    for (const slot of slots) writeSlot(sink, slot)
  }
  sink.uint(layout.classes.length)
  for (const { kindAndFlags, connection, place } of layout.classes) {
    sink.uint(kindAndFlags)
    sink.uint(connection)
    sink.uint(place + 1)
  }
  for (const column of layout.classColumns) sink.uint(column)
  for (const column of layout.timeColumns) sink.uint(column)
  sink.uint(layout.columns.length)
  for (const { length, ranges, isScaled } of layout.columns) {
    sink.uint(length)
    if (length > 0) writeTokenTable(sink, ranges, isScaled)
  }
  sink.uint(layout.segments.length)
  for (const columns of layout.segments) sink.uint(columns)
  return sink.take().slice()
}
