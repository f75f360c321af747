/**
 * The trades of a recording up to a place in it, a bounded number of the newest, as the venue told them. Reads on from
 * where it was asked last; goes back no farther than a bounded number of entries.
 */
import { setImmediate } from 'node:timers/promises'

import type { EntryView, Seq } from '../../src/index.ts'
import { EntryReader } from './entry-reader.ts'
import type { FrameSource } from './frame-source.ts'
import type { PlayOrigin, PlayStage } from './play-stage.ts'

export interface RecordedTrade {
  /** The venue's own name of the instrument. */
  readonly symbol: string
  readonly id: number
  readonly milliseconds: number
  /** As the venue's REST side words it. */
  readonly text: string
  /** The frame that told it. */
  readonly frame: string
}

/** The trades that an entry tells, oldest first. */
export type ReadTrades = (entry: EntryView, source: number) => readonly RecordedTrade[]

/** Of each instrument. */
const KEPT = 1000
/** Entries before a place that are looked through. */
const LOOKED_BACK = 50_000
/** Others get a turn after so many entries. */
const TURN = 2000

class SourceTrades {
  private readonly source: FrameSource
  private readonly read: (entry: EntryView) => readonly RecordedTrade[]
  private reader: EntryReader | undefined
  /** Read, and behind the place asked for last. */
  private head: EntryView | undefined
  private place: Seq = 0
  /** By symbol, then by id: a trade told again is told better. */
  private trades = new Map<string, Map<number, RecordedTrade>>()
  private queue: Promise<unknown> = Promise.resolve()

  constructor(source: FrameSource, read: (entry: EntryView) => readonly RecordedTrade[]) {
    this.source = source
    this.read = read
  }

  async at(place: Seq, symbol: string): Promise<readonly RecordedTrade[]> {
    const reached = this.queue.then(async () => {
      await this.reach(place)
      return [...(this.trades.get(symbol)?.values() ?? [])]
    })
    this.queue = reached.catch(() => undefined)
    return await reached
  }

  private async reach(place: Seq): Promise<void> {
    if (this.reader === undefined || place < this.place || place > this.place + LOOKED_BACK)
      await this.open(place)
    const { reader } = this
    for (let entries = 1; reader !== undefined; entries++) {
      if (entries % TURN === 0) await setImmediate()
      this.head ??= reader.next()
      if (this.head === undefined) {
        if (await reader.fetch()) continue
        break
      }
      if (this.head.seq > place) break
      this.add(this.read(this.head))
      this.head = undefined
    }
    this.place = place
  }

  private async open(place: Seq): Promise<void> {
    await this.reader?.close()
    this.trades = new Map()
    this.head = undefined
    this.reader = new EntryReader([this.source], [Math.max(0, place - LOOKED_BACK)])
  }

  private add(told: readonly RecordedTrade[]): void {
    for (const trade of told) {
      const known = this.trades.get(trade.symbol) ?? new Map<number, RecordedTrade>()
      this.trades.set(trade.symbol, known.set(trade.id, trade))
      const oldest = known.keys().next().value
      if (known.size > KEPT && oldest !== undefined) known.delete(oldest)
    }
  }

  async close(): Promise<void> {
    await this.queue
    await this.reader?.close()
  }
}

export class TradeHistory {
  private readonly origin: PlayOrigin
  private readonly stage: PlayStage
  private readonly sources: readonly SourceTrades[]

  constructor(origin: PlayOrigin, stage: PlayStage, read: ReadTrades) {
    this.origin = origin
    this.stage = stage
    this.sources = origin.sources.map(
      (source, index) => new SourceTrades(source, (entry: EntryView) => read(entry, index)),
    )
  }

  /** Oldest first, those told up to and including entry `seq` of a source. */
  async at(source: number, seq: Seq, symbol: string): Promise<readonly RecordedTrade[]> {
    return (await this.sources[source]?.at(seq, symbol)) ?? []
  }

  /** Oldest first, those that were played. */
  async played(source: number, symbol: string): Promise<readonly RecordedTrade[]> {
    return await this.at(source, await this.stage.reached(this.origin, source), symbol)
  }

  /** Frees what the sources hold. */
  async close(): Promise<void> {
    for (const source of this.sources) await source.close()
  }
}
