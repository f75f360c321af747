/** Sentences about what a venue says of a stream's product: one for each change, none where all is as usual. */
import type { ProductState } from '../market/product-state.ts'
import type { LogLevel, LogLine } from './recorder-log.ts'

const LEVELS: Readonly<Record<ProductState['trading'], LogLevel>> = {
  open: 'info',
  limited: 'warn',
  paused: 'warn',
  delisted: 'error',
}

const PREDICATES: Readonly<Record<ProductState['trading'], string>> = {
  open: 'trades again',
  limited: 'trades with restrictions',
  paused: 'does not trade for now',
  delisted: 'is not offered, or not any more: it is tried again, slowly, until it is taken from the settings',
}

const stepText = (name: string, before: string | null, now: string | null): string | undefined =>
  before === null || now === null || Number(before) === Number(now)
    ? undefined
    : `its smallest step of ${name} went from ${before} to ${now}`

export class ProductNotes {
  private readonly venueName: string
  private readonly pair: string
  private told: ProductState | undefined

  constructor(venueName: string, pair: string) {
    this.venueName = venueName
    this.pair = pair
  }

  /** The line that a state is worth; undefined: nothing changed. A venue that names no steps leaves those known. */
  note(state: ProductState): Omit<LogLine, 'about'> | undefined {
    const before = this.told
    this.told = {
      ...state,
      priceIncrement: state.priceIncrement ?? before?.priceIncrement ?? null,
      sizeIncrement: state.sizeIncrement ?? before?.sizeIncrement ?? null,
    }
    const parts: string[] = []
    const { trading, says } = state
    const hasChanged =
      before === undefined ? trading !== 'open' : says !== before.says || trading !== before.trading
    if (hasChanged) parts.push(`${PREDICATES[trading]} (${says})`)
    if (before !== undefined) {
      const { priceIncrement, sizeIncrement } = this.told
      for (const part of [
        stepText('price', before.priceIncrement, priceIncrement),
        stepText('size', before.sizeIncrement, sizeIncrement),
      ])
        if (part !== undefined) parts.push(part)
    }
    if (parts.length === 0) return undefined
    const level = hasChanged ? LEVELS[trading] : 'warn'
    return {
      level,
      message: `${this.pair} at ${this.venueName}${hasChanged ? '' : ':'} ${parts.join('; ')}.`,
    }
  }
}
