/** A book rebuilt from Bitfinex's frames as number texts: for checksums and for snapshots to late subscribers. */
import { bitfinexChecksum } from '../venues/bitfinex-checksum.ts'
import { elementsOf, isRows, rowsOf } from './bitfinex-frame.ts'

interface Row {
  readonly key: string
  readonly amount: string
  readonly price: number
  readonly text: string
}

const jsNumber = (literal: string): string => String(Number(literal))

export class BitfinexBookCopy {
  private readonly isByOrder: boolean
  private bids = new Map<string, Row>()
  private asks = new Map<string, Row>()

  /** `precision`: `R0` for a book by order, `P0` to `P4` by price. */
  constructor(precision: string) {
    this.isByOrder = precision === 'R0'
  }

  /** Takes a snapshot or one update, as it stands in a frame. */
  apply(content: string): void {
    if (isRows(content)) {
      this.bids = new Map()
      this.asks = new Map()
      for (const row of rowsOf(content)) this.set(row)
    } else {
      this.set(content)
    }
  }

  /** The whole book as the content of a snapshot: bids, then asks, best first. */
  snapshot(): string {
    return `[${[...this.sorted('bid'), ...this.sorted('ask')].map((row) => row.text).join(',')}]`
  }

  checksum(): number {
    return bitfinexChecksum(this.sorted('bid'), this.sorted('ask'))
  }

  private set(text: string): void {
    const [first = '', second = '', amount = ''] = elementsOf(text)
    const key = jsNumber(first)
    const side = amount.startsWith('-') ? this.asks : this.bids
    if (Number(second) === 0) side.delete(key)
    else
      side.set(key, { key, amount: jsNumber(amount), price: Number(this.isByOrder ? second : first), text })
  }

  private sorted(side: 'bid' | 'ask'): readonly Row[] {
    const direction = side === 'bid' ? -1 : 1
    const rows = [...(side === 'bid' ? this.bids : this.asks).values()]
    return rows.sort(
      (one, other) => direction * (one.price - other.price) || Number(one.key) - Number(other.key),
    )
  }
}
