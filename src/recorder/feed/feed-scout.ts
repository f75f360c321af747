/** Watches what a feed receives whose log is still another recorder's: tells once that every connection delivers. */
import { EntryWriter } from '../../log/entry.ts'
import { encodeJson } from '../../log/payloads.ts'
import { microsOf } from '../../market/time.ts'
import { BookKeeper } from '../../replay/keeper/book-keeper.ts'
import type { Venue } from '../../venues/venue.ts'
import type { FeedStart } from '../thread-messages.ts'

export class FeedScout {
  private readonly keeper: BookKeeper
  private readonly connections: number
  private started = 0

  constructor({ config, manifest }: FeedStart, venue: Venue, onReady: () => void) {
    this.connections = config.connections
    this.keeper = new BookKeeper(venue, {
      onStarted: () => {
        this.started++
        if (this.started === this.connections) onReady()
      },
    })
    if (manifest === undefined) return
    const writer = new EntryWriter(1024)
    writer.append('run-started', 0, microsOf(0), 0, encodeJson(manifest))
    this.keeper.applyRecords(writer.take() ?? new Uint8Array(0))
  }

  /** Takes the packed entries that follow. */
  look(records: Uint8Array): void {
    if (this.started < this.connections) this.keeper.applyRecords(records)
  }
}
