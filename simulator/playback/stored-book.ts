/** The book of a stored stream at a place of the play: rebuilt from the nearest keyframe, kept to go on from there. */
import { setImmediate } from 'node:timers/promises'

import { type BookKeeper, type MarketSink, type Seq, StreamPlayer } from '../../src/index.ts'
import type { StoredPart } from './stored-source.ts'

/** Others get a turn after so many entries. */
const TURN = 2000

const ignored = (): void => undefined

/** Keeps the venue's number of the newest message; books need no more of the events. */
class SequenceListener implements MarketSink {
  sequence: number | undefined
  readonly instrument = ignored
  readonly bookStarted = ignored
  readonly bookValid = ignored
  readonly bookInvalid = ignored
  readonly orderOpened = ignored
  readonly orderChanged = ignored
  readonly orderReduced = ignored
  readonly orderRemoved = ignored
  readonly levelSet = ignored
  readonly traded = ignored
  readonly check = ignored
  readonly transactionEnded = ignored

  stamp(_exchangeTime: unknown, venueSequence: number | undefined): void {
    this.sequence = venueSequence ?? this.sequence
  }
}

/** A book and the place it stands at. Valid until the next one is asked for. */
export interface PlacedBook {
  readonly keeper: BookKeeper
  readonly seq: Seq
  /** The venue's number of the newest message in it. */
  readonly sequence: number | undefined
}

export class StoredBook {
  private readonly part: StoredPart
  private readonly last: Seq
  private player: StreamPlayer | undefined
  private listener = new SequenceListener()
  private seq: Seq = 0
  private queue: Promise<unknown> = Promise.resolve()

  /** `last`: the last entry that may be taken in. */
  constructor(part: StoredPart, last: Seq) {
    this.part = part
    this.last = last
  }

  /** Calls `use` with the book after entry `seq`, valid or not. */
  async at<A>(seq: Seq, use: (book: PlacedBook) => A): Promise<A> {
    return await this.inTurn(async () => use(await this.reach(seq)))
  }

  /**
   * Calls `use` with the first valid book after entry `seq` or later; undefined: none follows. `needsSequence`: one
   * that knows the venue's number too.
   */
  async validFrom<A>(seq: Seq, use: (book: PlacedBook) => A, needsSequence = false): Promise<A | undefined> {
    return await this.inTurn(async () => {
      let book = await this.reach(seq)
      while (!book.keeper.summary().valid || (needsSequence && book.sequence === undefined)) {
        if (this.seq >= this.last) return undefined
        book = await this.reach(this.seq + 1)
      }
      return use(book)
    })
  }

  private async inTurn<A>(task: () => Promise<A>): Promise<A> {
    const result = this.queue.then(task)
    this.queue = result.catch(() => undefined)
    return await result
  }

  private async reach(seq: Seq): Promise<PlacedBook> {
    let player = this.player
    if (player === undefined || seq < this.seq || seq > this.seq + 200_000) player = await this.open(seq)
    let entries = 0
    while (this.seq < seq) {
      const { head } = player
      if (head === undefined) {
        if (!(await player.fetch())) break
        continue
      }
      if (head.seq > seq) break
      this.seq = head.seq
      player.step()
      if (++entries % TURN === 0) await setImmediate()
    }
    this.seq = Math.max(this.seq, seq)
    return { keeper: player.keeper, seq: this.seq, sequence: this.listener.sequence }
  }

  private async open(seq: Seq): Promise<StreamPlayer> {
    await this.player?.close()
    this.listener = new SequenceListener()
    const { store, stream, venue } = this.part
    // The book after this entry: the keyframe at it will do.
    const range = { from: { kind: 'seq', seq: seq + 1 }, to: { kind: 'seq', seq: this.last } } as const
    const player = new StreamPlayer({ store, stream, venue, range, listener: this.listener })
    await player.seek()
    this.player = player
    this.seq = player.place
    return player
  }

  async close(): Promise<void> {
    await this.queue
    await this.player?.close()
  }
}
