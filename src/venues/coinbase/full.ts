/** Messages of the `full` channel as deeds of a book by orders. Takes messages whose shape was checked. */
import type { RemovalCause } from '../../market/event.ts'
import type { DecoderSink } from '../venue.ts'
import type { Failure } from './failure.ts'
import type { Change, Done, Match, Open, Received } from './frames.ts'
import { type OrderEvents, unknownMaker } from './order-events.ts'
import type { TransactionClock } from './transactions.ts'

/** A message of `full` by its kind. */
export type FullMessage =
  | ({ readonly type: 'received' } & Received)
  | ({ readonly type: 'open' } & Open)
  | ({ readonly type: 'done' } & Done)
  | ({ readonly type: 'match' } & Match)
  | ({ readonly type: 'change' } & Change)

/** Why an order is gone, by the venue's reason. */
export const removalCause = (reason: string | null | undefined): RemovalCause =>
  reason === 'filled' || reason === 'canceled' ? reason : 'unknown'

/** Self-trade prevention has `price` alone, an amendment `old_price` and `new_price`. */
const applyChange = (message: Change, events: OrderEvents, sink: DecoderSink): Failure | undefined =>
  events.change(
    events.ids.find(message.order_id),
    { old: message.old_price ?? message.price, next: message.new_price ?? message.price },
    { old: message.old_size, next: message.new_size },
    sink,
  )

/** Applies a message to the book; the stamp was set. */
export const applyFull = (
  message: FullMessage,
  events: OrderEvents,
  transactions: TransactionClock,
  sink: DecoderSink,
): Failure | undefined => {
  const { ids, scales } = events
  switch (message.type) {
    case 'received':
      transactions.takerEntered(message.order_id)
      return undefined
    case 'open': {
      transactions.takerLeft(message.order_id)
      const failure = scales.read(message.price, message.remaining_size, sink)
      if (failure === undefined) events.open(ids.add(message.order_id), message.side, sink)
      return failure
    }
    case 'done':
      transactions.takerLeft(message.order_id)
      events.done(ids.find(message.order_id), removalCause(message.reason), sink)
      return undefined
    case 'match': {
      transactions.takerEntered(message.taker_order_id)
      const failure = scales.read(message.price, message.size, sink)
      if (failure !== undefined) return failure
      const maker = ids.find(message.maker_order_id)
      const isKnown = events.match(message.trade_id, maker, message.side, sink)
      return isKnown ? undefined : unknownMaker(message.maker_order_id)
    }
    case 'change':
      return applyChange(message, events, sink)
  }
}
