/** Frames as messages: parsed whole, checked by codecs, told by their type. Every frame may be read this way. */
import type { EntryView } from '../../log/entry.ts'
import { parseJson } from '../../log/payloads.ts'
import { goneProduct } from '../../market/product-state.ts'
import type { DecoderSink } from '../venue.ts'
import type { BookFamily } from './channels.ts'
import { refusalText, unknownKind } from './connection-notes.ts'
import type { FeedParts } from './feed-parts.ts'
import { isFullMessage, isPrivate, isSequence, type Message } from './frames.ts'
import type { FullMessage } from './full.ts'
import { isLevel3Row, type Level3Row, productOfRow, sequenceOfRow } from './level3.ts'
import { namesGoneProduct } from './listed-product.ts'
import { tellListed } from './product-answers.ts'

export class MessageFrames {
  private readonly parts: FeedParts

  constructor(parts: FeedParts) {
    this.parts = parts
  }

  decode(entry: EntryView, sink: DecoderSink): void {
    const message = parseJson(entry.text())
    if (message === undefined) sink.undecoded('not-json')
    else if (Array.isArray(message)) this.decodeRow(message as readonly unknown[], entry, sink)
    else if (typeof message === 'object' && message !== null) this.decodeMessage(message, entry, sink)
    else sink.undecoded('no-object')
  }

  private decodeMessage(message: Message, entry: EntryView, sink: DecoderSink): void {
    const { parts } = this
    switch (message.type) {
      case 'received':
      case 'open':
      case 'done':
      case 'match':
      case 'change':
        this.decodeFull(message.type, message, entry, sink)
        break
      case 'snapshot':
      case 'l2update':
        if (!this.isOurs(message, 'levels', sink) || parts.subject.family !== 'levels') break
        parts.watch.noteLevels()
        if (message.type === 'snapshot') parts.levels.snapshot(message, parts.connection, sink)
        else parts.levels.update(message, parts.connection, sink)
        break
      case 'heartbeat':
        if (message.product_id !== parts.subject.product) break
        parts.start(sink)
        parts.beat(numberIn(message.sequence), numberIn(message.last_trade_id), sink)
        break
      case 'ticker':
      case 'last_match':
      case 'auction':
      case 'rfq_match':
        if (message.product_id === parts.subject.product) parts.start(sink)
        break
      case 'status':
        if (Array.isArray(message.products) && parts.subject.product !== undefined)
          tellListed(message.products as readonly unknown[], parts.subject.product, sink)
        break
      case 'activate':
      case 'balance':
        break
      case 'subscriptions':
        parts.learn(message)
        break
      case 'level3':
        parts.subject.family ??= 'orders'
        if (!parts.orders.schema.take(message)) sink.undecoded('malformed:level3')
        break
      case 'error':
        this.refuse(message, sink)
        break
      default:
        sink.undecoded(unknownKind(message.type))
    }
  }

  private isOurs(message: Message, family: BookFamily | undefined, sink: DecoderSink): boolean {
    const { product_id: product, type } = message
    if (typeof product === 'string') return this.parts.isOurs(product, family, sink)
    sink.undecoded(`malformed:${String(type)}`)
    return false
  }

  private decodeFull(type: FullMessage['type'], message: Message, entry: EntryView, sink: DecoderSink): void {
    const { parts } = this
    // A match alone does not tell a book by orders: the `matches` channel sends it too.
    if (!this.isOurs(message, type === 'match' ? undefined : 'orders', sink)) return
    if (parts.subject.family !== 'orders') {
      if (type === 'match') {
        parts.watch.noteTrade(numberIn(message.trade_id))
        parts.levels.trade(message, sink)
      }
      return
    }
    const { sequence } = message
    if (sequence === undefined && isPrivate(message)) return
    const isWhole = isFullMessage(type, message)
    if (!isWhole || !isSequence(sequence)) sink.undecoded(`malformed:${type}`)
    // Without a number nothing can be done here: the next number shows the hole. With one that cannot be read otherwise
    // another connection may bring the same whole; until then it is a hole.
    if (!isSequence(sequence) || (!isWhole && parts.connections.isRedundant)) return
    parts.orders.accept(sequence, isWhole ? (message as FullMessage) : undefined, entry, sink)
  }

  private decodeRow(row: readonly unknown[], entry: EntryView, sink: DecoderSink): void {
    const { parts } = this
    const { schema } = parts.orders
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
    if (!this.isOurs({ type: kind, product_id: product }, 'orders', sink)) return
    if (parts.subject.family !== 'orders') return
    const sequence = sequenceOfRow(row, columns)
    const isWhole = isLevel3Row(row, columns)
    if (!isWhole || sequence === undefined) sink.undecoded(`malformed:${kind}`)
    if (sequence === undefined || (!isWhole && parts.connections.isRedundant)) return
    parts.orders.accept(sequence, isWhole ? (row as Level3Row) : undefined, entry, sink)
  }

  private refuse(message: unknown, sink: DecoderSink): void {
    const { connection, connections } = this.parts
    const text = refusalText(message)
    if (!connections.refuse(connection, text.startsWith('Failed to'))) return
    if (!namesGoneProduct(text)) {
      sink.command({ kind: 'refused', connection, text })
      return
    }
    sink.product(goneProduct(text))
    sink.command({ kind: 'refused', connection, text, isGone: true })
  }
}

const numberIn = (value: unknown): number | undefined => (isSequence(value) ? value : undefined)
