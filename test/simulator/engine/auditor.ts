/** Follows engine events with naive bookkeeping of its own and throws at the first one that is not legal. */
import type { Engine, OrderRow } from '../../../simulator/engine/engine.ts'
import type {
  ChangeEvent,
  DoneEvent,
  EngineEvent,
  MatchEvent,
  OrderSide,
} from '../../../simulator/engine/engine-event.ts'

interface Known {
  readonly id: number
  readonly side: OrderSide
  price: number | undefined
  /** Remaining; undefined for a market order by funds alone. */
  size: number | undefined
  state: 'received' | 'open' | 'done'
  /** Taken by an order on the book, not yet told of it: a match is told of its maker only. */
  untold: number
}

const fail = (event: EngineEvent, what: string): never => {
  throw new Error(`${what}: ${JSON.stringify(event)}`)
}

export class Auditor {
  readonly kinds = new Map<string, number>()
  received = 0
  done = 0
  /** Sizes that came in by limit orders and amendments, minus those that went out. */
  balance = 0
  private readonly orders = new Map<number, Known>()
  /** Resting, in order of priority time. */
  private resting: Known[] = []
  private number: number
  private trade: number | undefined
  private time = 0
  private transactionTime: number | undefined
  /** The order on the book that was amended in this transaction: it may take. */
  private amended: Known | undefined
  private readonly engine: Engine
  private readonly comparesBooks: boolean

  /** `comparesBooks`: compare every order with the engine's book after each transaction (slow). */
  constructor(engine: Engine, comparesBooks: boolean) {
    this.engine = engine
    this.comparesBooks = comparesBooks
    this.number = engine.lastNumber
    engine.subscribe((event) => this.apply(event))
  }

  get restingSize(): number {
    return this.resting.reduce((sum, { size }) => sum + (size ?? 0), 0)
  }

  /** Orders of a side as the events tell them: best price first, then priority. */
  book(side: OrderSide): OrderRow[] {
    const sign = side === 'buy' ? -1 : 1
    return this.resting
      .filter((order) => order.side === side)
      .map(({ id, price, size }) => ({ id, side, price: price ?? NaN, size: size ?? NaN }))
      .sort((left, right) => sign * (left.price - right.price))
  }

  private apply(event: EngineEvent): void {
    this.kinds.set(kindOf(event), (this.kinds.get(kindOf(event)) ?? 0) + 1)
    if (event.number !== ++this.number) fail(event, 'numbers are not consecutive')
    if (event.time < this.time) fail(event, 'time runs backwards')
    if (this.transactionTime !== undefined && event.time !== this.transactionTime)
      fail(event, 'two times in one transaction')
    this.time = event.time
    this.transactionTime = event.last ? undefined : event.time
    if (event.kind === 'received') this.receive(event)
    else if (event.kind === 'open') this.open(event)
    else if (event.kind === 'match') this.match(event)
    else if (event.kind === 'done') this.finish(event)
    else this.change(event)
    if (!event.last) return
    if (this.amended !== undefined && this.amended.untold > 0) fail(event, 'what is left was not told')
    this.amended = undefined
    this.compare(event)
  }

  private known(event: EngineEvent, id: number): Known {
    return this.orders.get(id) ?? fail(event, 'order was never received')
  }

  private receive(event: EngineEvent & { kind: 'received' }): void {
    const { order: id, side, price, size } = event
    if (this.orders.has(id)) fail(event, 'received twice')
    this.received++
    if (price !== undefined) this.balance += size ?? 0
    this.orders.set(id, { id, side, price, size, state: 'received', untold: 0 })
  }

  private open(event: EngineEvent & { kind: 'open' }): void {
    const order = this.known(event, event.order)
    if (order.state !== 'received') fail(event, 'opened twice or after its end')
    if (order.price !== event.price || order.size !== event.remaining || event.remaining <= 0)
      fail(event, 'opened with another price or size than is left')
    order.state = 'open'
    this.resting.push(order)
  }

  private match(event: MatchEvent): void {
    const maker = this.known(event, event.maker)
    const taker = this.known(event, event.taker)
    if (this.trade !== undefined && event.trade !== this.trade + 1) fail(event, 'trades are not consecutive')
    this.trade = event.trade
    const mayTake = taker.state === 'received' || (taker.state === 'open' && taker === this.amended)
    if (!mayTake || taker.side === event.side) fail(event, 'no such taker')
    const first = this.firstOf(event.side)
    if (first !== maker) fail(event, `maker has no priority, ${String(first?.id)} has`)
    if (maker.price !== event.price) fail(event, 'not at the price of the maker')
    if (
      taker.price !== undefined &&
      (taker.side === 'buy' ? event.price > taker.price : event.price < taker.price)
    )
      fail(event, 'beyond the limit of the taker')
    if (taker.state === 'open') {
      taker.untold += event.size
      this.balance -= event.size
      if (taker.untold > (taker.size ?? 0)) fail(event, 'more than there is')
    }
    for (const order of taker.state === 'open' ? [maker] : [maker, taker]) {
      if (order.size === undefined) continue
      order.size -= event.size
      if (order.size < 0 || event.size <= 0) fail(event, 'more than there is')
      if (order.price !== undefined) this.balance -= event.size
    }
    if (maker.size === 0) this.resting = this.resting.filter((order) => order !== maker)
  }

  private firstOf(side: OrderSide): Known | undefined {
    let first: Known | undefined
    for (const order of this.resting) {
      if (order.side !== side || order.price === undefined) continue
      const isBetter =
        first?.price === undefined || (side === 'buy' ? order.price > first.price : order.price < first.price)
      if (isBetter) first = order
    }
    return first
  }

  private finish(event: DoneEvent): void {
    const order = this.known(event, event.order)
    if (order.state === 'done') fail(event, 'done twice')
    if (event.wasOpen !== (order.state === 'open')) fail(event, 'wasOpen is wrong')
    if (event.price !== order.price) fail(event, 'another price than its own')
    if (order.size !== undefined) order.size -= order.untold
    order.untold = 0
    if (order.price === undefined ? event.remaining !== undefined : event.remaining !== order.size)
      fail(event, 'another remaining size than is left')
    if (order.price !== undefined && (event.reason === 'filled') !== (order.size === 0))
      fail(event, 'the reason does not fit what remains')
    if (order.price !== undefined) this.balance -= order.size ?? 0
    order.state = 'done'
    this.done++
    this.resting = this.resting.filter((other) => other !== order)
    this.orders.set(order.id, order)
  }

  private change(event: ChangeEvent): void {
    const order = this.known(event, event.order)
    if (order.state === 'done' || event.isOpen !== (order.state === 'open'))
      fail(event, 'changed after its end')
    if (event.oldPrice !== order.price) fail(event, 'old price is wrong')
    if (event.oldSize !== undefined && event.oldSize !== order.size) fail(event, 'old size is wrong')
    if (event.reason === 'stp') {
      if (event.newPrice !== event.oldPrice) fail(event, 'prevention does not move')
      const [before, after] =
        event.oldFunds === undefined ? [event.oldSize, event.newSize] : [event.oldFunds, event.newFunds]
      if (before === undefined || after === undefined || after >= before || after < 0)
        fail(event, 'does not shrink')
    }
    if (event.newSize === undefined) return
    if (order.untold > 0) {
      if (event.reason === 'stp' || event.newSize !== (order.size ?? 0) - order.untold)
        fail(event, 'not what is left')
      this.balance += order.untold
      order.untold = 0
    }
    if (event.reason === 'modify') this.amended = order
    if (order.price !== undefined) this.balance += event.newSize - (order.size ?? 0)
    const staysPut = event.newPrice === order.price && event.newSize < (order.size ?? 0)
    order.price = event.newPrice
    order.size = event.newSize
    if (event.reason === 'stp' || staysPut) return
    this.resting = [...this.resting.filter((other) => other !== order), order]
  }

  private compare(event: EngineEvent): void {
    const bid = this.engine.best('buy')
    const ask = this.engine.best('sell')
    if (bid !== undefined && ask !== undefined && bid >= ask)
      fail(event, `crossed: ${String(bid)} ${String(ask)}`)
    if (this.comparesBooks) this.compareBooks(event)
  }

  /** Throws unless the engine's book is the one that the events tell. */
  compareBooks(event: EngineEvent | undefined): void {
    for (const side of ['buy', 'sell'] as const) {
      const told = this.book(side)
      const held = this.engine.orders(side)
      if (JSON.stringify(told) !== JSON.stringify(held))
        throw new Error(`${side} books differ after ${JSON.stringify(event)}`)
      if (this.engine.orderCount(side) !== told.length) throw new Error('order count is wrong')
      for (const level of this.engine.levels(side)) {
        const rows = told.filter(({ price }) => price === level.price)
        const sum = rows.reduce((total, { size }) => total + size, 0)
        if (
          rows.length !== level.orders ||
          sum !== level.size ||
          this.engine.sizeAt(side, level.price) !== sum
        )
          throw new Error(`level ${String(level.price)} is wrong`)
      }
    }
  }
}

/** The kind of a message as protocols tell them apart. */
export const kindOf = (event: EngineEvent): string => {
  switch (event.kind) {
    case 'received':
      return `received ${event.price !== undefined ? 'limit' : `market${event.size === undefined ? '' : ' size'}${event.funds === undefined ? '' : ' funds'}`}`
    case 'done':
      return `done ${event.reason} ${event.price === undefined ? 'market' : event.wasOpen ? 'open' : 'never open'}`
    case 'change':
      return `change ${event.reason}${event.oldFunds === undefined ? '' : ' funds'} ${event.isOpen ? 'open' : 'never open'}`
    case 'open':
    case 'match':
      return event.kind
  }
}
