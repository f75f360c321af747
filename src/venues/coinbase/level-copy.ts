/**
 * The book of a redundant connection that the stream does not follow, as texts: nothing is scaled and nothing told before
 * the stream goes over to it. The feed has no numbers that would tell where two of its connections stand to each other.
 */
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import { LevelSnapshot, LevelUpdate } from './frames.ts'

/** Far more levels than any book has. */
const MOST_LEVELS = 1_000_000

/** Price and size. */
type LevelTexts = readonly [price: string, size: string]

export class LevelCopy {
  /** By the price's value: `1.10` and `1.1` are one level. */
  private readonly sides = { buy: new Map<number, LevelTexts>(), sell: new Map<number, LevelTexts>() }
  /** The venue's time of the last message. */
  time: string | undefined

  /** The rows of a side, as a snapshot has them. */
  rows(side: 'buy' | 'sell'): readonly LevelTexts[] {
    return [...this.sides[side].values()]
  }

  /** Undefined when the message is no whole book. */
  static of(message: unknown): LevelCopy | undefined {
    if (!LevelSnapshot.is(message)) return undefined
    const copy = new LevelCopy()
    copy.time = message.time ?? undefined
    const fits = copy.fill('buy', message.bids) && copy.fill('sell', message.asks)
    return fits ? copy : undefined
  }

  private fill(side: 'buy' | 'sell', rows: readonly unknown[]): boolean {
    for (const row of rows) {
      if (!Array.isArray(row)) return false
      const [price, size] = row as readonly unknown[]
      if (typeof price !== 'string' || typeof size !== 'string' || !this.set(side, price, size)) return false
    }
    return true
  }

  /** False when the message cannot be taken: the copy is wrong from then on. */
  update(message: unknown): boolean {
    if (!LevelUpdate.is(message)) return false
    this.time = message.time ?? undefined
    for (const [side, price, size] of message.changes) if (!this.set(side, price, size)) return false
    return true
  }

  private set(side: 'buy' | 'sell', price: string, size: string): boolean {
    const levels = this.sides[side]
    const key = Number(price)
    if (Number.isNaN(key)) return false
    if (Number(size) === 0) levels.delete(key)
    else levels.set(key, [price, size])
    return levels.size <= MOST_LEVELS
  }

  save(writer: StateWriter): void {
    writer.optionalText(this.time)
    for (const levels of [this.sides.buy, this.sides.sell]) {
      writer.uint(levels.size)
      for (const [price, size] of levels.values()) {
        writer.text(price)
        writer.text(size)
      }
    }
  }

  restore(reader: StateReader): void {
    this.time = reader.optionalText()
    for (const side of ['buy', 'sell'] as const)
      for (let left = reader.uint(); left > 0; left--) {
        const price = reader.text()
        this.sides[side].set(Number(price), [price, reader.text()])
      }
  }
}
