/** What a template's frames are to a Coinbase stream, found once from the template alone. */
import type { FrameTemplate } from '../../../log/frame-row.ts'
import { sampleOf, slotOf } from '../../template-sample.ts'
import type { Message } from '../frames.ts'
import type { FullMessage } from '../full.ts'
import type { Columns } from '../level3.ts'
import { bindLevels, bindTrade, type LevelBinding, type TradeBinding } from './level-binding.ts'
import { bindFull, bindLevel3, type OrderBinding } from './order-binding.ts'
import { hasLists, NO_SLOT, textSlotsOf } from './slot-finder.ts'

/** Where the product is told: in the template, or as a text in the row where its name has a digit. */
export interface ProductPlace {
  readonly constant: string
  readonly slot: number
}

/** Frames that must be read as text. */
interface TextFrame {
  readonly kind: 'text'
}

/** Where a heartbeat says how far its product is; NO_SLOT: it does not. */
export interface BeatPlaces {
  readonly sequence: number
  readonly tradeId: number
}

/** Messages that only show that the stream delivers. */
interface SignFrame {
  readonly kind: 'sign'
  readonly product: ProductPlace
  readonly texts: readonly number[]
  /** Of heartbeats. */
  readonly beat: BeatPlaces | undefined
}

/** Messages of `full`; a match may be a keyless trade instead. */
export interface FullFrame {
  readonly kind: 'full'
  readonly type: FullMessage['type']
  readonly product: ProductPlace
  readonly texts: readonly number[]
  readonly order: OrderBinding | undefined
  readonly trade: TradeBinding | undefined
  /** The product stands in the template, and no text in the row. */
  readonly isDirect: boolean
}

export interface LevelFrame {
  readonly kind: 'levels'
  /** Where the type stands, which must be LEVEL_UPDATE: it has a digit, so that it is no constant. NO_SLOT: a snapshot. */
  readonly typeSlot: number
  readonly product: ProductPlace
  readonly texts: readonly number[]
  readonly levels: LevelBinding
}

/** A row of `level3`; its columns mean what the schema at hand says. */
export class Level3Frame {
  readonly kind = 'level3'
  readonly cells: readonly unknown[]
  readonly texts: readonly number[]
  private readonly template: FrameTemplate
  private columns: Columns | undefined
  /** Under `columns`. */
  order: OrderBinding | undefined
  product: ProductPlace | undefined

  constructor(cells: readonly unknown[], template: FrameTemplate) {
    this.cells = cells
    this.texts = textSlotsOf(template)
    this.template = template
  }

  /** Binds to these columns, unless it did already. */
  under(columns: Columns): void {
    if (columns === this.columns) return
    this.columns = columns
    this.order = bindLevel3(this.cells, columns, this.template)
    this.product = productPlaceOf(this.cells[columns.product], this.template)
  }
}

export type FrameBinding = TextFrame | SignFrame | FullFrame | LevelFrame | Level3Frame

export const LEVEL_UPDATE = 'l2update'

const AS_TEXT: TextFrame = { kind: 'text' }

/** Undefined where the product is neither a constant nor a text. */
const productPlaceOf = (value: unknown, template: FrameTemplate): ProductPlace | undefined => {
  if (typeof value !== 'string') return undefined
  const slot = slotOf(value)
  if (slot < 0) return { constant: value, slot: NO_SLOT }
  return template.slots[slot]?.kind === 'text' ? { constant: '', slot } : undefined
}

const numberSlotOf = (value: unknown, template: FrameTemplate): number =>
  typeof value === 'number' && template.slots[value]?.kind === 'number' ? value : NO_SLOT

const bindMessage = (message: Message, template: FrameTemplate): FrameBinding => {
  const product = productPlaceOf(message.product_id, template)
  if (product === undefined) return AS_TEXT
  const texts = textSlotsOf(template)
  const { type } = message
  switch (type) {
    case 'received':
    case 'open':
    case 'done':
    case 'match':
    case 'change': {
      if (hasLists(template)) return AS_TEXT
      const trade = type === 'match' ? bindTrade(message, template) : undefined
      const isDirect = product.slot < 0 && texts.length === 0
      return { kind: 'full', type, product, texts, order: bindFull(type, message, template), trade, isDirect }
    }
    case 'snapshot': {
      const levels = bindLevels(true, message, template)
      return levels === undefined ? AS_TEXT : { kind: 'levels', typeSlot: NO_SLOT, product, texts, levels }
    }
    case 'heartbeat': {
      if (hasLists(template)) return AS_TEXT
      const beat = {
        sequence: numberSlotOf(message.sequence, template),
        tradeId: numberSlotOf(message.last_trade_id, template),
      }
      return { kind: 'sign', product, texts, beat }
    }
    case 'ticker':
    case 'last_match':
    case 'auction':
    case 'rfq_match':
      return hasLists(template) ? AS_TEXT : { kind: 'sign', product, texts, beat: undefined }
    default: {
      const typeSlot = slotOf(type)
      // The digit in "l2update" makes it a text of the row; an order's id in its place would be none.
      const isText = template.slots[typeSlot]?.kind === 'text'
      const levels = isText ? bindLevels(false, message, template) : undefined
      return levels === undefined ? AS_TEXT : { kind: 'levels', typeSlot, product, texts, levels }
    }
  }
}

export const bindFrame = (template: FrameTemplate): FrameBinding => {
  const value = sampleOf(template)?.value
  if (Array.isArray(value))
    return hasLists(template) ? AS_TEXT : new Level3Frame(value as readonly unknown[], template)
  return typeof value === 'object' && value !== null ? bindMessage(value, template) : AS_TEXT
}
