/** Words the engine's book by price, as Coinbase's `level2` channels do: snapshot, then new totals of changed levels. */
import type { Engine } from '../engine/engine.ts'
import type { EngineEvent, OrderSide } from '../engine/engine-event.ts'
import type { CoinbaseRenderer } from './coinbase-render.ts'

/** What `level2_batch` collects before it tells, in microseconds. */
export const BATCH_SPAN = 50_000

export const levelSnapshot = (
  product: string,
  engine: Engine,
  render: CoinbaseRenderer,
  time: number,
): string => {
  const rows = (side: OrderSide): string =>
    engine
      .levels(side)
      .map(({ price, size }) => `["${render.price(price)}","${render.size(size)}"]`)
      .join(',')
  const books = `"asks":[${rows('sell')}],"bids":[${rows('buy')}]`
  return `{"type":"snapshot","product_id":"${product}",${books},"time":"${render.time(time)}"}`
}

/** The book that changes are told of: the size at a price, zero where nothing rests. */
export interface LevelSizes<P extends number> {
  readonly sizeAt: (side: OrderSide, price: P) => number
}

/** How figures and times (microseconds) are written. */
export interface LevelTexts {
  readonly price: (price: number) => string
  readonly size: (size: number) => string
  readonly time: (micros: number) => string
}

interface Changed<P extends number> {
  readonly side: OrderSide
  readonly price: P
}

/** Collects which levels changed since they were last told. */
export class LevelChanges<P extends number = number> {
  private readonly product: string
  private readonly sizes: LevelSizes<P>
  private readonly texts: LevelTexts
  /** By price times two, plus one for the asks. */
  private readonly changed = new Map<number, Changed<P>>()
  /** Time of the first and last change held. */
  private since = 0
  private until = 0

  constructor(product: string, sizes: LevelSizes<P>, texts: LevelTexts) {
    this.product = product
    this.sizes = sizes
    this.texts = texts
  }

  /** Microseconds that the changes held span. */
  get span(): number {
    return this.until - this.since
  }

  note(side: OrderSide, price: P | undefined, time: number): void {
    if (price === undefined) return
    if (this.changed.size === 0) this.since = time
    this.until = time
    this.changed.set(price * 2 + (side === 'sell' ? 1 : 0), { side, price })
  }

  /** Forgets what it held. */
  clear(): void {
    this.changed.clear()
  }

  /** Forgets what it held. Undefined when there was nothing. Only between transactions. */
  message(): string | undefined {
    return this.changed.size === 0 ? undefined : this.told(this.rows().join(','))
  }

  /** The same, one message for each level: those that are empty now first, so that no reader sees a crossed book. */
  messages(): string[] {
    const rows = this.rows()
    const isGone = (row: string): boolean => /,"0(\.0*)?"\]$/.test(row)
    return [...rows.filter(isGone), ...rows.filter((row) => !isGone(row))].map((row) => this.told(row))
  }

  private told(rows: string): string {
    return `{"type":"l2update","product_id":"${this.product}","changes":[${rows}],"time":"${this.texts.time(this.until)}"}`
  }

  private rows(): string[] {
    const { texts, sizes } = this
    const rows = Array.from(
      this.changed.values(),
      ({ side, price }) => `["${side}","${texts.price(price)}","${texts.size(sizes.sizeAt(side, price))}"]`,
    )
    this.changed.clear()
    return rows
  }
}

/** Notes the levels that an event of the engine changes. */
export const noteChanges = (changes: LevelChanges, event: EngineEvent): void => {
  if (event.kind === 'open' || event.kind === 'match') changes.note(event.side, event.price, event.time)
  else if (event.kind === 'done' && event.wasOpen) changes.note(event.side, event.price, event.time)
  else if (event.kind === 'change' && event.isOpen) {
    changes.note(event.side, event.oldPrice, event.time)
    changes.note(event.side, event.newPrice, event.time)
  }
}
