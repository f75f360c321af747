/** The trades of a stream seen lately, by id, price and size. Bounded; owns what counts as the same trade. */
import { convertScale } from '../../market/decimal.ts'

const REMEMBERED = 10_000

/** Whether two scaled integers are one value. */
const isSame = (left: number, leftScale: number, right: number, rightScale: number): boolean =>
  leftScale === rightScale ? left === right : convertScale(left, leftScale, rightScale) === right

export class SeenTrades {
  private readonly places = new Map<number, number>()
  private readonly ids = new Float64Array(REMEMBERED)
  private readonly prices = new Float64Array(REMEMBERED)
  private readonly priceScales = new Uint8Array(REMEMBERED)
  private readonly sizes = new Float64Array(REMEMBERED)
  private readonly sizeScales = new Uint8Array(REMEMBERED)
  private count = 0

  /** False: this trade was seen. The same id with another price or size is another trade. */
  add(id: number, price: number, priceScale: number, size: number, sizeScale: number): boolean {
    const known = this.places.get(id)
    if (
      known !== undefined &&
      isSame(this.prices[known] ?? 0, this.priceScales[known] ?? 0, price, priceScale) &&
      isSame(this.sizes[known] ?? 0, this.sizeScales[known] ?? 0, size, sizeScale)
    )
      return false
    const place = this.count % REMEMBERED
    if (this.count >= REMEMBERED) this.forget(place)
    this.count++
    this.ids[place] = id
    this.prices[place] = price
    this.priceScales[place] = priceScale
    this.sizes[place] = size
    this.sizeScales[place] = sizeScale
    this.places.set(id, place)
    return true
  }

  private forget(place: number): void {
    const id = this.ids[place] ?? 0
    // The id may have come again since, as another trade.
    if (this.places.get(id) === place) this.places.delete(id)
  }
}
