/**
 * The decoder of one Coinbase stream: runs, connections and what kind an entry is. What frames mean is in row-frames.ts
 * and message-frames.ts; books by orders are order-feed.ts, books by level are level-feed.ts.
 */
import type { EntryView } from '../../log/entry.ts'
import { decodeResponse, parseJson } from '../../log/payloads.ts'
import type { InvalidReason } from '../../market/event.ts'
import type { OrderHandle } from '../../market/order-ids.ts'
import { StateReader, StateWriter } from '../../market/state-bytes.ts'
import { microsOf } from '../../market/time.ts'
import type { Decoder, DecoderSink } from '../venue.ts'
import { closeCauseOf, disconnectCauseOf, timerNameOf } from './connection-notes.ts'
import { FeedParts } from './feed-parts.ts'
import { MessageFrames } from './message-frames.ts'
import { readProduct, readProducts } from './product-answers.ts'
import { RowFrames } from './row-frames.ts'
import { isBookUrl, productOfBookUrl } from './synchronisation.ts'

export class CoinbaseDecoder implements Decoder {
  private readonly parts = new FeedParts()
  private readonly messages = new MessageFrames(this.parts)
  private readonly rows = new RowFrames(this.parts)

  decode(entry: EntryView, sink: DecoderSink): void {
    const { parts } = this
    parts.now = entry.receiveTime
    if (entry.kind !== 'run-started') parts.orders.advanceTo(entry.receiveTime, sink)
    switch (entry.kind) {
      case 'frame':
        this.decodeFrame(entry, sink)
        break
      case 'response':
        this.decodeResponse(entry, sink)
        break
      case 'sent':
        parts.learn(parseJson(entry.text()))
        break
      case 'opened':
        parts.connections.add(entry.connection)
        break
      case 'closed':
        this.close(entry, sink)
        break
      case 'timer':
        parts.orders.timerFired(timerNameOf(entry.text()), entry.receiveTime, sink)
        break
      case 'run-started':
        this.startRun(entry, sink)
        break
      case 'run-ended':
        parts.orders.end(entry.receiveTime, sink)
        sink.bookInvalid('run-ended')
        break
      case 'clock':
      case 'sample':
        break
    }
  }

  private startRun(entry: EntryView, sink: DecoderSink): void {
    const { parts } = this
    const { subject } = parts
    subject.begin(parseJson(entry.text()))
    parts.connections.reset()
    parts.scales.reset()
    parts.forgetAll()
    parts.orders.begin(subject.product ?? '', subject.startsEmpty)
    parts.levels.begin(subject.startsEmpty)
    sink.bookInvalid('no-snapshot')
  }

  private close(entry: EntryView, sink: DecoderSink): void {
    const { parts } = this
    parts.leave(entry.connection)
    const isLast = parts.connections.remove(entry.connection)
    parts.orders.forget(entry.connection)
    if (!isLast) {
      parts.levels.lose(entry.connection, disconnectCauseOf(closeCauseOf(entry.text())), sink)
      return
    }
    const closeCause = closeCauseOf(entry.text())
    const cause = disconnectCauseOf(closeCause)
    parts.orders.end(entry.receiveTime, sink)
    parts.orders.disconnect()
    parts.levels.disconnect()
    sink.bookInvalid(cause)
    // Our own stop is the end of the run, no interruption.
    if (parts.connections.hasStarted && closeCause !== 'shutdown') sink.disconnected(cause)
    parts.connections.settle()
  }

  private decodeResponse(entry: EntryView, sink: DecoderSink): void {
    const response = decodeResponse(entry.bytes())
    if (response === undefined) return
    const { url, status, body } = response
    const { parts } = this
    const { subject } = parts
    const path = url.split('?')[0] ?? ''
    if (path.endsWith('/products')) {
      if (status === 200 && !readProducts(body, subject.product, parts.scales, sink))
        sink.undecoded('malformed:products')
      return
    }
    if (subject.product !== undefined && path.endsWith(`/products/${subject.product}`)) {
      if (!readProduct(response, subject.product, parts.scales, sink)) sink.undecoded('malformed:product')
      return
    }
    const bookProduct = subject.product === undefined ? productOfBookUrl(url) : undefined
    if (bookProduct !== undefined) parts.adopt(bookProduct)
    if (subject.product === undefined || !isBookUrl(url, subject.product)) return
    subject.family ??= 'orders'
    // A book that comes when no feed is there to follow it would be old before the next connection.
    if (subject.family !== 'orders' || parts.connections.areAllGone) return
    parts.orders.answered(status, body, entry.receiveTime, sink)
  }

  private decodeFrame(entry: EntryView, sink: DecoderSink): void {
    const { parts } = this
    if (entry.connection !== parts.connection) parts.turnTo(entry.connection)
    parts.watch.pass(entry.receiveTime, sink)
    if (entry.isBinary) {
      sink.undecoded('binary')
      return
    }
    const { row } = entry
    if (row === undefined || !this.rows.decode(entry, row, sink)) this.messages.decode(entry, sink)
  }

  reject(reason: InvalidReason, detail: string, sink: DecoderSink): void {
    const { subject, levels, orders, connection, now } = this.parts
    if (subject.family === 'levels') levels.reject(reason, detail, connection, sink)
    else orders.fail(reason, detail, now, sink)
  }

  orderId(order: OrderHandle): string {
    return this.parts.orders.orderId(order)
  }

  isMidTransaction(): boolean {
    return this.parts.orders.isMidTransaction
  }

  save(): Uint8Array {
    const { parts } = this
    const writer = new StateWriter()
    parts.subject.save(writer)
    writer.uint(parts.now)
    writer.uint(parts.connection)
    parts.scales.save(writer)
    parts.connections.save(writer)
    parts.orders.save(writer)
    parts.levels.save(writer)
    return writer.finish()
  }

  restore(state: Uint8Array): void {
    const { parts } = this
    const reader = new StateReader(state)
    parts.subject.restore(reader)
    parts.now = microsOf(reader.uint())
    parts.connection = reader.uint()
    parts.scales.restore(reader)
    parts.connections.restore(reader)
    parts.orders.restore(reader)
    parts.levels.restore(reader)
  }
}
