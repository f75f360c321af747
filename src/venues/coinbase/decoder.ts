/**
 * The decoder of one Coinbase stream: which entry goes where. Books by orders are order-feed.ts, books by level are
 * level-feed.ts; here are runs, connections, and the telling of frames by their type.
 */
import type { EntryView } from '../../log/entry.ts'
import { decodeResponse } from '../../log/payloads.ts'
import type { InvalidReason } from '../../market/event.ts'
import type { OrderHandle } from '../../market/order-ids.ts'
import { StateReader, StateWriter } from '../../market/state-bytes.ts'
import { type Micros, microsOf } from '../../market/time.ts'
import type { Decoder, DecoderSink } from '../venue.ts'
import type { BookFamily } from './channels.ts'
import {
  closeCauseOf,
  disconnectCauseOf,
  parseJson,
  refusalText,
  timerNameOf,
  unknownKind,
} from './connection-notes.ts'
import { Connections } from './connections.ts'
import { isFullMessage, isPrivate, isSequence, type Message } from './frames.ts'
import type { FullMessage } from './full.ts'
import { readProducts, Scales } from './instruments.ts'
import { LevelFeed } from './level-feed.ts'
import { isLevel3Row, type Level3Row, productOfRow, sequenceOfRow } from './level3.ts'
import { OrderFeed } from './order-feed.ts'
import { StreamSubject } from './stream-subject.ts'
import { isBookUrl, productOfBookUrl } from './synchronisation.ts'

export class CoinbaseDecoder implements Decoder {
  private readonly scales = new Scales()
  private readonly orders = new OrderFeed(this.scales)
  private readonly levels = new LevelFeed(this.scales)
  private readonly connections = new Connections()
  private readonly subject = new StreamSubject()
  private now = microsOf(0)
  private connection = 0
  /** The frame at hand, for the order feed; one object for all frames. */
  private readonly arrival: { receiveTime: Micros; connection: number; frame: string } = {
    receiveTime: microsOf(0),
    connection: 0,
    frame: '',
  }

  decode(entry: EntryView, sink: DecoderSink): void {
    this.now = entry.receiveTime
    if (entry.kind !== 'run-started') this.orders.advanceTo(entry.receiveTime, sink)
    switch (entry.kind) {
      case 'frame':
        this.decodeFrame(entry, sink)
        break
      case 'response':
        this.decodeResponse(entry, sink)
        break
      case 'sent':
        this.learn(parseJson(entry.text()))
        break
      case 'opened':
        this.connections.add(entry.connection)
        break
      case 'closed':
        this.close(entry, sink)
        break
      case 'timer':
        this.orders.timerFired(timerNameOf(entry.text()), entry.receiveTime, sink)
        break
      case 'run-started':
        this.startRun(entry, sink)
        break
      case 'run-ended':
        this.orders.end(entry.receiveTime, sink)
        sink.bookInvalid('run-ended')
        break
      case 'clock':
      case 'sample':
        break
    }
  }

  private startRun(entry: EntryView, sink: DecoderSink): void {
    const { subject } = this
    subject.begin(parseJson(entry.text()))
    this.connections.reset()
    this.scales.reset()
    this.connection = 0
    this.orders.begin(subject.product ?? '', subject.startsEmpty)
    this.levels.begin(subject.startsEmpty)
    sink.bookInvalid('no-snapshot')
  }

  private close(entry: EntryView, sink: DecoderSink): void {
    if (entry.connection === this.connection) this.connection = 0
    if (!this.connections.remove(entry.connection)) return
    const closeCause = closeCauseOf(entry.text())
    const cause = disconnectCauseOf(closeCause)
    this.orders.end(entry.receiveTime, sink)
    this.orders.disconnect()
    this.levels.disconnect()
    sink.bookInvalid(cause)
    // Our own stop is the end of the run, no interruption.
    if (this.connections.hasStarted && closeCause !== 'shutdown') sink.disconnected(cause)
    this.connections.settle()
  }

  private learn(message: unknown): void {
    if (this.subject.learn(message)) this.adopt(this.subject.product ?? '')
  }

  private adopt(product: string): void {
    this.subject.product = product
    this.orders.begin(product, this.subject.startsEmpty)
  }

  private decodeResponse(entry: EntryView, sink: DecoderSink): void {
    const response = decodeResponse(entry.bytes())
    if (response === undefined) return
    const { url, status, body } = response
    if ((url.split('?')[0] ?? '').endsWith('/products')) {
      if (status === 200 && !readProducts(body, this.subject.product, this.scales, sink))
        sink.undecoded('malformed:products')
      return
    }
    const bookProduct = this.subject.product === undefined ? productOfBookUrl(url) : undefined
    if (bookProduct !== undefined) this.adopt(bookProduct)
    if (this.subject.product === undefined || !isBookUrl(url, this.subject.product)) return
    this.subject.family ??= 'orders'
    // A book that comes when no feed is there to follow it would be old before the next connection.
    if (this.subject.family !== 'orders' || this.connections.areAllGone) return
    this.orders.answered(status, body, entry.receiveTime, sink)
  }

  private decodeFrame(entry: EntryView, sink: DecoderSink): void {
    if (entry.connection !== this.connection) {
      this.connections.add(entry.connection)
      this.connection = entry.connection
    }
    if (entry.isBinary) {
      sink.undecoded('binary')
      return
    }
    const text = entry.text()
    let message: unknown
    try {
      message = JSON.parse(text)
    } catch {
      sink.undecoded('not-json')
      return
    }
    const { arrival } = this
    arrival.receiveTime = entry.receiveTime
    arrival.connection = entry.connection
    arrival.frame = text
    if (Array.isArray(message)) this.decodeRow(message as readonly unknown[], sink)
    else if (typeof message === 'object' && message !== null) this.decodeMessage(message, sink)
    else sink.undecoded('no-object')
    arrival.frame = ''
  }

  private decodeMessage(message: Message, sink: DecoderSink): void {
    switch (message.type) {
      case 'received':
      case 'open':
      case 'done':
      case 'match':
      case 'change':
        this.decodeFull(message.type, message, sink)
        break
      case 'snapshot':
      case 'l2update':
        if (!this.isOurs(message, 'levels', sink) || this.subject.family !== 'levels') break
        if (message.type === 'snapshot') this.levels.snapshot(message, this.connection, sink)
        else this.levels.update(message, this.connection, sink)
        break
      case 'heartbeat':
      case 'ticker':
      case 'last_match':
      case 'auction':
      case 'rfq_match':
        // A heartbeat's number is a status, no message of its own: it never counts.
        if (message.product_id === this.subject.product) this.start(sink)
        break
      case 'status':
      case 'activate':
      case 'balance':
        break
      case 'subscriptions':
        this.learn(message)
        break
      case 'level3':
        this.subject.family ??= 'orders'
        if (!this.orders.schema.take(message)) sink.undecoded('malformed:level3')
        break
      case 'error':
        this.refuse(message, sink)
        break
      default:
        sink.undecoded(unknownKind(message.type))
    }
  }

  /** True for a message of this stream's product. An open question of product or family is settled by it. */
  private isOurs(message: Message, family: BookFamily | undefined, sink: DecoderSink): boolean {
    const { product_id: product, type } = message
    if (typeof product !== 'string') {
      sink.undecoded(`malformed:${String(type)}`)
      return false
    }
    if (this.subject.product === undefined) this.adopt(product)
    if (product !== this.subject.product) return false
    if (family !== undefined) this.subject.family ??= family
    this.start(sink)
    return true
  }

  private start(sink: DecoderSink): void {
    if (this.connections.start(this.connection)) sink.started()
  }

  private decodeFull(type: FullMessage['type'], message: Message, sink: DecoderSink): void {
    // A match alone does not tell a book by orders: the `matches` channel sends it too.
    if (!this.isOurs(message, type === 'match' ? undefined : 'orders', sink)) return
    if (this.subject.family !== 'orders') {
      if (type === 'match') this.levels.trade(message, sink)
      return
    }
    const { sequence } = message
    if (sequence === undefined && isPrivate(message)) return
    const isWhole = isFullMessage(type, message)
    if (!isWhole || !isSequence(sequence)) sink.undecoded(`malformed:${type}`)
    // Without a number nothing can be done here: the next number shows the hole.
    if (!isSequence(sequence)) return
    this.orders.accept(sequence, isWhole ? (message as FullMessage) : undefined, this.arrival, sink)
  }

  private decodeRow(row: readonly unknown[], sink: DecoderSink): void {
    const { schema } = this.orders
    if (!schema.isKnown) {
      sink.undecoded('level3-without-schema')
      return
    }
    const columns = schema.columnsOf(row)
    if (columns === undefined) {
      sink.undecoded(unknownKind(row[0]))
      return
    }
    const kind = String(row[0])
    const product = productOfRow(row, columns)
    if (!this.isOurs({ type: kind, product_id: product }, 'orders', sink) || this.subject.family !== 'orders')
      return
    const sequence = sequenceOfRow(row, columns)
    const isWhole = isLevel3Row(row, columns)
    if (!isWhole || sequence === undefined) sink.undecoded(`malformed:${kind}`)
    if (sequence === undefined) return
    this.orders.accept(sequence, isWhole ? (row as Level3Row) : undefined, this.arrival, sink)
  }

  private refuse(message: unknown, sink: DecoderSink): void {
    const { connection } = this
    const text = refusalText(message)
    if (this.connections.refuse(connection, text.startsWith('Failed to')))
      sink.command({ kind: 'refused', connection, text })
  }

  reject(reason: InvalidReason, detail: string, sink: DecoderSink): void {
    if (this.subject.family === 'levels') this.levels.fail(reason, detail, this.connection, sink)
    else this.orders.fail(reason, detail, this.now, sink)
  }

  orderId(order: OrderHandle): string {
    return this.orders.orderId(order)
  }

  isMidTransaction(): boolean {
    return this.orders.isMidTransaction
  }

  save(): Uint8Array {
    const writer = new StateWriter()
    this.subject.save(writer)
    writer.uint(this.now)
    writer.uint(this.connection)
    this.scales.save(writer)
    this.connections.save(writer)
    this.orders.save(writer)
    this.levels.save(writer)
    return writer.finish()
  }

  restore(state: Uint8Array): void {
    const reader = new StateReader(state)
    this.subject.restore(reader)
    this.now = microsOf(reader.uint())
    this.connection = reader.uint()
    this.scales.restore(reader)
    this.connections.restore(reader)
    this.orders.restore(reader)
    this.levels.restore(reader)
  }
}
