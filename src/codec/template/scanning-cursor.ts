/**
 * Packed records whose frames are scanned on the way: rows for whoever reads them. Live, each frame's scalars take the
 * place of the one before; while a chunk is made all entries are scanned and nothing is forgotten.
 */
import { EntryCursor, RECORD_HEADER_BYTES } from '../../log/entry.ts'
import type { FrameScanner } from './frame-scanner.ts'

export class ScanningCursor extends EntryCursor {
  /** Whether the entry's payload, of any kind, was scanned: the scanner holds its template, start and end. */
  isScanned = false
  private readonly scanner: FrameScanner
  private readonly keepsAll: boolean
  private records: Uint8Array

  /** `keepsAll`: scan entries of all kinds, and let their scalars and the scope grow until the scanner is told. */
  constructor(records: Uint8Array, scanner: FrameScanner, keepsAll = false) {
    super(records)
    this.records = records
    this.scanner = scanner
    this.keepsAll = keepsAll
  }

  protected override lookAt(records: Uint8Array): void {
    super.lookAt(records)
    this.records = records
  }

  override next(): boolean {
    if (!super.next()) return false
    const { scanner, keepsAll } = this
    const isText = this.kind === 'frame' && !this.isBinary
    this.row = undefined
    this.isScanned = false
    if (!isText && !keepsAll) return true
    if (!keepsAll) {
      if (scanner.isFull) scanner.newScope()
      else scanner.clear()
    }
    this.isScanned = scanner.scan(this.records, this.recordStart + RECORD_HEADER_BYTES, this.recordEnd)
    if (this.isScanned && isText) this.row = scanner
    return true
  }
}
