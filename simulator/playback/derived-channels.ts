/** The channels of one play that its recording does not hold but its `full` or `level3` frames tell: levels and tickers. */
import type { EntryView } from '../../src/index.ts'
import type { Subscription } from '../venues/coinbase-channels.ts'
import { DerivedLevels } from './derived-levels.ts'
import { DerivedTicker } from './derived-ticker.ts'
import type { PlayContext } from './play-group.ts'
import type { RunningPlay } from './play-stage.ts'
import type { StoredVenue } from './stored-venue.ts'

interface Derived {
  readonly product: string
  readonly levels: DerivedLevels
  readonly ticker: DerivedTicker
}

export class DerivedChannels {
  private readonly context: PlayContext
  /** By the place of the stream. */
  private readonly derived = new Map<number, Derived>()

  /** `isHeld`: whether the client has the channel of this play. */
  constructor(
    venue: StoredVenue,
    items: readonly Subscription[],
    isHeld: (subscription: Subscription) => boolean,
    context: PlayContext,
  ) {
    this.context = context
    for (const { product } of items) {
      const index = venue.indexOf(product)
      const part = index === undefined ? undefined : venue.stored[index]?.part
      if (index === undefined || part === undefined || this.derived.has(index)) continue
      const own = items.filter((item) => item.product === product)
      const options = {
        ...{ part, product, send: context.sender.send },
        isHeld: (channel: string) => own.some((item) => item.channel === channel && isHeld(item)),
      }
      const levels = new DerivedLevels(options)
      this.derived.set(index, { product, levels, ticker: new DerivedTicker(options, () => levels.book) })
    }
  }

  /** Begins with the books where the play begins. */
  async open({ start }: RunningPlay): Promise<void> {
    for (const [index, { product, levels, ticker }] of this.derived) {
      const place = start[index] ?? 0
      await levels.open(place)
      ticker.begin(place === 0 ? [] : await this.context.trades.at(index, place, product))
    }
  }

  /** Whether entries of this source change anything here. */
  follows(source: number): boolean {
    return this.derived.has(source)
  }

  apply(entry: EntryView, source: number): void {
    const derived = this.derived.get(source)
    derived?.ticker.apply(entry)
    derived?.levels.apply(entry)
  }

  /** Tells what is held back. */
  flush(): void {
    for (const { levels, ticker } of this.derived.values()) {
      levels.flush()
      ticker.flush()
    }
  }
}
