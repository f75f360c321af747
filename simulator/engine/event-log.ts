/** Numbers the events of a transaction, holds them until it is over, then tells the listeners. */
import type {
  ChangeEvent,
  DoneEvent,
  EngineEvent,
  EngineListener,
  MatchEvent,
  OpenEvent,
  OrderSide,
  ReceivedEvent,
} from './engine-event.ts'

/** An event without what the log adds. */
export type Body<Event extends EngineEvent> = Omit<Event, 'kind' | 'number' | 'time' | 'last'>

type Unfinished = { last: boolean } & Omit<EngineEvent, 'last'>

export class EventLog {
  private readonly listeners: EngineListener[] = []
  /** Of this transaction; behind them may stand those of a longer one before. */
  private readonly pending: EngineEvent[] = []
  private count = 0
  private number: number
  private time = 0

  /** `firstNumber`: the number of the first event. */
  constructor(firstNumber: number) {
    this.number = firstNumber - 1
  }

  get lastNumber(): number {
    return this.number
  }

  get lastTime(): number {
    return this.time
  }

  subscribe(listener: EngineListener): () => void {
    this.listeners.push(listener)
    return () => {
      const index = this.listeners.indexOf(listener)
      if (index >= 0) this.listeners.splice(index, 1)
    }
  }

  /** A transaction begins. Time never runs backwards. */
  begin(time: number): void {
    if (!Number.isSafeInteger(time) || time < this.time)
      throw new Error(`time ${String(time)} is before ${String(this.time)}`)
    if (this.count > 0) throw new Error('a listener may not change the book')
    this.time = time
  }

  // One whole literal for each kind: spreading bodies into events costs more than matching them.

  received(
    order: number,
    side: OrderSide,
    price: number | undefined,
    size: number | undefined,
    funds: number | undefined,
  ): void {
    const number = ++this.number
    const { time } = this
    const event: ReceivedEvent = { kind: 'received', number, time, last: false, order, side, price, size, funds } // prettier-ignore
    this.pending[this.count++] = event
  }

  open(order: number, side: OrderSide, price: number, remaining: number): void {
    const number = ++this.number
    const { time } = this
    const event: OpenEvent = { kind: 'open', number, time, last: false, order, side, price, remaining }
    this.pending[this.count++] = event
  }

  match({ trade, maker, taker, side, price, size }: Body<MatchEvent>): void {
    const number = ++this.number
    const { time } = this
    const event: MatchEvent = { kind: 'match', number, time, last: false, trade, maker, taker, side, price, size } // prettier-ignore
    this.pending[this.count++] = event
  }

  done({ order, side, reason, price, remaining, wasOpen }: Body<DoneEvent>): void {
    const number = ++this.number
    const { time } = this
    const event: DoneEvent = { kind: 'done', number, time, last: false, order, side, reason, price, remaining, wasOpen } // prettier-ignore
    this.pending[this.count++] = event
  }

  change(body: Body<ChangeEvent>): void {
    this.number++
    this.pending[this.count++] = {
      kind: 'change',
      number: this.number,
      time: this.time,
      last: false,
      reason: body.reason,
      order: body.order,
      side: body.side,
      oldPrice: body.oldPrice,
      newPrice: body.newPrice,
      oldSize: body.oldSize,
      newSize: body.newSize,
      oldFunds: body.oldFunds,
      newFunds: body.newFunds,
      isOpen: body.isOpen,
    }
  }

  /** The transaction is over: its events go out. */
  end(): void {
    const { pending, listeners, count } = this
    if (count === 0) return
    const final = pending[count - 1] as Unfinished
    final.last = true
    for (let index = 0; index < count; index++) {
      const event = pending[index] as EngineEvent
      for (const listener of listeners) listener(event)
    }
    this.count = 0
  }
}
