/**
 * A scan over the records of one chunk: an EntryView for whoever decodes on the way, and all that a columnar chunk and its
 * header need of the entries once it has come to the end. Entries of all kinds are scanned.
 */
import { ENTRY_KINDS, type EntryKind, MalformedBatch, RECORD_HEADER_BYTES } from '../log/entry.ts'
import { microsOf } from '../market/time.ts'
import { countsOf, type RecordSurvey } from './record-survey.ts'
import { FrameScanner } from './template/frame-scanner.ts'
import type { ScalarArrays } from './template/scalar-reader.ts'
import { ScanningCursor } from './template/scanning-cursor.ts'

/** Bytes of a record, about: so many entries are expected at first. */
const EXPECTED_RECORD = 128

/** What is known of each entry; longer than there are entries. */
class EntryArrays {
  /** The template, -1: verbatim. */
  templates: Int32Array
  /** Where the record begins. */
  starts: Float64Array
  receiveTimes: Float64Array
  connections: Uint32Array
  /** As in the record: kind and flags × 256. */
  kindsAndFlags: Uint16Array

  constructor(size: number) {
    this.templates = new Int32Array(size)
    this.starts = new Float64Array(size)
    this.receiveTimes = new Float64Array(size)
    this.connections = new Uint32Array(size)
    this.kindsAndFlags = new Uint16Array(size)
  }

  grown(): EntryArrays {
    const larger = new EntryArrays(this.templates.length * 2)
    larger.templates.set(this.templates)
    larger.starts.set(this.starts)
    larger.receiveTimes.set(this.receiveTimes)
    larger.connections.set(this.connections)
    larger.kindsAndFlags.set(this.kindsAndFlags)
    return larger
  }
}

/** The arrays of a scan that is done with, for the next one: fresh memory costs more than what is done in it. */
interface ScanMemory {
  readonly arrays: EntryArrays
  readonly scalars: ScalarArrays
}

let kept: ScanMemory | undefined
/** Of scalars, and of entries: memory for more is not kept. */
const MOST_KEPT = 2 ** 20

const takeKept = (): ScanMemory | undefined => {
  const taken = kept
  kept = undefined
  return taken
}

export class ChunkScan extends ScanningCursor {
  packed: Uint8Array
  readonly rows: FrameScanner
  entries = 0
  arrays: EntryArrays
  private packedView: DataView
  private isOver = false
  private lastSeq = 0

  /** Scans with a scanner of its own: a chunk has a scope of its own. */
  constructor(records: Uint8Array) {
    const memory = takeKept()
    const scanner = new FrameScanner(memory?.scalars)
    super(records, scanner, true)
    this.packed = records
    this.packedView = new DataView(records.buffer, records.byteOffset, records.byteLength)
    this.rows = scanner
    this.arrays = memory?.arrays ?? new EntryArrays(Math.ceil(records.length / EXPECTED_RECORD) + 16)
  }

  protected override lookAt(records: Uint8Array): void {
    super.lookAt(records)
    this.packed = records
    this.packedView = new DataView(records.buffer, records.byteOffset, records.byteLength)
    this.isOver = false
  }

  /** Throws MalformedBatch as EntryCursor does, and when a seq does not follow or a time goes back. */
  override next(): boolean {
    if (!super.next()) {
      this.isOver = true
      return false
    }
    const { entries, recordStart, seq, receiveTime } = this
    if (entries === this.arrays.templates.length) this.arrays = this.arrays.grown()
    const { arrays } = this
    if (entries > 0) {
      if (seq !== this.lastSeq + 1)
        throw new MalformedBatch(`entry ${String(seq)} follows entry ${String(this.lastSeq)}`)
      if (receiveTime < (arrays.receiveTimes[entries - 1] ?? 0))
        throw new MalformedBatch(`the receive time goes back at entry ${String(seq)}`)
    } else if (seq === 0) throw new MalformedBatch('entry 0, but entries are numbered from 1')
    this.lastSeq = seq
    arrays.templates[entries] = this.isScanned ? this.rows.template : -1
    arrays.starts[entries] = recordStart
    arrays.receiveTimes[entries] = receiveTime
    arrays.connections[entries] = this.connection
    arrays.kindsAndFlags[entries] = this.packedView.getUint16(recordStart + 4, true)
    this.entries = entries + 1
    return true
  }

  /** Says that neither the scan nor what it gave is used again: its memory may serve another one. Needs not be called. */
  release(): void {
    const { arrays, rows } = this
    const { values, scales } = rows
    if (values.length > MOST_KEPT || arrays.templates.length > MOST_KEPT) return
    if (values.length > (kept?.scalars.values.length ?? 0)) kept = { arrays, scalars: { values, scales } }
  }

  /** Goes on to the end. */
  finish(): void {
    while (!this.isOver) this.next()
  }

  /** Of the whole chunk, once the scan came to its end. Throws MalformedBatch when there is no record. */
  survey(): RecordSurvey {
    const { entries, arrays, lastSeq, packed } = this
    if (entries === 0) throw new MalformedBatch('no record')
    const byKind = new Int32Array(ENTRY_KINDS.length)
    for (let entry = 0; entry < entries; entry++) {
      const kind = (arrays.kindsAndFlags[entry] ?? 0) & 0xff
      byKind[kind] = (byKind[kind] ?? 0) + 1
    }
    const counts = new Map<EntryKind, number>()
    ENTRY_KINDS.forEach((kind, number) => {
      const count = byKind[number] ?? 0
      if (count > 0) counts.set(kind, count)
    })
    return {
      firstSeq: lastSeq - entries + 1,
      lastSeq,
      firstReceiveTime: microsOf(arrays.receiveTimes[0] ?? 0),
      lastReceiveTime: microsOf(arrays.receiveTimes[entries - 1] ?? 0),
      entries,
      kinds: countsOf(counts),
      rawBytes: packed.length - entries * RECORD_HEADER_BYTES,
    }
  }
}
