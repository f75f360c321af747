/** Words the engine's book by price, as Coinbase's `level2` channels do: snapshot, then new totals of changed levels. */
import type { Engine } from '../engine/engine.ts'
import type { EngineEvent, OrderSide } from '../engine/engine-event.ts'
import type { CoinbaseRenderer } from './coinbase-render.ts'

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

/** Collects which levels changed since they were last told. */
export class LevelChanges {
  private readonly product: string
  private readonly engine: Engine
  private readonly render: CoinbaseRenderer
  /** Price times two, plus one for the asks. */
  private readonly changed = new Set<number>()
  /** Time of the first and last change held. */
  private since = 0
  private until = 0

  constructor(product: string, engine: Engine, render: CoinbaseRenderer) {
    this.product = product
    this.engine = engine
    this.render = render
  }

  /** Microseconds that the changes held span. */
  get span(): number {
    return this.until - this.since
  }

  apply(event: EngineEvent): void {
    if (event.kind === 'open' || event.kind === 'match') this.note(event.side, event.price, event.time)
    else if (event.kind === 'done' && event.wasOpen) this.note(event.side, event.price, event.time)
    else if (event.kind === 'change' && event.isOpen) {
      this.note(event.side, event.oldPrice, event.time)
      this.note(event.side, event.newPrice, event.time)
    }
  }

  /** Forgets what it held. Undefined when there was nothing. Only between transactions. */
  message(): string | undefined {
    if (this.changed.size === 0) return undefined
    const rows = Array.from(this.changed, (key) => this.row(key)).join(',')
    this.changed.clear()
    return `{"type":"l2update","product_id":"${this.product}","changes":[${rows}],"time":"${this.render.time(this.until)}"}`
  }

  /** The same, one message for each level. */
  messages(): string[] {
    const time = this.render.time(this.until)
    const texts = Array.from(
      this.changed,
      (key) =>
        `{"type":"l2update","product_id":"${this.product}","changes":[${this.row(key)}],"time":"${time}"}`,
    )
    this.changed.clear()
    return texts
  }

  private note(side: OrderSide, price: number | undefined, time: number): void {
    if (price === undefined) return
    if (this.changed.size === 0) this.since = time
    this.until = time
    this.changed.add(price * 2 + (side === 'sell' ? 1 : 0))
  }

  private row(key: number): string {
    const side = key % 2 === 1 ? 'sell' : 'buy'
    const price = Math.floor(key / 2)
    return `["${side}","${this.render.price(price)}","${this.render.size(this.engine.sizeAt(side, price))}"]`
  }
}
