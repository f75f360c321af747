/** The orders that rest, in no order: to pick one at random. Kept up to date by the engine's events. */
import type { EngineEvent } from './engine-event.ts'
import type { Rng } from './random.ts'

export class LiveOrders {
  private readonly ids: number[] = []
  private readonly places = new Map<number, number>()

  get count(): number {
    return this.ids.length
  }

  apply(event: EngineEvent): void {
    if (event.kind === 'open') {
      this.places.set(event.order, this.ids.length)
      this.ids.push(event.order)
    } else if (event.kind === 'done' && event.wasOpen) this.remove(event.order)
  }

  /** The id of any of them; undefined when there is none. */
  any(random: Rng): number | undefined {
    return this.ids[random.below(this.ids.length)]
  }

  private remove(id: number): void {
    const place = this.places.get(id)
    const last = this.ids.pop()
    if (place === undefined || last === undefined) throw new Error(`order ${String(id)} was never opened`)
    this.places.delete(id)
    if (last === id) return
    this.ids[place] = last
    this.places.set(last, place)
  }
}
