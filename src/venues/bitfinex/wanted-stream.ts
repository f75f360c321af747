/** What this stream is about, from the manifest of its run: one symbol, one feed. Owns which channels are its own. */
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import type { SubscribedEvent } from './frames.ts'

export type ChannelRole = 'book' | 'trades' | 'other' | 'retired'

export class WantedStream {
  /** '' before the first run: nothing is ours. */
  symbol = ''
  /** Undefined: whichever book of the symbol comes first. */
  feed: string | undefined
  /** The run begins with an empty book that is taken as complete. */
  assumesEmptyBook = false

  begin(symbol: string, feed: string | undefined, assumesEmptyBook: boolean): void {
    this.symbol = symbol
    this.feed = feed
    this.assumesEmptyBook = assumesEmptyBook
  }

  names(symbol: string | null | undefined, pair: string | null | undefined): boolean {
    if (this.symbol === '') return false
    if (typeof symbol === 'string') return symbol === this.symbol
    return typeof pair === 'string' && `t${pair}` === this.symbol
  }

  roleOf(event: SubscribedEvent): ChannelRole {
    if (!this.names(event.symbol, event.pair)) return 'other'
    if (event.channel === 'trades') return 'trades'
    if (event.channel !== 'book') return 'other'
    return this.feed === undefined || event.prec === this.feed ? 'book' : 'other'
  }

  save(writer: StateWriter): void {
    writer.text(this.symbol)
    writer.optionalText(this.feed)
    writer.bool(this.assumesEmptyBook)
  }

  restore(reader: StateReader): void {
    this.symbol = reader.text()
    this.feed = reader.optionalText()
    this.assumesEmptyBook = reader.bool()
  }
}
