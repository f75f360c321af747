/**
 * Frames as rows: read by position where their template is bound, without parsing. Says the same as message-frames.ts, and
 * leaves to it every frame that a binding does not speak of, before anything was told.
 */
import type { EntryView } from '../../log/entry.ts'
import type { FrameRow, FrameScope } from '../../log/frame-row.ts'
import { MAX_SCALE } from '../../market/decimal.ts'
import { PlainTexts } from '../plain-texts.ts'
import { RowBindings } from '../row-bindings.ts'
import type { DecoderSink } from '../venue.ts'
import { BoundRow } from './bindings/bound-row.ts'
import {
  type BeatPlaces,
  bindFrame,
  type FullFrame,
  LEVEL_UPDATE,
  type Level3Frame,
  type LevelFrame,
  type ProductPlace,
} from './bindings/frame-binding.ts'
import type { TradeBinding } from './bindings/level-binding.ts'
import { LevelLists } from './bindings/level-lists.ts'
import type { OrderBinding } from './bindings/order-binding.ts'
import type { FeedParts } from './feed-parts.ts'
import { exchangeTimeAt } from './venue-time.ts'

export class RowFrames {
  private readonly parts: FeedParts
  private readonly bindings = new RowBindings(bindFrame)
  private readonly texts = new PlainTexts()
  private readonly lists = new LevelLists(this.texts)
  private bound: BoundRow | undefined
  private readonly products = new LastText()
  private readonly types = new LastText()

  constructor(parts: FeedParts) {
    this.parts = parts
  }

  /** False: nothing was told, and the frame is to be read as text. */
  decode(entry: EntryView, row: FrameRow, sink: DecoderSink): boolean {
    const binding = this.bindings.of(row.scope, row.template)
    switch (binding.kind) {
      case 'text':
        return false
      case 'full':
        return this.decodeFull(binding, entry, row, sink)
      case 'level3':
        return this.decodeLevel3(binding, entry, row, sink)
      case 'levels':
        return this.decodeLevels(binding, row, sink)
      case 'sign': {
        const product = this.productOf(binding.product, row.start + binding.product.slot, row)
        if (product === undefined || !this.arePlain(binding.texts, row)) return false
        if (product === this.parts.subject.product) {
          this.parts.start(sink)
          if (binding.beat !== undefined) this.tellBeat(binding.beat, row, sink)
        }
        return true
      }
    }
  }

  private tellBeat({ sequence, tradeId }: BeatPlaces, row: FrameRow, sink: DecoderSink): void {
    const number = (slot: number): number | undefined =>
      isWhole(row, slot) && Number.isSafeInteger(valueOf(row, slot)) ? valueOf(row, slot) : undefined
    this.parts.beat(number(sequence), number(tradeId), sink)
  }

  private arePlain(slots: readonly number[], { scope, values, start }: FrameRow): boolean {
    for (const slot of slots) if (!this.texts.isPlain(scope, values[start + slot] ?? 0)) return false
    return true
  }

  /** The product that a row names, at `at` where it varies; undefined where only the text can tell. */
  private productOf(place: ProductPlace, at: number, { scope, values }: FrameRow): string | undefined {
    if (place.slot < 0) return place.constant
    const { product } = this.parts.subject
    return this.products.of(scope, values[at] ?? 0) === product ? product : undefined
  }

  private decodeFull(frame: FullFrame, entry: EntryView, row: FrameRow, sink: DecoderSink): boolean {
    const { order, trade, type } = frame
    const { subject } = this.parts
    // Nearly every frame of a stream that is under way.
    if (
      frame.isDirect &&
      order !== undefined &&
      subject.family === 'orders' &&
      frame.product.constant === subject.product
    )
      return this.acceptOurs(order, entry, row, sink)
    const family = subject.family ?? (type === 'match' ? undefined : 'orders')
    const product = this.productOf(frame.product, row.start + frame.product.slot, row)
    if (product === undefined || !this.arePlain(frame.texts, row)) return false
    if (family === 'orders')
      return order !== undefined && this.accept(order, product, type !== 'match', entry, row, sink)
    return trade !== undefined && this.tellTrade(trade, product, row, sink)
  }

  private decodeLevel3(frame: Level3Frame, entry: EntryView, row: FrameRow, sink: DecoderSink): boolean {
    const columns = this.parts.orders.schema.columnsOf(frame.cells)
    if (columns === undefined || this.parts.subject.family === 'levels') return false
    frame.under(columns)
    const { order, product: place } = frame
    if (order === undefined || place === undefined) return false
    const product = this.productOf(place, row.start + place.slot, row)
    if (product === undefined || !this.arePlain(frame.texts, row)) return false
    return this.accept(order, product, true, entry, row, sink)
  }

  private accept(
    binding: OrderBinding,
    product: string,
    tellsFamily: boolean,
    entry: EntryView,
    row: FrameRow,
    sink: DecoderSink,
  ): boolean {
    const { parts } = this
    this.bound ??= new BoundRow(binding, row)
    if (!this.bound.read(binding, row)) return false
    if (parts.isOurs(product, tellsFamily ? 'orders' : undefined, sink))
      parts.orders.acceptRow(this.bound, entry, sink)
    return true
  }

  private acceptOurs(binding: OrderBinding, entry: EntryView, row: FrameRow, sink: DecoderSink): boolean {
    const { parts } = this
    const bound = (this.bound ??= new BoundRow(binding, row))
    if (!bound.read(binding, row)) return false
    parts.start(sink)
    parts.orders.acceptRow(bound, entry, sink)
    return true
  }

  private tellTrade(binding: TradeBinding, product: string, row: FrameRow, sink: DecoderSink): boolean {
    const { parts } = this
    const { values, scales, start } = row
    const { side, tradeId, sequence } = binding
    const price = start + binding.price
    const size = start + binding.size
    if (!isAmount(row, price) || !isAmount(row, size)) return false
    if (!isWhole(row, tradeId) || !isWhole(row, sequence)) return false
    if (!parts.isOurs(product, undefined, sink)) return true
    parts.watch.noteTrade(valueOf(row, tradeId))
    const failure = parts.scales.readScaled(
      values[price] ?? 0,
      scales[price] ?? 0,
      values[size] ?? 0,
      scales[size] ?? 0,
      sink,
    )
    if (failure !== undefined) sink.undecoded('malformed:match')
    else {
      const time = exchangeTimeAt(values[start + binding.time] ?? 0)
      parts.levels.tellTrade(valueOf(row, tradeId), side, time, valueOf(row, sequence), sink)
    }
    return true
  }

  private decodeLevels(frame: LevelFrame, row: FrameRow, sink: DecoderSink): boolean {
    const { parts, lists } = this
    const { levels: binding } = frame
    if (parts.subject.family === 'orders' || !lists.locate(binding, row)) return false
    for (const slot of frame.texts)
      if (!this.texts.isPlain(row.scope, row.values[lists.placeOf(slot)] ?? 0)) return false
    const product = this.productOf(frame.product, lists.placeOf(frame.product.slot), row)
    if (product === undefined || !this.isUpdateOrSnapshot(frame.typeSlot, row)) return false
    // What another connection tells of its book is kept as text.
    if (!parts.levels.isFor(parts.connection)) return false
    if (!parts.isOurs(product, 'levels', sink)) return true
    parts.watch.noteLevels()
    const { levels, scales, connection } = parts
    const time = binding.time < 0 ? undefined : exchangeTimeAt(row.values[lists.placeOf(binding.time)] ?? 0)
    if (binding.isSnapshot) {
      levels.load(lists.readSnapshot(binding, row, scales, sink), time, connection, sink)
    } else if (levels.beginUpdate(connection, sink)) {
      sink.stamp(time, undefined)
      levels.endUpdate(lists.tellChanges(binding, row, levels, scales, sink), connection, sink)
    }
    return true
  }

  private isUpdateOrSnapshot(typeSlot: number, { scope, values }: FrameRow): boolean {
    return typeSlot < 0 || this.types.of(scope, values[this.lists.placeOf(typeSlot)] ?? 0) === LEVEL_UPDATE
  }
}

/** A text that is nearly always the one before: read once. */
class LastText {
  private scope: FrameScope | undefined
  private reference = 0
  private text = ''

  of(scope: FrameScope, reference: number): string {
    if (scope !== this.scope || reference !== this.reference) {
      this.scope = scope
      this.reference = reference
      this.text = scope.text(reference)
    }
    return this.text
  }
}

const isAmount = ({ values, scales }: FrameRow, at: number): boolean =>
  (values[at] ?? 0) >= 0 && (scales[at] ?? 0) <= MAX_SCALE

const isWhole = ({ values, scales, start }: FrameRow, slot: number): boolean =>
  slot < 0 || ((values[start + slot] ?? 0) >= 0 && scales[start + slot] === 0)

const valueOf = ({ values, start }: FrameRow, slot: number): number | undefined =>
  slot < 0 ? undefined : values[start + slot]
