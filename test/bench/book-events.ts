/** Events for books, decoded into columns beforehand, so that a benchmark measures books alone. */
import { Engine } from '../../simulator/engine/engine.ts'
import type { EngineEvent } from '../../simulator/engine/engine-event.ts'
import { FLOW_PRESETS } from '../../simulator/engine/flow-preset.ts'
import { OrderFlow } from '../../simulator/engine/order-flow.ts'

export const OPEN = 0
export const CHANGE = 1
export const REDUCE = 2
export const REMOVE = 3

/** Events of a book by order; of a removal, price and size mean nothing. */
export interface OrderEvents {
  readonly count: number
  readonly kinds: Uint8Array
  /** Handles as a decoder gives them: small, dense, used again. */
  readonly orders: Int32Array
  readonly isBid: Uint8Array
  readonly prices: Float64Array
  readonly sizes: Float64Array
}

/** Levels set; size 0 deletes. */
export interface LevelEvents {
  readonly count: number
  readonly isBid: Uint8Array
  readonly prices: Float64Array
  readonly sizes: Float64Array
}

type Row = readonly [kind: number, order: number, isBid: number, price: number, size: number]

export const orderEventsOf = (rows: readonly Row[]): OrderEvents => ({
  count: rows.length,
  kinds: Uint8Array.from(rows, ([kind]) => kind),
  orders: Int32Array.from(rows, ([, order]) => order),
  isBid: Uint8Array.from(rows, ([, , isBid]) => isBid),
  prices: Float64Array.from(rows, ([, , , price]) => price),
  sizes: Float64Array.from(rows, ([, , , , size]) => size),
})

export const levelEventsOf = (
  rows: readonly (readonly [isBid: number, price: number, size: number])[],
): LevelEvents => ({
  count: rows.length,
  isBid: Uint8Array.from(rows, ([isBid]) => isBid),
  prices: Float64Array.from(rows, ([, price]) => price),
  sizes: Float64Array.from(rows, ([, , size]) => size),
})

interface Told {
  readonly handle: number
  size: number
}

/** Orders as the events told them, with handles: the last one given up is used first. */
class ToldOrders {
  private readonly known = new Map<number, Told>()
  private readonly free: number[] = []
  private next = 0

  open(order: number, size: number): number {
    const handle = this.free.pop() ?? this.next++
    this.known.set(order, { handle, size })
    return handle
  }

  find(order: number): Told {
    const told = this.known.get(order)
    if (told === undefined) throw new Error(`order ${String(order)} was never opened`)
    return told
  }

  /** Undefined when it was never opened. */
  release(order: number): Told | undefined {
    const told = this.known.get(order)
    if (told === undefined) return undefined
    this.known.delete(order)
    this.free.push(told.handle)
    return told
  }
}

const rowOf = (event: EngineEvent, told: ToldOrders): Row | undefined => {
  const isBid = event.kind !== 'received' && event.side === 'buy' ? 1 : 0
  switch (event.kind) {
    case 'open':
      return [OPEN, told.open(event.order, event.remaining), isBid, event.price, event.remaining]
    case 'match': {
      const maker = told.find(event.maker)
      maker.size -= event.size
      return [REDUCE, maker.handle, isBid, event.price, event.size]
    }
    case 'change': {
      const { newPrice, newSize } = event
      if (!event.isOpen || newPrice === undefined || newSize === undefined) return undefined
      const order = told.find(event.order)
      order.size = newSize
      return [CHANGE, order.handle, isBid, newPrice, newSize]
    }
    case 'done': {
      const order = told.release(event.order)
      // What nothing is left of has gone by its last match.
      return order === undefined || order.size === 0 ? undefined : [REMOVE, order.handle, isBid, 0, 0]
    }
    case 'received':
      return undefined
  }
}

/** The book of the busy preset with so many resting orders, and then so many events at least. */
export const busyOrderEvents = (
  orders: number,
  events: number,
): { readonly opening: OrderEvents; readonly events: OrderEvents } => {
  const engine = new Engine({ priceScale: 2, sizeScale: 8 })
  const { eventsPerAction, rate } = FLOW_PRESETS.busy
  const flow = new OrderFlow({
    ...{ engine, seed: 7, startTime: 1e15, price: 6e6, size: 2e6, orders },
    ...{ meanGap: (eventsPerAction * 1e6) / rate, preset: 'busy' },
  })
  let rows: Row[] = []
  const told = new ToldOrders()
  engine.subscribe((event) => {
    const row = rowOf(event, told)
    if (row !== undefined) rows.push(row)
  })
  flow.fill()
  const opening = orderEventsOf(rows)
  rows = []
  while (rows.length < events) flow.step()
  return { opening, events: orderEventsOf(rows) }
}

/** What happens to the levels under such events. */
export const levelEventsBehind = ({ opening, events }: ReturnType<typeof busyOrderEvents>): LevelEvents => {
  const resting = new Map<number, { readonly isBid: number; price: number; size: number }>()
  const totals = [new Map<number, number>(), new Map<number, number>()] as const
  const rows: [number, number, number][] = []
  const add = (isBid: number, price: number, size: number): void => {
    const side = totals[isBid === 1 ? 1 : 0]
    const total = (side.get(price) ?? 0) + size
    if (total === 0) side.delete(price)
    else side.set(price, total)
    rows.push([isBid, price, total])
  }
  for (const { count, kinds, orders, isBid, prices, sizes } of [opening, events])
    for (let index = 0; index < count; index++) {
      const [order = 0, kind, price = 0, size = 0] = [
        orders[index],
        kinds[index],
        prices[index],
        sizes[index],
      ]
      const found = resting.get(order)
      if (kind === OPEN) {
        resting.set(order, { isBid: isBid[index] ?? 0, price, size })
        add(isBid[index] ?? 0, price, size)
      } else if (found !== undefined) {
        const left = kind === REDUCE ? found.size - size : kind === REMOVE ? 0 : size
        const next = kind === CHANGE ? price : found.price
        if (next === found.price) add(found.isBid, next, left - found.size)
        else {
          add(found.isBid, found.price, -found.size)
          add(found.isBid, next, left)
        }
        if (left === 0) resting.delete(order)
        else resting.set(order, { isBid: found.isBid, price: next, size: left })
      }
    }
  return levelEventsOf(rows)
}
