import {
  type Archive,
  decimalText,
  type Micros,
  NO_ORDER,
  type OrderHandle,
  QuietSink,
  type StreamState,
} from '../../../src/index.ts'

// region queue-position
/** How the size in front of an order shrank from its arrival to its end. */
export const queuePosition = async (
  archive: Archive,
  stream: string,
  id: string,
): Promise<readonly { readonly time: Micros; readonly ahead: string }[]> => {
  const steps: { time: Micros; ahead: string }[] = []
  let followed: OrderHandle = NO_ORDER
  class Arrival extends QuietSink {
    private readonly state: StreamState
    constructor(state: StreamState) {
      super()
      this.state = state
    }
    override orderOpened(order: OrderHandle): void {
      if (this.state.orderId(order) === id) followed = order
    }
  }
  await archive.visit(
    { streams: [stream] },
    {
      sinkOf: (state) => new Arrival(state),
      transactionEnded: ({ book, receiveTime }) => {
        const size = followed === NO_ORDER ? undefined : book.sizeAhead(followed)
        // A handle is used again once its order is gone.
        if (size === undefined) followed = NO_ORDER
        else if (decimalText(size, book.sizeScale) !== steps.at(-1)?.ahead)
          steps.push({ time: receiveTime, ahead: decimalText(size, book.sizeScale) })
      },
    },
  )
  return steps
}
// endregion
