/** Rows back to the exact bytes of their frames: template, scalars, lists. Takes rows of any origin, also damaged ones. */
import { Buffer } from 'node:buffer'

import { MAX_LISTS } from './frame-matcher.ts'
import { UUID_LENGTH } from './id-table.ts'
import { MAX_NUMBER_SCALE, NUMBER_ROOM, writeNumber } from './number-text.ts'
import { ID, LIST, NUMBER, TEXT, TIME } from './slot-codes.ts'
import { END, PIECE, type TemplateScope } from './template-scope.ts'
import { TIME_ROOM, TimeText } from './time-text.ts'

/** The bytes do not fit into the target. */
export const NO_ROOM = -1
/** The row is damaged: a reference, a count or a value that no scan gives. */
export const BAD_ROW = -2

/** A row whose scope can be rendered. */
export interface RenderedRow {
  readonly scope: TemplateScope
  readonly template: number
  readonly values: Float64Array
  readonly scales: Uint8Array
  readonly start: number
  readonly end: number
}

const COMMA = 44
/** More than any one scalar but a text needs. */
const SPARE_BYTES = 64

/** The first buffer of `bytes`. */
const FIRST_BYTES = 4096
const GROWTH = 8

export class RowRenderer {
  private target: Uint8Array = new Uint8Array(0)
  private view: DataView = new DataView(this.target.buffer)
  /** The next scalar of the row. */
  private place = 0
  private readonly time = new TimeText()
  private readonly spare = new Uint8Array(SPARE_BYTES)
  private own = Buffer.allocUnsafeSlow(FIRST_BYTES)

  /**
   * Writes the row's bytes at `at` and returns how many they are; NO_ROOM, BAD_ROW. Bytes of the target behind the
   * row's last may change, as far as the target reaches.
   */
  render(row: RenderedRow, target: Uint8Array, at: number): number {
    if (target !== this.target) {
      this.target = target
      this.view = new DataView(target.buffer, target.byteOffset, target.byteLength)
    }
    this.place = row.start
    const stop = this.template(row, row.template, at, 0)
    if (stop < 0) return stop
    return this.place === row.end ? stop - at : BAD_ROW
  }

  /** The row's bytes, valid until the next call; undefined for a damaged row or one of more than `limit` bytes. */
  bytes(row: RenderedRow, limit: number): Buffer | undefined {
    for (;;) {
      const length = this.render(row, this.own, 0)
      if (length >= 0) return length <= limit ? this.own.subarray(0, length) : undefined
      if (length === BAD_ROW || this.own.length > limit + SPARE_BYTES) return undefined
      // All that was written is written again: few steps to a large frame.
      const longer = Math.min(this.own.length * GROWTH, limit + SPARE_BYTES + 1)
      this.own = Buffer.allocUnsafeSlow(Math.max(longer, this.own.length * 2))
    }
  }

  /** Where the template's bytes end, its scalars taken from `place` on. */
  private template(row: RenderedRow, template: number, at: number, lists: number): number {
    const { scope } = row
    if (!(template >= 0 && template < scope.templates.length)) return BAD_ROW
    const { pieces } = scope
    let piece = scope.firstPieces[template] ?? 0
    for (;;) {
      at = this.copy(scope, pieces[piece] ?? 0, pieces[piece + 1] ?? 0, at)
      if (at < 0) return at
      const code = pieces[piece + 2] ?? END
      if (code === END) return at
      if (this.place >= row.end) return BAD_ROW
      at = code === LIST ? this.list(row, at, lists + 1) : this.scalar(row, code, at)
      if (at < 0) return at
      piece += PIECE
    }
  }

  /** Copies bytes of the pool; four at a time where there is room for more than are needed. */
  private copy(scope: TemplateScope, from: number, length: number, at: number): number {
    const { target, view } = this
    const stop = at + length
    if (stop > target.length) return NO_ROOM
    if (stop + 4 <= target.length) {
      const { poolView } = scope
      for (; at < stop; at += 4, from += 4) view.setInt32(at, poolView.getInt32(from, true), true)
    } else {
      const { pool } = scope
      for (; at < stop; at++, from++) target[at] = pool[from] ?? 0
    }
    return stop
  }

  private list(row: RenderedRow, at: number, lists: number): number {
    const count = row.values[this.place++] ?? 0
    if (!(count >= 1) || lists > MAX_LISTS) return BAD_ROW
    for (let element = 0; element < count; element++) {
      if (this.place >= row.end) return BAD_ROW
      if (element > 0) {
        if (at >= this.target.length) return NO_ROOM
        this.target[at++] = COMMA
      }
      at = this.template(row, row.values[this.place++] ?? -1, at, lists)
      if (at < 0) return at
    }
    return at
  }

  private scalar(row: RenderedRow, code: number, at: number): number {
    const { target } = this
    const place = this.place++
    const value = row.values[place] ?? NaN
    const scale = row.scales[place] ?? 0
    switch (code) {
      case NUMBER:
        if (!Number.isSafeInteger(value) || scale > MAX_NUMBER_SCALE) return BAD_ROW
        if (at + NUMBER_ROOM > target.length)
          return this.late(writeNumber(row.values, place, scale, this.spare, 0), at)
        return writeNumber(row.values, place, scale, target, at)
      case TIME: {
        if (scale > 6) return BAD_ROW
        const hasRoom = at + TIME_ROOM <= target.length
        const stop = this.time.write(
          row.values,
          place,
          scale,
          hasRoom ? target : this.spare,
          hasRoom ? at : 0,
        )
        if (stop < 0) return BAD_ROW
        return hasRoom ? stop : this.late(stop, at)
      }
      case ID:
        if (!(value >= 0 && value < row.scope.ids.count)) return BAD_ROW
        return at + UUID_LENGTH > target.length ? NO_ROOM : this.id(row.scope, value, at)
      case TEXT:
        if (!(value >= 0 && value < row.scope.texts.count)) return BAD_ROW
        return this.text(row.scope, value, at)
      default:
        return BAD_ROW
    }
  }

  /** Puts what was written into `spare` at the target's end, where it may just fit. */
  private late(length: number, at: number): number {
    if (at + length > this.target.length) return NO_ROOM
    this.target.set(this.spare.subarray(0, length), at)
    return at + length
  }

  private text({ texts }: TemplateScope, reference: number, at: number): number {
    const { target } = this
    const { raw, starts } = texts
    let from = starts[reference] ?? 0
    const end = starts[reference + 1] ?? 0
    if (at + end - from > target.length) return NO_ROOM
    if (end - from > 64) {
      target.set(raw.subarray(from, end), at)
      return at + end - from
    }
    for (; from < end; from++) target[at++] = raw[from] ?? 0
    return at
  }

  private id({ ids }: TemplateScope, reference: number, at: number): number {
    ids.write(reference, this.view, at)
    return at + UUID_LENGTH
  }
}
