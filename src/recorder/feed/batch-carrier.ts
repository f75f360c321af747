/** Hands the batches of a feed to the journal and to the live book, and knows how far each of them is behind. */
import type { MessagePort } from 'node:worker_threads'

import type { Micros } from '../../market/time.ts'
import type { FeedStart, FeedToKeeper, FromFeed } from '../thread-messages.ts'
import type { EntryBatch } from './entry-log.ts'

/** The socket is not read while somebody who follows lags by more bytes than this, until it lags by half of it. */
export const MOST_LAG_BYTES = 64 * 1024 * 1024

export interface BatchCarrierOptions {
  readonly start: FeedStart
  /** To the thread that journals. */
  readonly main: MessagePort
  /** To the thread that keeps the live book; undefined: the journal's thread passes on what concerns it. */
  readonly keeper: MessagePort | undefined
}

/** How many bytes of batches somebody who follows has still to take. */
class Lag {
  isTooFar = false
  private bytes = 0

  add(bytes: number): void {
    this.bytes += bytes
    if (this.bytes > MOST_LAG_BYTES) this.isTooFar = true
  }

  take(bytes: number): void {
    this.bytes -= bytes
    if (this.bytes < MOST_LAG_BYTES / 2) this.isTooFar = false
  }
}

/** A large answer comes in memory that all threads see: nobody writes it any more, and nobody needs a copy. */
const isShared = (bytes: Uint8Array): boolean => bytes.buffer instanceof SharedArrayBuffer

const own = (bytes: Uint8Array): ArrayBuffer[] =>
  bytes.byteLength === 0 || isShared(bytes) ? [] : [bytes.buffer as ArrayBuffer]

export class BatchCarrier {
  private readonly journalLag = new Lag()
  private readonly bookLag = new Lag()
  private readonly main: MessagePort
  private readonly keeper: MessagePort | undefined
  private readonly isJournaled: boolean

  constructor({ main, keeper, start }: BatchCarrierOptions) {
    this.main = main
    this.keeper = keeper
    this.isJournaled = start.config.sampling === undefined
  }

  carry(batch: EntryBatch): void {
    if (this.isJournaled) {
      // The journal's copy is of the exact size; the live book's one is short-lived and may carry slack.
      const copy = isShared(batch.records) ? batch.records : batch.records.slice()
      const toMain: FromFeed = { kind: 'batch', batch: { ...batch, records: copy } }
      this.main.postMessage(toMain, own(copy))
      this.journalLag.add(batch.records.length)
    }
    this.bookLag.add(batch.records.length)
    const toKeeper: FeedToKeeper = { kind: 'batch', batch }
    this.keeper?.postMessage(toKeeper, own(batch.records))
  }

  /** All batches up to this instant were carried. */
  tellInstant(time: Micros): void {
    const toKeeper: FeedToKeeper = { kind: 'instant', time }
    this.keeper?.postMessage(toKeeper)
  }

  /** By the live book, or written by the journal. */
  taken({ kind, bytes }: { readonly kind: 'taken' | 'written'; readonly bytes: number }): void {
    if (kind === 'taken') this.bookLag.take(bytes)
    else this.journalLag.take(bytes)
  }

  tellMain(message: FromFeed): void {
    this.main.postMessage(message)
  }

  get isLagging(): boolean {
    return this.journalLag.isTooFar || this.bookLag.isTooFar
  }

  /** The last batch was carried. */
  end(): void {
    const toKeeper: FeedToKeeper = { kind: 'end' }
    this.keeper?.postMessage(toKeeper)
    this.tellMain({ kind: 'ended' })
  }
}
