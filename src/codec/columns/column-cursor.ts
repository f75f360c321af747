/**
 * Walks over the entries of an opened columnar chunk. Rows stand ready; the bytes of an entry are rendered only when
 * somebody asks.
 */
import { Buffer } from 'node:buffer'

import { ENTRY_KINDS, type EntryKind, MalformedBatch, type Seq } from '../../log/entry.ts'
import type { FrameRow } from '../../log/frame-row.ts'
import { type Micros, microsOf } from '../../market/time.ts'
import type { ChunkCursor } from '../chunk-cursor.ts'
import { RowRenderer } from '../template/row-renderer.ts'
import type { TemplateScope } from '../template/template-scope.ts'
import type { OpenedColumns } from './open-columns.ts'

/** The row of the entry at hand. */
class ColumnRow implements FrameRow {
  readonly scope: TemplateScope
  readonly values: Float64Array
  readonly scales: Uint8Array
  template = 0
  start = 0
  end = 0

  constructor({ scope, values, scales }: OpenedColumns) {
    this.scope = scope
    this.values = values
    this.scales = scales
  }
}

export class ColumnCursor implements ChunkCursor {
  seq: Seq
  receiveTime: Micros = microsOf(0)
  kind: EntryKind = 'frame'
  connection = 0
  isBinary = false
  row: FrameRow | undefined = undefined
  private readonly opened: OpenedColumns
  private readonly limit: number
  private readonly current: ColumnRow
  private readonly renderer = new RowRenderer()
  private entry = -1
  /** The entry's bytes, once somebody asked. */
  private rendered: Buffer | undefined

  /** `limit`: no entry has more bytes. */
  constructor(opened: OpenedColumns, limit: number) {
    this.opened = opened
    this.limit = limit
    this.current = new ColumnRow(opened)
    this.seq = opened.firstSeq - 1
  }

  next(): boolean {
    const { opened, current } = this
    const entry = this.entry + 1
    if (entry >= opened.entries) return false
    this.entry = entry
    this.seq = opened.firstSeq + entry
    this.receiveTime = microsOf(opened.receiveTimes[entry] ?? 0)
    this.connection = opened.connections[entry] ?? 0
    const kindAndFlags = opened.kindsAndFlags[entry] ?? 0
    this.isBinary = kindAndFlags > 0xff
    this.kind = ENTRY_KINDS[kindAndFlags & 0xff] ?? 'frame'
    this.rendered = undefined
    const template = opened.templates[entry] ?? -1
    current.template = template
    if (template >= 0) {
      current.start = opened.rowStarts[entry] ?? 0
      current.end = opened.rowStarts[entry + 1] ?? 0
    }
    this.row = template >= 0 && kindAndFlags === 0 ? current : undefined
    return true
  }

  text(): string {
    return this.buffer().toString('utf8')
  }

  /** Valid until the next call of `next`. Throws MalformedBatch for a row that no frame gives: a forged chunk. */
  bytes(): Uint8Array {
    return this.buffer()
  }

  private buffer(): Buffer {
    this.rendered ??= this.render()
    return this.rendered
  }

  private render(): Buffer {
    const { opened, current } = this
    if (current.template < 0) {
      const number = -1 - current.template
      const { verbatim, verbatimStarts } = opened
      const start = verbatimStarts[number] ?? 0
      return Buffer.from(
        verbatim.buffer,
        verbatim.byteOffset + start,
        (verbatimStarts[number + 1] ?? 0) - start,
      )
    }
    const bytes = this.renderer.bytes(current, this.limit)
    if (bytes === undefined)
      throw new MalformedBatch(`entry ${String(this.seq)} cannot be rendered from its columns`)
    return bytes
  }
}
