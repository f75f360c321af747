/**
 * Holds the samples of a book against a replay of what its feed received: at each instant the book's best levels, or that it
 * cannot be used, and why; every loss told, once.
 */
import { isDeepStrictEqual } from 'node:util'

import { EntryCursor } from '../../src/log/entry.ts'
import { type LevelColumns, newLevelColumns } from '../../src/market/book-view.ts'
import type { StreamId } from '../../src/market/instrument.ts'
import type { BookSide } from '../../src/market/side.ts'
import { BookKeeper } from '../../src/replay/keeper/book-keeper.ts'
import { readSample } from '../../src/replay/keeper/sample-frames.ts'
import type { Venue } from '../../src/venues/venue.ts'
import type { ModeFindings } from './live-books.ts'

export interface AuditedSamples {
  readonly stream: StreamId
  readonly venue: Venue
  /** Packed records: of the log of samples, and of what the feed received. */
  readonly samples: readonly Uint8Array[]
  readonly batches: readonly Uint8Array[]
  /** Microseconds. */
  readonly interval: number
  readonly depth: number
}

type Sample = Exclude<ReturnType<typeof readSample>, undefined>

/** The feed's entries up to a time. */
class Received {
  readonly keeper: BookKeeper
  private readonly cursors: EntryCursor[]
  private cursor: EntryCursor | undefined
  /** When the book ceased to be usable last. */
  brokeAt = 0

  constructor(venue: Venue, batches: readonly Uint8Array[]) {
    this.keeper = new BookKeeper(venue)
    this.cursors = batches.map((records) => new EntryCursor(records))
    this.next()
  }

  advanceTo(time: number): void {
    const { keeper } = this
    while (this.cursor !== undefined && this.cursor.receiveTime <= time) {
      const wasValid = keeper.isValid
      keeper.apply(this.cursor)
      if (wasValid && !keeper.isValid) this.brokeAt = this.cursor.receiveTime
      this.next()
    }
  }

  private next(): void {
    while (this.cursor?.next() !== true) {
      this.cursor = this.cursors.shift()
      if (this.cursor === undefined) return
    }
  }
}

class SampleAudit {
  readonly failures: string[] = []
  samples = 0
  invalid = 0
  private readonly received: Received
  private readonly bids: LevelColumns
  private readonly asks: LevelColumns
  private readonly audited: AuditedSamples
  private readonly gaps: unknown[] = []
  private readonly disconnects: unknown[] = []

  constructor(audited: AuditedSamples) {
    this.audited = audited
    this.received = new Received(audited.venue, audited.batches)
    this.bids = newLevelColumns(audited.depth)
    this.asks = newLevelColumns(audited.depth)
  }

  take(seq: number, time: number, sample: Sample | undefined): void {
    this.samples++
    if (sample === undefined) {
      this.fail(seq, 'cannot be read')
      return
    }
    for (const gap of sample.gaps ?? []) this.gaps.push(gap)
    for (const cause of sample.disconnects ?? []) this.disconnects.push(cause)
    const { received } = this
    const { keeper } = received
    received.advanceTo(time)
    const isInstant = time % this.audited.interval === 0
    if ('invalid' in sample) {
      this.invalid++
      const isRight = isInstant ? keeper.invalidReason === sample.invalid : received.brokeAt === time
      // A machine that slept: nobody knows the book meanwhile.
      if (!isRight && sample.invalid !== 'stale') this.fail(seq, `says ${sample.invalid}, and is not`)
    } else if (!keeper.isValid) this.fail(seq, `has a book that was ${String(keeper.invalidReason)}`)
    else if (sample.verified !== keeper.isVerified) this.fail(seq, 'differs in what is proven')
    else {
      const { bidPrices, bidSizes, askPrices, askSizes } = sample
      const told = [bidPrices, bidSizes, askPrices, askSizes]
      if (!isDeepStrictEqual(told, [...this.side('bid', this.bids), ...this.side('ask', this.asks)]))
        this.fail(seq, 'differs from the book')
    }
  }

  private side(side: BookSide, columns: LevelColumns): readonly number[][] {
    const count = this.received.keeper.book().readTop(side, columns)
    return [[...columns.prices.subarray(0, count)], [...columns.sizes.subarray(0, count)]]
  }

  /** `told`: what a reader of the samples counts. */
  end({ gaps, disconnects }: { readonly gaps: number; readonly disconnects: number }): void {
    this.received.advanceTo(Infinity)
    const losses = this.received.keeper.takeLosses()
    if (!isDeepStrictEqual(this.gaps, losses.gaps)) this.fail(0, 'tell other gaps than the feed had')
    if (!isDeepStrictEqual(this.disconnects, losses.disconnects))
      this.fail(0, 'tell other interruptions than the feed had')
    if (gaps !== losses.gaps.length || disconnects !== losses.disconnects.length)
      this.fail(0, 'are counted otherwise when they are read')
    if (this.samples === 0) this.fail(0, 'are none')
  }

  private fail(seq: number, text: string): void {
    const which = seq === 0 ? 'the samples' : `sample ${String(seq)}`
    if (this.failures.length < 5) this.failures.push(`${this.audited.stream}: ${which} ${text}`)
  }
}

export const auditSamples = (audited: AuditedSamples): ModeFindings => {
  const audit = new SampleAudit(audited)
  const reader = new BookKeeper(audited.venue)
  for (const records of audited.samples) {
    const cursor = new EntryCursor(records)
    while (cursor.next()) {
      reader.apply(cursor)
      if (cursor.kind === 'sample') audit.take(cursor.seq, cursor.receiveTime, readSample(cursor.text()))
    }
  }
  audit.end(reader.summary())
  const figures = { samples: audit.samples, 'of a book that could not be used': audit.invalid }
  return { figures, failures: audit.failures }
}
