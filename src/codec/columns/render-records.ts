/** The packed records of an opened columnar chunk, every byte as it was. */
import { Buffer } from 'node:buffer'

import { RECORD_HEADER_BYTES } from '../../log/entry.ts'
import { RowRenderer } from '../template/row-renderer.ts'
import type { OpenedColumns } from './open-columns.ts'

const TWO_32 = 2 ** 32

/** `rawBytes`: of all payloads together. Undefined: the entries are not exactly so long, or cannot be rendered. */
export const renderRecords = (opened: OpenedColumns, rawBytes: number): Uint8Array | undefined => {
  const { entries, firstSeq, receiveTimes, kindsAndFlags, connections, templates, rowStarts } = opened
  const { scope, values, scales, verbatim, verbatimStarts } = opened
  const records = Buffer.allocUnsafeSlow(rawBytes + entries * RECORD_HEADER_BYTES)
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  const row = { scope, template: 0, values, scales, start: 0, end: 0 }
  const renderer = new RowRenderer()
  let at = 0
  for (let entry = 0; entry < entries; entry++) {
    const payload = at + RECORD_HEADER_BYTES
    if (payload > records.length) return undefined
    row.template = templates[entry] ?? 0
    let length: number
    if (row.template >= 0) {
      row.start = rowStarts[entry] ?? 0
      row.end = rowStarts[entry + 1] ?? 0
      length = renderer.render(row, records, payload)
      if (length < 0) return undefined
    } else {
      const start = verbatimStarts[-1 - row.template] ?? 0
      length = (verbatimStarts[-row.template] ?? 0) - start
      if (payload + length > records.length) return undefined
      records.set(verbatim.subarray(start, start + length), payload)
    }
    const seq = firstSeq + entry
    const receiveTime = receiveTimes[entry] ?? 0
    view.setUint32(at, length, true)
    view.setUint32(at + 4, kindsAndFlags[entry] ?? 0, true)
    view.setUint32(at + 8, connections[entry] ?? 0, true)
    view.setUint32(at + 12, seq % TWO_32, true)
    view.setUint32(at + 16, Math.floor(seq / TWO_32), true)
    view.setUint32(at + 20, receiveTime % TWO_32, true)
    view.setUint32(at + 24, Math.floor(receiveTime / TWO_32), true)
    at = payload + length
  }
  return at === records.length ? records : undefined
}
