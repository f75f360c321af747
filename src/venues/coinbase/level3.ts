/**
 * The `level3` channel: its schema frame, and the bare arrays that follow it, as deeds of a book by orders. Column
 * places come from the schema alone.
 */
import type { StateReader, StateWriter } from '../../market/state-bytes.ts'
import type { DecoderSink } from '../venue.ts'
import { type Failure, failureOf } from './failure.ts'
import { SchemaMessage } from './frames.ts'
import { type OrderEvents, unknownMaker } from './order-events.ts'
import type { TransactionClock } from './transactions.ts'

/** Columns a kind cannot do without, beside type, product_id, sequence and time. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  change: ['order_id', 'price', 'size'],
  done: ['order_id'],
  match: ['maker_order_id', 'taker_order_id', 'price', 'size'],
  noop: [],
  open: ['order_id', 'side', 'price', 'size'],
}

/** Where the columns of one kind stand; -1: it has no such column. */
export interface Columns {
  readonly count: number
  readonly product: number
  readonly sequence: number
  readonly time: number
  readonly order: number
  readonly side: number
  readonly price: number
  readonly size: number
  readonly maker: number
  readonly taker: number
}

/** A frame of level3: all its columns are text. */
export type Level3Row = readonly string[]

const columnsOf = (kind: string, names: readonly string[]): Columns | undefined => {
  const needed = NEEDED[kind]
  if (needed === undefined || names[0] !== 'type') return undefined
  if (!['product_id', 'sequence', 'time', ...needed].every((name) => names.includes(name))) return undefined
  return {
    count: names.length,
    product: names.indexOf('product_id'),
    sequence: names.indexOf('sequence'),
    time: names.indexOf('time'),
    order: names.indexOf('order_id'),
    side: names.indexOf('side'),
    price: names.indexOf('price'),
    size: names.indexOf('size'),
    maker: names.indexOf('maker_order_id'),
    taker: names.indexOf('taker_order_id'),
  }
}

const SEQUENCE = /^\d{1,16}$/

export class Level3Schema {
  private kinds = new Map<string, Columns>()
  private text: string | undefined

  get isKnown(): boolean {
    return this.text !== undefined
  }

  /** Takes a schema frame; false when it is none that can be used. */
  take(message: unknown): boolean {
    if (!SchemaMessage.is(message)) return false
    const kinds = new Map<string, Columns>()
    for (const kind of Object.keys(NEEDED)) {
      const names = Object.hasOwn(message.schema, kind) ? message.schema[kind] : undefined
      const columns = names === undefined ? undefined : columnsOf(kind, names)
      if (columns === undefined) return false
      kinds.set(kind, columns)
    }
    this.kinds = kinds
    this.text = JSON.stringify({
      schema: Object.fromEntries([...kinds.keys()].map((k) => [k, message.schema[k]])),
    })
    return true
  }

  /** The columns of a row, by its first element. */
  columnsOf(row: readonly unknown[]): Columns | undefined {
    return typeof row[0] === 'string' ? this.kinds.get(row[0]) : undefined
  }

  reset(): void {
    this.kinds = new Map()
    this.text = undefined
  }

  save(writer: StateWriter): void {
    writer.optionalText(this.text)
  }

  restore(reader: StateReader): void {
    this.reset()
    const text = reader.optionalText()
    if (text !== undefined) this.take(JSON.parse(text))
  }
}

/** The row's product, where it can be read. */
export const productOfRow = (row: readonly unknown[], columns: Columns): string | undefined => {
  const product = row[columns.product]
  return typeof product === 'string' ? product : undefined
}

/** The row's number, where it can be read. */
export const sequenceOfRow = (row: readonly unknown[], columns: Columns): number | undefined => {
  const text = row[columns.sequence]
  const sequence = typeof text === 'string' && SEQUENCE.test(text) ? Number(text) : text
  return typeof sequence === 'number' && Number.isSafeInteger(sequence) && sequence >= 0
    ? sequence
    : undefined
}

/** True when every column of the schema is there as text, or a number where a number is meant. */
export const isLevel3Row = (row: readonly unknown[], columns: Columns): boolean => {
  if (row.length < columns.count) return false
  for (let index = 0; index < columns.count; index++) {
    if (typeof row[index] !== 'string' && index !== columns.sequence) return false
  }
  const side = columns.side < 0 ? 'buy' : row[columns.side]
  if (side !== 'buy' && side !== 'sell') return false
  return (columns.order < 0 || row[columns.order] !== '') && (columns.maker < 0 || row[columns.maker] !== '')
}

/** The time column of a checked row. */
export const timeOfRow = (row: Level3Row, columns: Columns): string => row[columns.time] ?? ''

/** Applies a checked row to the book; the stamp was set. */
export const applyLevel3 = (
  row: Level3Row,
  columns: Columns,
  events: OrderEvents,
  transactions: TransactionClock,
  sink: DecoderSink,
): Failure | undefined => {
  const { ids, scales } = events
  const id = row[columns.order] ?? ''
  const price = row[columns.price] ?? ''
  const size = row[columns.size] ?? ''
  const [kind = ''] = row
  switch (kind) {
    case 'noop':
      return undefined
    case 'open': {
      transactions.takerLeft(id)
      const failure = scales.read(price, size, sink)
      if (failure === undefined) events.open(ids.add(id), row[columns.side] === 'buy' ? 'buy' : 'sell', sink)
      return failure
    }
    case 'done':
      transactions.takerLeft(id)
      events.done(ids.find(id), 'unknown', sink)
      return undefined
    case 'match': {
      transactions.takerEntered(row[columns.taker] ?? '')
      const failure = scales.read(price, size, sink)
      if (failure !== undefined) return failure
      const makerId = row[columns.maker] ?? ''
      return events.match(undefined, ids.find(makerId), undefined, sink) ? undefined : unknownMaker(makerId)
    }
    case 'change':
      return events.change(
        ids.find(id),
        { old: undefined, next: price },
        { old: undefined, next: size },
        sink,
      )
    default:
      return failureOf('malformed', `type ${kind}`)
  }
}
