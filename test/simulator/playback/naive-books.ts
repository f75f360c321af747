/** Books rebuilt the plain way from frames, as far from the project's own code as they can be. */
import { crc32 } from 'node:zlib'

/** `[price, size]` in plain digits, best first. */
export type Rows = readonly (readonly [string, string])[]

/** `7e-7` as `0.0000007`, without sign. */
export const plainDigits = (literal: string): string => {
  const text = literal.replace(/^-/, '')
  const match = /^(\d)(?:\.(\d+))?e-(\d+)$/.exec(text)
  if (match === null) return text
  const [, whole = '', fraction = '', exponent = ''] = match
  return `0.${'0'.repeat(Number(exponent) - 1)}${whole}${fraction}`
}

export class NaiveLevels {
  readonly bids = new Map<string, string>()
  readonly asks = new Map<string, string>()

  top(side: 'bids' | 'asks', count = Infinity): Rows {
    const direction = side === 'bids' ? -1 : 1
    return [...this[side]]
      .sort((one, other) => direction * (Number(one[0]) - Number(other[0])))
      .slice(0, count)
  }
}

/** Follows snapshots and updates of one Coinbase product; counts trades that are not history. */
export const naiveCoinbase = (
  frames: readonly string[],
  product: string,
): { book: NaiveLevels; trades: number } => {
  const book = new NaiveLevels()
  let trades = 0
  for (const text of frames) {
    const frame = JSON.parse(text) as {
      type: string
      product_id: string
      bids: [string, string][]
      asks: [string, string][]
      changes: [string, string, string][]
    }
    if (frame.product_id !== product) continue
    if (frame.type === 'snapshot') {
      for (const [price, size] of frame.bids) book.bids.set(price, size)
      for (const [price, size] of frame.asks) book.asks.set(price, size)
    } else if (frame.type === 'l2update') {
      for (const [side, price, size] of frame.changes) {
        const levels = side === 'buy' ? book.bids : book.asks
        if (Number(size) === 0) levels.delete(price)
        else levels.set(price, size)
      }
    } else if (frame.type === 'match') trades++
  }
  return { book, trades }
}

/** One Bitfinex book as its client sees it; rows keep their JavaScript number text. */
export class NaiveBitfinex {
  readonly bids = new Map<string, readonly [number, number, number]>()
  readonly asks = new Map<string, readonly [number, number, number]>()
  private readonly isByOrder: boolean
  unknownDeletes = 0
  largestSide = 0

  constructor(precision: string) {
    this.isByOrder = precision === 'R0'
  }

  take(content: unknown): void {
    const rows = content as [number, number, number][] | [number, number, number]
    if (!Array.isArray(rows[0]) && rows.length > 0) return this.set(rows as [number, number, number])
    this.bids.clear()
    this.asks.clear()
    for (const row of rows as [number, number, number][]) this.set(row)
  }

  private set(row: readonly [number, number, number]): void {
    const side = row[2] > 0 ? this.bids : this.asks
    const key = String(row[0])
    if (row[1] === 0) this.unknownDeletes += side.delete(key) ? 0 : 1
    else side.set(key, row)
    this.largestSide = Math.max(this.largestSide, side.size)
  }

  private priceOf(row: readonly [number, number, number]): number {
    return this.isByOrder ? row[1] : row[0]
  }

  sorted(side: 'bids' | 'asks'): readonly (readonly [number, number, number])[] {
    const direction = side === 'bids' ? -1 : 1
    return [...this[side].values()].sort(
      (one, other) => direction * (this.priceOf(one) - this.priceOf(other)) || one[0] - other[0],
    )
  }

  /** Rows `[price, size]`, best first. */
  top(side: 'bids' | 'asks', count = Infinity): Rows {
    return this.sorted(side)
      .slice(0, count)
      .map((row) => [plainDigits(String(this.priceOf(row))), plainDigits(String(row[2]))] as const)
  }

  checksum(): number {
    const [bids, asks] = [this.sorted('bids'), this.sorted('asks')]
    const parts: number[] = []
    for (let index = 0; index < 25; index++) {
      for (const row of [bids[index], asks[index]]) if (row !== undefined) parts.push(row[0], row[2])
    }
    return crc32(parts.map(String).join(':')) | 0
  }
}
