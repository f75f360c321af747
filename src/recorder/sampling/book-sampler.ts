/**
 * Makes the log of a run of samples out of the entries of a live feed: its notes as they are, and in place of the frames
 * the best levels of the book at every instant of the interval. Pure: instants pass with the entries, or by being told.
 */
import { FrameScanner } from '../../codec/template/frame-scanner.ts'
import { ScanningCursor } from '../../codec/template/scanning-cursor.ts'
import type { EntryKind, EntryView } from '../../log/entry.ts'
import { encodeJson, type RunManifest } from '../../log/payloads.ts'
import { encodeInvalidSample, encodeSample, type SampledSide } from '../../log/sample.ts'
import { type LevelColumns, newLevelColumns } from '../../market/book-view.ts'
import type { InvalidReason, MarketSink } from '../../market/event.ts'
import type { BookSide } from '../../market/side.ts'
import { type Micros, microsOf } from '../../market/time.ts'
import { BookKeeper, type KeeperSummary } from '../../replay/keeper/book-keeper.ts'
import type { FeedCommand, Venue } from '../../venues/venue.ts'

/** How often a book is sampled, and how deep. */
export interface Sampling {
  /** Microseconds: instants are its multiples since the epoch, the same for all streams. */
  readonly interval: number
  /** Levels a side. */
  readonly depth: number
}

export interface BookSamplerOptions extends Sampling {
  readonly venue: Venue
  /** What the log says of the run; undefined: it does so already. */
  readonly manifest: RunManifest | undefined
  /** The next entry of the log; times never decrease. */
  readonly onEntry: (kind: EntryKind, time: Micros, connection: number, payload: Uint8Array) => void
  readonly onCommand: (command: FeedCommand) => void
  readonly onStarted: (connection: number) => void
  /** Hears what happens in the live book. */
  readonly listener?: MarketSink | undefined
}

/** Where time jumped further than this (beside two intervals), the machine slept: nobody knows the book meanwhile. */
const LONGEST_STEP = 10_000_000

export class BookSampler {
  private readonly options: BookSamplerOptions
  private readonly keeper: BookKeeper
  private readonly scanner = new FrameScanner()
  private readonly bids: LevelColumns
  private readonly asks: LevelColumns
  private next: number | undefined

  constructor(options: BookSamplerOptions) {
    const { venue, onCommand, onStarted, listener, depth } = options
    this.options = options
    this.keeper = new BookKeeper(venue, { onCommand, onStarted, listener })
    this.bids = newLevelColumns(depth)
    this.asks = newLevelColumns(depth)
  }

  /** Takes the packed entries of the live feed that follow. */
  apply(records: Uint8Array): void {
    const { keeper } = this
    const cursor = new ScanningCursor(records, this.scanner)
    while (cursor.next()) {
      this.passUpTo(cursor.receiveTime - 1)
      const wasValid = keeper.isValid
      keeper.apply(cursor)
      if (cursor.kind !== 'frame') this.note(cursor)
      // What ceased to be usable is told at once, not only at the next instant.
      if (wasValid && !keeper.isValid) this.tell(cursor.receiveTime)
      if (cursor.kind === 'run-ended') this.end(cursor)
    }
  }

  /** All entries received up to this time were applied. */
  reach(time: Micros): void {
    this.passUpTo(time)
  }

  /** Of the last entry applied. */
  get receiveTime(): Micros {
    return this.keeper.receiveTime
  }

  summary(): KeeperSummary {
    return this.keeper.summary()
  }

  private passUpTo(time: number): void {
    const { interval } = this.options
    if (this.next === undefined) return
    if (time - this.next > LONGEST_STEP + 2 * interval) {
      this.tellInvalid('stale', microsOf(this.next))
      this.next = Math.floor(time / interval) * interval
    }
    for (; this.next <= time; this.next += interval) this.tell(microsOf(this.next))
  }

  private note(entry: EntryView): void {
    const { kind, receiveTime, connection } = entry
    const { manifest, interval, onEntry } = this.options
    switch (kind) {
      case 'run-started':
        this.next = (Math.floor(receiveTime / interval) + 1) * interval
        if (manifest !== undefined) onEntry(kind, receiveTime, 0, encodeJson(manifest))
        return
      case 'opened':
      case 'closed':
      case 'clock':
        onEntry(kind, receiveTime, connection, entry.bytes())
        return
      case 'frame':
      case 'sent':
      case 'response':
      case 'timer':
      case 'sample':
      case 'run-ended':
    }
  }

  /** The last entry, behind what was noticed since the last sample. */
  private end(entry: EntryView): void {
    const { gaps, disconnects } = this.keeper.pendingLosses()
    if (gaps.length + disconnects.length > 0) this.tell(entry.receiveTime)
    this.next = undefined
    this.options.onEntry('run-ended', entry.receiveTime, 0, entry.bytes())
  }

  /** The book as it stands. */
  private tell(time: Micros): void {
    const { keeper } = this
    const { invalidReason } = keeper
    if (invalidReason !== undefined) {
      this.tellInvalid(invalidReason, time)
      return
    }
    const book = keeper.book()
    const sideOf = (side: BookSide, columns: LevelColumns): SampledSide => ({
      columns,
      count: book.readTop(side, columns),
    })
    const sample = encodeSample(
      {
        isVerified: keeper.isVerified,
        priceScale: book.priceScale,
        sizeScale: book.sizeScale,
        exchangeTime: keeper.exchangeTime,
        venueSequence: keeper.venueSequence,
        bids: sideOf('bid', this.bids),
        asks: sideOf('ask', this.asks),
      },
      keeper.takeLosses(),
    )
    this.options.onEntry('sample', time, 0, sample)
  }

  private tellInvalid(reason: InvalidReason, time: Micros): void {
    this.options.onEntry('sample', time, 0, encodeInvalidSample(reason, this.keeper.takeLosses()))
  }
}
