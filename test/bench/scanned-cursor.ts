/** Records whose frames were scanned beforehand: what decoding costs when rows come out of a chunk's columns. */
import { FrameScanner } from '../../src/codec/template/frame-scanner.ts'
import { ScanningCursor } from '../../src/codec/template/scanning-cursor.ts'
import { EntryCursor } from '../../src/log/entry.ts'
import type { FrameRow } from '../../src/log/frame-row.ts'

/** The scalars of all frames, and where each frame's own stand. */
export interface ScannedRecords {
  readonly records: Uint8Array
  readonly scanner: FrameScanner
  /** By entry: the template (-1: no row), start and end. */
  readonly frames: Int32Array
}

export const scanRecords = (records: Uint8Array): ScannedRecords => {
  const scanner = new FrameScanner()
  const cursor = new ScanningCursor(records, scanner, true)
  const frames: number[] = []
  while (cursor.next()) {
    const { row } = cursor
    frames.push(row?.template ?? -1, row?.start ?? 0, row?.end ?? 0)
  }
  return { records, scanner, frames: Int32Array.from(frames) }
}

export class ScannedCursor extends EntryCursor {
  private readonly shown: { -readonly [K in keyof FrameRow]: FrameRow[K] }
  private readonly frames: Int32Array
  private at = 0

  constructor({ records, scanner, frames }: ScannedRecords) {
    super(records)
    const { scope, values, scales } = scanner
    this.shown = { scope, values, scales, template: 0, start: 0, end: 0 }
    this.frames = frames
  }

  override next(): boolean {
    if (!super.next()) return false
    const { frames, at, shown } = this
    this.at = at + 3
    const template = frames[at] ?? -1
    shown.template = template
    shown.start = frames[at + 1] ?? 0
    shown.end = frames[at + 2] ?? 0
    this.row = template < 0 ? undefined : shown
    return true
  }
}
