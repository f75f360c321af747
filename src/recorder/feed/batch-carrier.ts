/** Hands the batches of a feed to the journal and to the live book, and knows how far each of them is behind. */
import type { MessagePort } from 'node:worker_threads'

import type { GiveRoom } from '../../log/entry.ts'
import type { Micros } from '../../market/time.ts'
import type { FeedStart, FeedToKeeper, FromFeed, KeeperToFeed, ToFeed } from '../thread-messages.ts'
import { BatchRooms } from './batch-rooms.ts'
import type { EntryBatch } from './entry-log.ts'

/** The socket is not read while somebody who follows lags by more bytes than this, until it lags by half of it. */
const MOST_LAG_BYTES = 32 * 1024 * 1024

export interface BatchCarrierOptions {
  readonly start: FeedStart
  /** To the thread that journals. */
  readonly main: MessagePort
  /** To the thread that keeps the live book; undefined: the journal's thread passes on what concerns it. */
  readonly keeper: MessagePort | undefined
}

/** What is told of batches that were carried. */
export type CarriedWord =
  Extract<ToFeed, { kind: 'written' | 'freed' }> | Extract<KeeperToFeed, { kind: 'taken' }>

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

export class BatchCarrier {
  private readonly rooms = new BatchRooms()
  private readonly journalLag = new Lag()
  private readonly bookLag = new Lag()
  /** The rooms of the batches that the live book has still to take, in their order; undefined: one without records. */
  private readonly untaken: (number | undefined)[] = []
  private readonly main: MessagePort
  private readonly keeper: MessagePort | undefined
  private readonly isJournaled: boolean

  constructor({ main, keeper, start }: BatchCarrierOptions) {
    this.main = main
    this.keeper = keeper
    this.isJournaled = start.config.sampling === undefined
  }

  /** Where the entries of the batches are packed. */
  get giveRoom(): GiveRoom {
    return this.rooms.give
  }

  carry(packed: EntryBatch): void {
    const { length } = packed.records
    const batch = this.rooms.carry(packed, this.isJournaled ? 2 : 1)
    if (this.isJournaled) {
      this.tellMain({ kind: 'batch', batch })
      this.journalLag.add(length)
    }
    this.bookLag.add(length)
    this.untaken.push(batch.part?.room)
    const toKeeper: FeedToKeeper = { kind: 'batch', batch }
    this.keeper?.postMessage(toKeeper)
  }

  /** All batches up to this instant were carried. */
  tellInstant(time: Micros): void {
    const toKeeper: FeedToKeeper = { kind: 'instant', time }
    this.keeper?.postMessage(toKeeper)
  }

  hear(word: CarriedWord): void {
    if (word.kind === 'freed') {
      this.rooms.giveBack(word.room)
      return
    }
    if (word.kind === 'written') {
      this.journalLag.take(word.bytes)
      return
    }
    this.bookLag.take(word.bytes)
    const room = this.untaken.shift()
    if (room !== undefined) this.rooms.giveBack(room)
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
