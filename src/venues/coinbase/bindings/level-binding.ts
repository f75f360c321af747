/** Where the fields of a `level2` message and of a keyless trade stand in a row. */
import type { FrameTemplate } from '../../../log/frame-row.ts'
import { listSlotOf, sampleOf } from '../../template-sample.ts'
import { LevelChange, LevelSnapshot, type Message, Trade } from '../frames.ts'
import { hasLists, NO_SLOT, SlotFinder, textSlotsOf } from './slot-finder.ts'

/** A trade of the `matches` channel. */
export interface TradeBinding {
  readonly side: 'buy' | 'sell'
  readonly price: number
  readonly size: number
  readonly time: number
  readonly tradeId: number
  readonly sequence: number
}

/** Undefined where only the text can be read. */
export const bindTrade = (sample: Message, template: FrameTemplate): TradeBinding | undefined => {
  if (!Trade.is(sample)) return undefined
  const slots = new SlotFinder(template)
  const binding = {
    side: sample.side,
    price: slots.find(sample.price, 'number'),
    size: slots.find(sample.size, 'number'),
    time: slots.find(sample.time, 'time'),
    tradeId: slots.findOptional(sample.trade_id, 'number'),
    sequence: slots.findOptional(sample.sequence, 'number'),
  }
  return slots.isBound ? binding : undefined
}

/** The lists of a snapshot (an empty side has none) or of an update, and the time. */
export interface LevelBinding {
  readonly isSnapshot: boolean
  readonly bids: number
  readonly asks: number
  readonly changes: number
  readonly time: number
  /** How many slots the template has. */
  readonly slotCount: number
  readonly lists: readonly number[]
}

const sideOf = (side: readonly unknown[], template: FrameTemplate, slots: SlotFinder): number => {
  if (side.length === 0) return NO_SLOT
  const list = listSlotOf(side, template)
  if (list < 0) slots.isBound = false
  return list
}

/** `sample`: a message of type `snapshot`, else `l2update`. Undefined where only the text can be read. */
export const bindLevels = (
  isSnapshot: boolean,
  sample: Message & { readonly changes?: unknown; readonly time?: unknown },
  template: FrameTemplate,
): LevelBinding | undefined => {
  const slots = new SlotFinder(template)
  if (isSnapshot && !LevelSnapshot.is(sample)) return undefined
  const rows = LevelSnapshot.is(sample) ? sample : { bids: [], asks: [] }
  const binding = {
    isSnapshot,
    bids: isSnapshot ? sideOf(rows.bids, template, slots) : NO_SLOT,
    asks: isSnapshot ? sideOf(rows.asks, template, slots) : NO_SLOT,
    changes: isSnapshot ? NO_SLOT : listSlotOf(sample.changes, template),
    time: slots.findOptional(sample.time, 'time'),
    slotCount: template.slots.length,
    lists: template.slots.flatMap(({ kind }, slot) => (kind === 'list' ? [slot] : [])),
  }
  if (!slots.isBound || (!isSnapshot && binding.changes < 0)) return undefined
  // A list that nobody reads has elements that nobody checks.
  const read = [binding.bids, binding.asks, binding.changes]
  return binding.lists.every((list) => read.includes(list)) ? binding : undefined
}

/** An element of a list: a row `[price, size, …]` of a snapshot, a change `[side, price, size]`, or `none` of them. */
export interface ElementBinding {
  readonly kind: 'row' | 'change' | 'none'
  readonly side: 'buy' | 'sell'
  readonly price: number
  readonly size: number
  readonly texts: readonly number[]
  readonly slotCount: number
}

export const bindElement = (template: FrameTemplate): ElementBinding => {
  const cells = sampleOf(template)?.value
  const none = { kind: 'none', side: 'buy', price: NO_SLOT, size: NO_SLOT, texts: [], slotCount: 0 } as const
  if (!Array.isArray(cells) || hasLists(template)) return none
  const row = cells as readonly unknown[]
  const isChange = LevelChange.is(row)
  const [priceCell, sizeCell] = isChange ? [row[1], row[2]] : row
  const slots = new SlotFinder(template)
  const binding = {
    kind: isChange ? 'change' : 'row',
    side: isChange ? row[0] : 'buy',
    price: slots.find(priceCell, 'number'),
    size: slots.find(sizeCell, 'number'),
    texts: textSlotsOf(template),
    slotCount: template.slots.length,
  } as const
  const isQuoted = typeof priceCell === 'string' && typeof sizeCell === 'string'
  return slots.isBound && isQuoted ? binding : none
}
