/** A book rebuilt from exported rows of events and from nothing else: plain maps and arrays of text. */
import { scaledText } from '../../src/market/decimal.ts'
import type { StreamState } from '../../src/replay/stream-state.ts'
import type { ReadRow } from './exported-tables.ts'

interface Resting {
  readonly side: string
  price: string
  size: bigint
  rank: number
}

const unitsOf = (text: unknown): bigint => BigInt(String(text).replace('.', ''))
const SCALE = 8

const rescaled = (value: number, scale: number): string =>
  scaledText(value, scale).padEnd(scaledText(value, scale).length, '0')

const exact = (value: number, scale: number): string => {
  const text = rescaled(value, scale)
  const [whole = '', fraction = ''] = text.split('.')
  return `${whole}.${fraction.padEnd(SCALE, '0')}`
}

/** Orders in their queues, or levels. */
export class BookRebuild {
  /** In the order of their queues. */
  private orders = new Map<string, Resting>()
  private levels = new Map<string, bigint>()
  private isValid = false
  private last = ''
  private lastSeq: unknown

  apply(row: ReadRow): void {
    if (row['seq'] !== this.lastSeq) this.keep()
    this.lastSeq = row['seq']
    const [id, price, side] = [String(row['order_id']), String(row['price']), String(row['side'])]
    const size = row['size'] === null ? 0n : unitsOf(row['size'])
    switch (row['kind']) {
      case 'cleared':
        this.orders = new Map()
        this.levels = new Map()
        break
      case 'valid':
        this.isValid = true
        break
      case 'invalid':
        this.isValid = false
        break
      case 'resting':
      case 'opened':
        this.orders.set(id, { side, price, size, rank: Number(row['rank'] ?? 0) })
        break
      case 'changed':
        this.change(id, price, size)
        break
      case 'reduced':
      case 'removed':
        this.reduce(id, size)
        break
      case 'level':
        if (size === 0n) this.levels.delete(`${side} ${price}`)
        else this.levels.set(`${side} ${price}`, size)
    }
  }

  private change(id: string, price: string, size: bigint): void {
    const order = this.orders.get(id)
    if (order === undefined) throw new Error(`${id} does not rest`)
    if (price !== order.price || size > order.size) {
      this.orders.delete(id)
      this.orders.set(id, order)
    }
    order.price = price
    order.size = size
    if (size === 0n) this.orders.delete(id)
  }

  private reduce(id: string, by: bigint): void {
    const order = this.orders.get(id)
    if (order === undefined) throw new Error(`${id} does not rest`)
    order.size -= by
    if (order.size === 0n) this.orders.delete(id)
  }

  private keep(): void {
    if (!this.isValid) return
    const lines = Array.from(this.levels, ([level, size]) => `${level} ${String(size)}`)
    for (const [id, { side, price, size }] of this.orders)
      lines.push(`${side} ${price} ${String(size)} ${id}`)
    this.last = BookRebuild.sorted(lines)
  }

  /** The content when it could be used last. */
  lastValid(): string {
    this.keep()
    return this.last
  }

  /** By price; inside a price the lines stay in their order. */
  private static sorted(lines: readonly string[]): string {
    const priceOf = (line: string): string => line.split(' ', 2).join(' ')
    return lines
      .map((line, index) => ({ line, index, price: priceOf(line) }))
      .sort((one, other) => (one.price < other.price ? -1 : one.price > other.price ? 1 : one.index - other.index))
      .map(({ line }) => line)
      .join('\n')
  } // prettier-ignore

  /** The same of a replayed book. */
  static textOf({ book, orderId }: StreamState): string {
    const lines: string[] = []
    for (const side of ['bid', 'ask'] as const) {
      if (book.kind === 'orders')
        for (const { order, price, size } of book.orders(side))
          lines.push(`${side} ${exact(price, book.priceScale)} ${String(unitsOf(exact(size, book.sizeScale)))} ${orderId(order)}`) // prettier-ignore
      else
        for (const { price, size } of book.top(side))
          lines.push(`${side} ${exact(price, book.priceScale)} ${String(unitsOf(exact(size, book.sizeScale)))}`) // prettier-ignore
    }
    return BookRebuild.sorted(lines)
  }
}
