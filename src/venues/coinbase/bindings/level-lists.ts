/** Lists of levels as they stand in a row: checked whole before the first level of them is told to anyone. */
import type { FrameRow } from '../../../log/frame-row.ts'
import { MAX_SCALE, scaledText } from '../../../market/decimal.ts'
import type { PlainTexts } from '../../plain-texts.ts'
import { RowBindings } from '../../row-bindings.ts'
import type { DecoderSink } from '../../venue.ts'
import type { Failure } from '../failure.ts'
import type { Scales } from '../instruments.ts'
import type { LevelFeed } from '../level-feed.ts'
import { type BookRows, readBook, type ScaledRows } from '../rows.ts'
import { bindElement, type ElementBinding, type LevelBinding } from './level-binding.ts'

export class LevelLists {
  private readonly elements = new RowBindings(bindElement)
  private readonly texts: PlainTexts
  /** Where each slot of the frame stands. */
  private places = new Int32Array(16)
  /** Of the lists checked since `locate` began. */
  private rows = 0
  private priceDigits = 0
  private sizeDigits = 0

  constructor(texts: PlainTexts) {
    this.texts = texts
  }

  /** Where a slot of the frame located last stands. */
  placeOf(slot: number): number {
    return this.places[slot] ?? 0
  }

  /** Finds all slots of a frame. False when an element of a list is none of levels that a row can tell. */
  locate(binding: LevelBinding, row: FrameRow): boolean {
    const { slotCount, lists } = binding
    if (slotCount > this.places.length) this.places = new Int32Array(slotCount * 2)
    this.rows = 0
    this.priceDigits = 0
    this.sizeDigits = 0
    const kind = binding.isSnapshot ? 'row' : 'change'
    let at = row.start
    let nextList = 0
    for (let slot = 0; slot < slotCount; slot++) {
      this.places[slot] = at
      if (slot === lists[nextList]) {
        nextList++
        at = this.check(kind, row, at)
        if (at < 0) return false
      } else {
        at++
      }
    }
    return true
  }

  /** The place behind a list, or -1. */
  private check(kind: ElementBinding['kind'], row: FrameRow, list: number): number {
    const { scope, values, scales } = row
    const count = values[list] ?? 0
    let at = list + 1
    for (let index = 0; index < count; index++) {
      const element = this.elements.of(scope, values[at] ?? 0)
      at++
      if (element.kind !== kind || !this.isPlain(element, row, at)) return -1
      const price = at + element.price
      const size = at + element.size
      const priceDigits = scales[price] ?? 0
      const sizeDigits = scales[size] ?? 0
      if ((values[price] ?? 0) < 0 || (values[size] ?? 0) < 0) return -1
      if (priceDigits > MAX_SCALE || sizeDigits > MAX_SCALE) return -1
      if (priceDigits > this.priceDigits)
        this.priceDigits = Math.max(this.priceDigits, neededDigits(values[price] ?? 0, priceDigits))
      if (sizeDigits > this.sizeDigits)
        this.sizeDigits = Math.max(this.sizeDigits, neededDigits(values[size] ?? 0, sizeDigits))
      at += element.slotCount
    }
    this.rows += count
    return at
  }

  private isPlain(element: ElementBinding, row: FrameRow, at: number): boolean {
    for (const slot of element.texts)
      if (!this.texts.isPlain(row.scope, row.values[at + slot] ?? 0)) return false
    return true
  }

  /** Reads both sides of the snapshot located last; nothing but `instrument` is told to the sink. */
  readSnapshot(binding: LevelBinding, row: FrameRow, scales: Scales, sink: DecoderSink): Failure | BookRows {
    const needs = { rows: this.rows, priceScale: this.priceDigits, sizeScale: this.sizeDigits }
    return readBook(needs, scales, sink, (side, into) =>
      this.scaleRows(side === 'bid' ? binding.bids : binding.asks, row, scales, into, sink),
    )
  }

  private scaleRows(
    slot: number,
    row: FrameRow,
    scales: Scales,
    into: ScaledRows,
    sink: DecoderSink,
  ): boolean | Failure {
    if (slot < 0) return true
    const { values } = row
    const list = this.placeOf(slot)
    const count = values[list] ?? 0
    let at = list + 1
    for (let index = 0; index < count; index++) {
      const element = this.elements.of(row.scope, values[at] ?? 0)
      at++
      if (!this.take(element, row, at, scales)) return this.grow(element, row, at, scales, sink)
      into.prices.push(scales.lastPrice)
      into.sizes.push(scales.lastSize)
      at += element.slotCount
    }
    return true
  }

  private take(
    { price, size }: ElementBinding,
    { values, scales: digits }: FrameRow,
    at: number,
    scales: Scales,
  ): boolean {
    return scales.takeScaled(
      values[at + price] ?? 0,
      digits[at + price] ?? 0,
      values[at + size] ?? 0,
      digits[at + size] ?? 0,
    )
  }

  private grow(
    element: ElementBinding,
    row: FrameRow,
    at: number,
    scales: Scales,
    sink: DecoderSink,
  ): false | Failure {
    const price = at + element.price
    const size = at + element.size
    const priceText = scaledText(row.values[price] ?? 0, row.scales[price] ?? 0)
    const sizeText = scaledText(row.values[size] ?? 0, row.scales[size] ?? 0)
    return scales.grow(priceText, sizeText, sink) ?? false
  }

  /** Tells the changes of the update located last. */
  tellChanges(
    binding: LevelBinding,
    row: FrameRow,
    feed: LevelFeed,
    scales: Scales,
    sink: DecoderSink,
  ): Failure | undefined {
    const { values } = row
    const list = this.placeOf(binding.changes)
    const count = values[list] ?? 0
    let at = list + 1
    for (let index = 0; index < count; index++) {
      const element = this.elements.of(row.scope, values[at] ?? 0)
      at++
      if (!this.take(element, row, at, scales)) {
        const failure = this.grow(element, row, at, scales, sink)
        if (failure !== false) return failure
        this.take(element, row, at, scales)
      }
      feed.tellLevel(element.side, sink)
      at += element.slotCount
    }
    return undefined
  }
}

/** Digits behind the point without zeros at the end. */
const neededDigits = (value: number, digits: number): number => {
  let rest = value
  let needed = digits
  while (needed > 0 && rest % 10 === 0) {
    rest /= 10
    needed--
  }
  return needed
}
