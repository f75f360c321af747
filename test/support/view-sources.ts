/** The ways in which entries reach a decoder with rows: scanned as they come, and out of chunks. */
import { ChunkScan } from '../../src/codec/chunk-scan.ts'
import { ColumnCursor } from '../../src/codec/columns/column-cursor.ts'
import { encodeColumns } from '../../src/codec/columns/encode-columns.ts'
import { openColumns } from '../../src/codec/columns/open-columns.ts'
import { FrameScanner } from '../../src/codec/template/frame-scanner.ts'
import { ScanningCursor } from '../../src/codec/template/scanning-cursor.ts'
import { NO_HINTS } from '../../src/log/column-hints.ts'
import { EntryCursor, RECORD_HEADER_BYTES } from '../../src/log/entry.ts'
import type { ViewCursor, ViewSource } from './twin-decoding.ts'

/** Entries of a chunk: few, so that scopes change often. */
const CHUNK_ENTRIES = 500

/** Records in runs of so many entries. */
const runsOf = (records: Uint8Array, entries: number): readonly Uint8Array[] => {
  const cursor = new EntryCursor(records)
  const runs: Uint8Array[] = []
  let start = 0
  let count = 0
  while (cursor.next()) {
    if (++count % entries !== 0 && cursor.recordEnd < records.length) continue
    runs.push(records.subarray(start, cursor.recordEnd))
    start = cursor.recordEnd
  }
  return runs
}

const openedChunk = (records: Uint8Array): ColumnCursor => {
  const scan = new ChunkScan(records)
  let entries = 0
  while (scan.next()) entries++
  const rawBytes = records.length - entries * RECORD_HEADER_BYTES
  return new ColumnCursor(
    openColumns(encodeColumns(scan, NO_HINTS) ?? new Uint8Array(), { entries, rawBytes }),
    rawBytes,
  )
}

/** One cursor over several, one behind the other. */
class JoinedCursors implements ViewCursor {
  private readonly cursors: readonly ViewCursor[]
  private index = 0

  constructor(cursors: readonly ViewCursor[]) {
    this.cursors = cursors
  }

  private get current(): ViewCursor {
    const cursor = this.cursors[this.index]
    if (cursor === undefined) throw new Error('there is no entry')
    return cursor
  }

  next(): boolean {
    for (; this.index < this.cursors.length; this.index++) if (this.current.next()) return true
    return false
  }

  get seq() {
    return this.current.seq
  }
  get receiveTime() {
    return this.current.receiveTime
  }
  get kind() {
    return this.current.kind
  }
  get connection() {
    return this.current.connection
  }
  get isBinary() {
    return this.current.isBinary
  }
  get row() {
    return this.current.row
  }
  text(): string {
    return this.current.text()
  }
  bytes(): Uint8Array {
    return this.current.bytes()
  }
}

/** By name. */
export const viewSources: readonly (readonly [name: string, source: ViewSource])[] = [
  ['rows just scanned', (records) => new ScanningCursor(records, new FrameScanner())],
  [
    'rows out of chunks',
    (records) => new JoinedCursors(runsOf(records, CHUNK_ENTRIES).map((run) => openedChunk(run))),
  ],
]
