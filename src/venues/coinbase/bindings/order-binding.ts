/** Where the fields of a sequenced message stand in a row: one shape for `full` and `level3`. */
import type { FrameTemplate } from '../../../log/frame-row.ts'
import type { RemovalCause } from '../../../market/event.ts'
import { isFullMessage, type Message } from '../frames.ts'
import { type FullMessage, removalCause } from '../full.ts'
import { type Columns, isLevel3Row, type Level3Row } from '../level3.ts'
import { NO_SLOT, SlotFinder } from './slot-finder.ts'

/** Slots, NO_SLOT where the kind has no such field. */
export interface OrderBinding {
  readonly type: FullMessage['type'] | 'noop'
  readonly sequence: number
  readonly time: number
  readonly order: number
  readonly maker: number
  readonly taker: number
  readonly price: number
  readonly size: number
  readonly oldPrice: number
  readonly oldSize: number
  readonly tradeId: number
  /** Whether any of the five above is told. */
  readonly hasAmounts: boolean
  /** Undefined where the venue does not tell it. */
  readonly side: 'buy' | 'sell' | undefined
  readonly cause: RemovalCause
}

const NOTHING = {
  order: NO_SLOT,
  maker: NO_SLOT,
  taker: NO_SLOT,
  price: NO_SLOT,
  size: NO_SLOT,
  oldPrice: NO_SLOT,
  oldSize: NO_SLOT,
  tradeId: NO_SLOT,
  side: undefined,
  cause: 'unknown',
} as const

const AMOUNTS = ['price', 'size', 'oldPrice', 'oldSize', 'tradeId'] as const

/** One literal: bindings of all types have one shape. */
const bindingOf = (
  type: OrderBinding['type'],
  sequence: number,
  time: number,
  told: Partial<OrderBinding>,
): OrderBinding => {
  const { order, maker, taker, price, size, oldPrice, oldSize, tradeId, side, cause } = {
    ...NOTHING,
    ...told,
  }
  const hasAmounts = AMOUNTS.some((name) => (told[name] ?? NO_SLOT) >= 0)
  return { type, sequence, time, order, maker, taker, price, size, oldPrice, oldSize, tradeId, hasAmounts, side, cause } // prettier-ignore
}

const fieldsOf = (message: FullMessage, slots: SlotFinder): Partial<OrderBinding> => {
  switch (message.type) {
    case 'received':
      return { order: slots.find(message.order_id, 'id') }
    case 'open':
      return {
        order: slots.find(message.order_id, 'id'),
        side: message.side,
        price: slots.find(message.price, 'number'),
        size: slots.find(message.remaining_size, 'number'),
      }
    case 'done':
      return { order: slots.find(message.order_id, 'id'), cause: removalCause(message.reason) }
    case 'match':
      return {
        maker: slots.find(message.maker_order_id, 'id'),
        taker: slots.find(message.taker_order_id, 'id'),
        side: message.side,
        price: slots.find(message.price, 'number'),
        size: slots.find(message.size, 'number'),
        tradeId: slots.findOptional(message.trade_id, 'number'),
      }
    case 'change':
      return {
        order: slots.find(message.order_id, 'id'),
        price: slots.findOptional(message.new_price ?? message.price, 'number'),
        oldPrice: slots.findOptional(message.old_price ?? message.price, 'number'),
        size: slots.findOptional(message.new_size, 'number'),
        oldSize: slots.findOptional(message.old_size, 'number'),
      }
  }
}

/** `sample`: a message of the `full` channel as its template shows it. Undefined where only the text can be read. */
export const bindFull = (
  type: FullMessage['type'],
  sample: Message,
  template: FrameTemplate,
): OrderBinding | undefined => {
  if (!isFullMessage(type, sample) || typeof sample.sequence !== 'number') return undefined
  const slots = new SlotFinder(template)
  const message = sample as FullMessage
  const sequence = slots.find(sample.sequence, 'number')
  const time = slots.find(message.time, 'time')
  const binding = bindingOf(type, sequence, time, fieldsOf(message, slots))
  return slots.isBound ? binding : undefined
}

type RowType = 'open' | 'done' | 'match' | 'change' | 'noop'

const cellsOf = (
  type: RowType,
  row: Level3Row,
  columns: Columns,
  slots: SlotFinder,
): Partial<OrderBinding> => {
  const order = (): number => slots.find(row[columns.order], 'id')
  const amounts = (): Partial<OrderBinding> => ({
    price: slots.find(row[columns.price], 'number'),
    size: slots.find(row[columns.size], 'number'),
  })
  switch (type) {
    case 'open':
      return { order: order(), side: row[columns.side] === 'buy' ? 'buy' : 'sell', ...amounts() }
    case 'done':
      return { order: order() }
    case 'change':
      return { order: order(), ...amounts() }
    case 'match':
      return {
        maker: slots.find(row[columns.maker], 'id'),
        taker: slots.find(row[columns.taker], 'id'),
        ...amounts(),
      }
    case 'noop':
      return {}
  }
}

const isRowType = (type: unknown): type is RowType =>
  type === 'open' || type === 'done' || type === 'match' || type === 'change' || type === 'noop'

/** As `bindFull`, of a row of `level3` under the schema that these columns come from. */
export const bindLevel3 = (
  sample: readonly unknown[],
  columns: Columns,
  template: FrameTemplate,
): OrderBinding | undefined => {
  const [type] = sample
  if (!isRowType(type) || !isLevel3Row(sample, columns)) return undefined
  const slots = new SlotFinder(template)
  const sequence = slots.find(sample[columns.sequence], 'number')
  const time = slots.find(sample[columns.time], 'time')
  const binding = bindingOf(type, sequence, time, cellsOf(type, sample as Level3Row, columns, slots))
  return slots.isBound ? binding : undefined
}
