/**
 * The only frames the player makes up beside heartbeats: where a capture is a REST book alone, one message that changes
 * nothing and follows the book's sequence. A client asks for the book once such a message came, and goes live with it.
 */
import { LEVEL3_SCHEMA } from '../venues/coinbase-render.ts'

const ORDER = '00000000-0000-4000-8000-000000000000'

/** `channel`: `full` or `level3`; `sequence`: the book's own. */
export const openingFrames = (
  channel: string,
  product: string,
  sequence: number,
  time: string,
): readonly string[] => {
  const next = sequence + 1
  if (channel === 'level3') {
    return [LEVEL3_SCHEMA, JSON.stringify(['noop', product, String(next), time])]
  }
  const order = { order_id: ORDER, order_type: 'limit', side: 'buy', size: '1', price: '1' }
  return [JSON.stringify({ type: 'received', product_id: product, time, sequence: next, ...order })]
}
