/**
 * The parts of one Coinbase stream that every frame may touch, whatever way it is read: its subject, connections, scales,
 * and both kinds of feed. Owns whether a message is the stream's own.
 */
import { microsOf } from '../../market/time.ts'
import type { DecoderSink } from '../venue.ts'
import { ChannelWatch } from './channel-watch.ts'
import type { BookFamily } from './channels.ts'
import { Connections } from './connections.ts'
import { Scales } from './instruments.ts'
import { LevelFeed } from './level-feed.ts'
import { OrderFeed } from './order-feed.ts'
import { StreamSubject } from './stream-subject.ts'

export class FeedParts {
  readonly subject = new StreamSubject()
  readonly scales = new Scales()
  readonly connections = new Connections()
  readonly orders = new OrderFeed(this.scales)
  readonly levels = new LevelFeed(this.scales)
  now = microsOf(0)
  /** The connection of the last frame; 0 after it closed. */
  connection = 0
  private readonly watches = new Map<number, ChannelWatch>()
  private watched: ChannelWatch | undefined

  /** A frame of this connection comes. */
  turnTo(connection: number): void {
    this.connections.add(connection)
    this.connection = connection
    this.watched = undefined
  }

  /** Of the connection at hand. */
  get watch(): ChannelWatch {
    if (this.watched !== undefined) return this.watched
    const watch = this.watches.get(this.connection) ?? new ChannelWatch(this.connection)
    this.watches.set(this.connection, watch)
    this.watched = watch
    return watch
  }

  /** The connection is gone. */
  leave(connection: number): void {
    if (connection === this.connection) this.connection = 0
    this.watches.delete(connection)
    this.watched = undefined
  }

  forgetAll(): void {
    this.connection = 0
    this.watches.clear()
    this.watched = undefined
  }

  /** A heartbeat of the product; see ChannelWatch. */
  beat(sequence: number | undefined, tradeId: number | undefined, sink: DecoderSink): void {
    const reached = this.orders.reachedOn(this.connection)
    this.watch.beat(this.subject.family, { sequence, tradeId }, reached, sink)
  }

  learn(message: unknown): void {
    if (this.subject.learn(message)) this.adopt(this.subject.product ?? '')
  }

  adopt(product: string): void {
    this.subject.product = product
    this.orders.begin(product, this.subject.startsEmpty)
  }

  /** True for a message of this stream's product. An open question of product or family is settled by it. */
  isOurs(product: string, family: BookFamily | undefined, sink: DecoderSink): boolean {
    if (this.subject.product === undefined) this.adopt(product)
    if (product !== this.subject.product) return false
    if (family !== undefined) this.subject.family ??= family
    this.start(sink)
    return true
  }

  start(sink: DecoderSink): void {
    if (this.connections.start(this.connection)) sink.started(this.connection)
  }
}
