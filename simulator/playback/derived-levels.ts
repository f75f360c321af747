/**
 * The level channels of a stored Coinbase stream that tells orders alone: a book of the play's own, kept beside it, and
 * its changed levels in the words of `level2`. A snapshot whenever the book becomes valid; nothing while it is not.
 */
import { setImmediate } from 'node:timers/promises'

import {
  type BookKeeper,
  type BookSide,
  type BookView,
  decimalText,
  type EntryView,
  type MarketSink,
  type Micros,
  microsOf,
  microsToIso,
  type OrderHandle,
  type Price,
  type Seq,
  StreamPlayer,
} from '../../src/index.ts'
import { BATCH_SPAN, LevelChanges } from '../venues/coinbase-levels.ts'
import { levelSnapshotOf } from './coinbase-opening-books.ts'
import type { StoredPart } from './stored-source.ts'

/** Others get a turn after so many entries. */
const TURN = 2000
const CHANNELS = ['level2', 'level2_batch'] as const
const SIDES = ['bid', 'ask'] as const

const ignored = (): void => undefined

export interface DerivedOptions {
  readonly part: StoredPart
  /** The venue's own name of the instrument. */
  readonly product: string
  /** Whether the client has this channel from this play. */
  readonly isHeld: (channel: string) => boolean
  readonly send: (text: string) => void
}

export class DerivedLevels implements MarketSink {
  private readonly options: DerivedOptions
  private readonly each: LevelChanges<Price>
  private readonly batch: LevelChanges<Price>
  private keeper: BookKeeper | undefined
  /** Where each order rests. */
  private readonly resting = new Map<OrderHandle, { readonly side: BookSide; readonly price: Price }>()
  private isValid = false
  /** The content is new as a whole, or counts in other units. */
  private isNew = true
  private scales = ''
  private time = 0
  readonly levelSet = ignored
  readonly traded = ignored
  readonly check = ignored
  readonly transactionEnded = ignored

  constructor(options: DerivedOptions) {
    this.options = options
    const sizes = {
      sizeAt: (side: 'buy' | 'sell', price: Price) =>
        this.keeper?.book().sizeAt(side === 'buy' ? 'bid' : 'ask', price) ?? 0,
    }
    const texts = {
      price: (price: number) => decimalText(price, this.keeper?.book().priceScale ?? 0),
      size: (size: number) => decimalText(size, this.keeper?.book().sizeScale ?? 0),
      time: (micros: number) => microsToIso(microsOf(micros)),
    }
    this.each = new LevelChanges(options.product, sizes, texts)
    this.batch = new LevelChanges(options.product, sizes, texts)
  }

  get book(): BookView | undefined {
    return this.keeper?.book()
  }

  /** Begins with the book after entry `place`. */
  async open(place: Seq): Promise<void> {
    const { store, stream, venue } = this.options.part
    const range = { from: { kind: 'seq', seq: place + 1 }, to: { kind: 'seq', seq: place } } as const
    const player = new StreamPlayer({ store, stream, venue, range, listener: this })
    if (place > 0) {
      await player.seek()
      for (let entries = 1; player.head !== undefined || (await player.fetch()); entries++) {
        player.step()
        if (entries % TURN === 0) await setImmediate()
      }
      await player.close()
    }
    this.keeper = player.keeper
    this.isValid = player.keeper.summary().valid
    this.isNew = true
    this.tell()
  }

  /** Takes the next entry of the stream, and tells what it changed. */
  apply(entry: EntryView): void {
    const { keeper } = this
    if (keeper === undefined) return
    this.time = entry.receiveTime
    keeper.apply(entry)
    this.tell()
  }

  /** Tells what is held back. */
  flush(): void {
    const text = this.batch.message()
    if (text !== undefined && this.isValid && this.options.isHeld('level2_batch')) this.options.send(text)
  }

  private tell(): void {
    const { keeper, each, batch } = this
    if (keeper === undefined || !this.isValid) return
    const book = keeper.book()
    if (this.isNew) {
      this.begin(keeper)
      return
    }
    const [bid, ask] = [book.best('bid'), book.best('ask')]
    // In the middle of an order that takes: what follows uncrosses the book.
    if (bid !== undefined && ask !== undefined && bid >= ask) return
    const { isHeld, send } = this.options
    for (const text of each.messages()) if (isHeld('level2')) send(text)
    if (batch.span >= BATCH_SPAN) this.flush()
  }

  private begin(keeper: BookKeeper): void {
    const book = keeper.book()
    if (book.kind !== 'orders') return
    this.isNew = false
    this.each.clear()
    this.batch.clear()
    this.resting.clear()
    for (const side of SIDES)
      for (const { order, price } of book.orders(side)) this.resting.set(order, { side, price })
    const { product, isHeld, send } = this.options
    const held = CHANNELS.filter((channel) => isHeld(channel))
    const text = held.length === 0 ? '' : levelSnapshotOf(product, keeper)
    for (let snapshots = 0; snapshots < held.length; snapshots++) send(text)
  }

  private note(order: OrderHandle): void {
    const place = this.resting.get(order)
    if (place === undefined || this.isNew) return
    const side = place.side === 'bid' ? 'buy' : 'sell'
    this.each.note(side, place.price, this.time)
    this.batch.note(side, place.price, this.time)
  }

  stamp(exchangeTime: Micros | undefined): void {
    this.time = exchangeTime ?? this.time
  }

  instrument(priceScale: number, sizeScale: number): void {
    const scales = `${String(priceScale)} ${String(sizeScale)}`
    if (scales !== this.scales) this.isNew = true
    this.scales = scales
  }

  bookStarted(): void {
    this.isValid = false
  }

  bookValid(): void {
    this.isValid = true
    this.isNew = true
  }

  bookInvalid(): void {
    this.isValid = false
  }

  orderOpened(order: OrderHandle, side: BookSide, price: Price): void {
    this.resting.set(order, { side, price })
    this.note(order)
  }

  orderChanged(order: OrderHandle, price: Price): void {
    this.note(order)
    const side = this.resting.get(order)?.side
    if (side !== undefined) this.resting.set(order, { side, price })
    this.note(order)
  }

  orderReduced(order: OrderHandle): void {
    this.note(order)
  }

  orderRemoved(order: OrderHandle): void {
    this.note(order)
    this.resting.delete(order)
  }
}
