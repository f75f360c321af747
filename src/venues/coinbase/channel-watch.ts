/**
 * Notices that one channel of a connection fell silent while others go on. Heartbeats come each second; what they say of
 * the product is where its other channels must be by now: a quiet market is no silence.
 */
import type { Micros } from '../../market/time.ts'
import { ChannelSilence } from '../channel-silence.ts'
import { silentChannel } from '../silent-channel.ts'
import type { DecoderSink } from '../venue.ts'
import type { BookFamily } from './channels.ts'

const SECOND = 1_000_000
/** Heartbeats come each second: missing for so long, while frames come. */
const HEARTBEAT_LIMIT = 6 * SECOND
/** Heartbeats for which a numbered channel may be behind what the first of them said. */
const FULL_BEATS = 5
/** A heartbeat may be so far ahead of a message that is not sent yet, and then the market turn quiet. */
const LEAD = 1
/** Channels without numbers, and `matches` which may drop some: so many heartbeats, and so many trades. */
const LEVEL_BEATS = 20
const LEVEL_TRADES = 3

/** A number that a channel should have reached, and how many heartbeats ago that was said. */
class Overdue {
  private target = -1
  private beats = 0
  private reached = -1

  /** Heartbeats since a number was said that is not reached yet, and none came nearer: one that comes late is not silent. */
  note(said: number, reached: number): number {
    const hasCome = reached !== this.reached
    this.reached = reached
    if (hasCome || this.target < 0 || reached >= this.target) {
      this.target = said > reached ? said : -1
      this.beats = 0
    } else this.beats++
    return this.beats
  }

  reset(): void {
    this.target = -1
    this.beats = 0
  }
}

/** Of one connection. */
export class ChannelWatch {
  private readonly connection: number
  private readonly heartbeats = new ChannelSilence(1, SECOND)
  private readonly full = new Overdue()
  private readonly trades = new Overdue()
  private firstSequence = -1
  private firstTrade = -1
  private lastTrade = -1
  private latestTrade = -1
  private beatsWithoutLevels = 0
  private tradeAtLevels = -1
  private nextLook = 0
  private isTold = false

  constructor(connection: number) {
    this.connection = connection
  }

  /** A frame came. */
  pass(now: Micros, sink: DecoderSink): void {
    if (now < this.nextLook) return
    this.nextLook = now + SECOND / 4
    this.heartbeats.pass(now)
    if (this.heartbeats.of(0) >= HEARTBEAT_LIMIT) this.tell('heartbeat', sink)
  }

  /** A trade of the `matches` channel came. */
  noteTrade(tradeId: number | undefined): void {
    if (tradeId !== undefined && tradeId > this.latestTrade) this.latestTrade = tradeId
  }

  /** A frame of the levels' channel came. */
  noteLevels(): void {
    this.beatsWithoutLevels = 0
    this.tradeAtLevels = this.lastTrade
  }

  /**
   * A heartbeat of the product. `sequence`, `tradeId`: where the product is at least, undefined where it does not say;
   * `reached`: the highest number that came over this connection, -1 for none.
   */
  beat(
    family: BookFamily | undefined,
    { sequence, tradeId }: { readonly sequence: number | undefined; readonly tradeId: number | undefined },
    reached: number,
    sink: DecoderSink,
  ): void {
    this.heartbeats.note(0)
    if (family === 'orders' && sequence !== undefined) {
      if (this.firstSequence < 0) this.firstSequence = sequence
      // Numbers go back when the venue counts anew.
      if (sequence < this.firstSequence) this.full.reset()
      const beats = this.full.note(sequence - LEAD, Math.max(reached, this.firstSequence))
      if (beats >= FULL_BEATS) this.tell('full', sink)
    } else if (family === 'levels' && tradeId !== undefined) this.beatLevels(tradeId, sink)
  }

  private beatLevels(tradeId: number, sink: DecoderSink): void {
    if (this.firstTrade < 0) this.firstTrade = this.tradeAtLevels = tradeId
    this.lastTrade = tradeId
    this.beatsWithoutLevels++
    const reached = Math.max(this.latestTrade, this.firstTrade)
    const beats = this.trades.note(tradeId, reached)
    // Every trade changes a level.
    if (this.beatsWithoutLevels > LEVEL_BEATS && tradeId - this.tradeAtLevels >= LEVEL_TRADES)
      this.tell('level2_batch', sink)
    else if (beats >= LEVEL_BEATS && tradeId - reached >= LEVEL_TRADES) this.tell('matches', sink)
  }

  private tell(channel: string, sink: DecoderSink): void {
    if (this.isTold) return
    this.isTold = true
    sink.command(silentChannel(this.connection, channel))
  }
}
