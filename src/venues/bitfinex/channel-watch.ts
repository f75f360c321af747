/**
 * Notices that one channel of a connection fell silent while others go on: every channel has a heartbeat each 15 s, busy
 * or quiet, and a book whose market trades has changes.
 */
import type { Micros } from '../../market/time.ts'
import { ChannelSilence } from '../channel-silence.ts'
import { silentChannel } from '../silent-channel.ts'
import type { DecoderSink } from '../venue.ts'

const SECOND = 1_000_000
/** Two heartbeats were missed, and a little more. */
const CHANNEL_LIMIT = 35 * SECOND
/** A book that has heartbeats alone while its market trades. */
const BOOK_LIMIT = 30 * SECOND
const MOST_TRADES = 5
/** The longest pause between two frames of a living connection, about. */
const CAP = 16 * SECOND
const LOOK = SECOND / 2

const CHANNELS = ['book', 'trades'] as const
const BOOK_CONTENT = 2

/** Of one connection. */
export class ChannelWatch {
  private readonly silence = new ChannelSilence(CHANNELS.length + 1, CAP)
  private tradesSinceBook = 0
  private nextLook = 0
  private isTold = false

  /** A frame of a channel that is the stream's. `isHeartbeat`: it says nothing else. */
  note(channel: 'book' | 'trades', isHeartbeat: boolean, isNewTrade: boolean): void {
    this.silence.note(channel === 'book' ? 0 : 1)
    if (isNewTrade) this.tradesSinceBook++
    if (channel !== 'book' || isHeartbeat) return
    this.silence.note(BOOK_CONTENT)
    this.tradesSinceBook = 0
  }

  /** A frame came; before it is noted. */
  pass(now: Micros, connection: number, sink: DecoderSink): void {
    if (now < this.nextLook) return
    this.nextLook = now + LOOK
    const { silence } = this
    silence.pass(now)
    for (const [index, channel] of CHANNELS.entries())
      if (silence.of(index) >= CHANNEL_LIMIT) this.tell(channel, connection, sink)
    if (silence.of(BOOK_CONTENT) >= BOOK_LIMIT && this.tradesSinceBook >= MOST_TRADES)
      this.tell('book', connection, sink)
  }

  /** Channels were asked for again: what they say counts from their next frame on. */
  reset(): void {
    for (let channel = 0; channel <= BOOK_CONTENT; channel++) this.silence.forget(channel)
    this.tradesSinceBook = 0
  }

  private tell(channel: string, connection: number, sink: DecoderSink): void {
    if (this.isTold) return
    this.isTold = true
    sink.command(silentChannel(connection, channel))
  }
}
