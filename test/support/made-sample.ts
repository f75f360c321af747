/**
 * The stream behind the committed sample of the chunk format: entries of every kind, frames of two made-up venues, REST
 * rows, nested lists, binary and malformed frames, made so that every prediction and every form occurs. The same each time.
 */
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'

import type { ColumnHints } from '../../src/log/column-hints.ts'
import { type EntryKind, EntryWriter } from '../../src/log/entry.ts'
import { encodeJson, encodeResponse, type RunManifest } from '../../src/log/payloads.ts'
import { microsOf } from '../../src/market/time.ts'

const ROUNDS = 260

export const sampleHints: ColumnHints = {
  numberIds: [{ path: '1.0', set: 'order', least: 1e9 }],
  follows: [
    { group: 'price', path: 'price', ids: ['order_id'], effect: 'tell' },
    { group: 'size', path: 'size', ids: ['order_id'], effect: 'tell' },
    { group: 'size', path: 'remaining_size', ids: ['order_id'], effect: 'tell' },
    { group: 'price', path: 'price', ids: ['maker_order_id'], effect: 'tell' },
    { group: 'size', path: 'size', ids: ['maker_order_id', 'taker_order_id'], effect: 'take' },
    { group: 'price', path: '1.1', ids: ['1.0'], effect: 'tell' },
  ],
}

const isoText = (micros: number, digits = 6): string => {
  const whole = new Date(Math.floor(micros / 1000)).toISOString()
  const fraction = whole.slice(20, 23) + String(micros % 1000).padStart(3, '0')
  return `${whole.slice(0, 19)}${digits === 0 ? '' : `.${fraction.slice(0, digits)}`}Z`
}

const trimmed = (value: number, scale: number): string =>
  (value / 10 ** scale).toFixed(scale).replace(/\.?0+$/, '')

const uuid = (number: number): string => {
  const hex = createHash('sha256').update(String(number)).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

interface NamedOrder {
  readonly id: string
  readonly price: string
  size: number
}

interface NumberedOrder {
  readonly id: number
  readonly amount: number
}

/** The draws follow each other in one fixed order: whatever is drawn earlier or later changes every entry behind it. */
class SampleStream {
  private readonly writer = new EntryWriter()
  private state = 99
  private seq = 0
  private time = 1_700_000_000_000_000
  private stamp = 0
  private drift = 500_000
  private sequence = 5_000_000_000
  private orders = 100
  private lastNumber = 100_000_000_000
  private readonly named: NamedOrder[] = []
  private readonly numbered: NumberedOrder[] = []

  records(): Uint8Array {
    this.begin()
    for (let round = 0; round < ROUNDS; round++) this.round(round)
    this.end()
    return this.writer.take() ?? new Uint8Array()
  }

  private random(sides: number): number {
    this.state = (Math.imul(this.state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((this.state / 2 ** 32) * sides)
  }

  private passTime(): void {
    this.time += this.random(3) === 0 ? 0 : this.random(2000)
  }

  private put(kind: EntryKind, payload: Uint8Array | string, connection = 1, isBinary = false): void {
    this.passTime()
    this.append(kind, payload, connection, isBinary)
  }

  private append(kind: EntryKind, payload: Uint8Array | string, connection: number, isBinary = false): void {
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload
    this.writer.append(kind, ++this.seq, microsOf(this.time), connection, bytes, isBinary)
  }

  private rows(count: number): string[][] {
    return Array.from({ length: count }, (_, index) => [
      trimmed(6_500_000 - index * this.random(9), 2),
      trimmed(1 + this.random(900_000_000), 8),
      uuid(index),
    ])
  }

  private begin(): void {
    const manifest: RunManifest = {
      software: 'bookreel',
      stream: 'coinbase:BTC-USD',
      venue: 'coinbase',
      pair: 'BTC-USD',
      symbol: 'BTC-USD',
      feed: 'full',
      mode: 'full',
      assumeEmptyBook: false,
    }
    this.put('run-started', encodeJson(manifest), 0)
    this.put('opened', encodeJson({ url: 'wss://example' }))
    this.put('sent', '{"type":"subscribe","key":"***"}')
    const body = JSON.stringify({ sequence: 1000, bids: this.rows(30), asks: this.rows(20) })
    const url = 'http://example/book?level=3'
    this.put('response', encodeResponse({ method: 'GET', url, status: 200, body: Buffer.from(body) }), 0)
  }

  private round(round: number): void {
    const at = this.time - 20_000 - this.random(300)
    this.stamp = Math.max(this.stamp, at)
    this.namedOrder(round)
    this.numberedOrder(round, at)
    if (round % 4 === 0) this.padded(round, at)
    if (round % 7 === 0) this.nested(at)
    this.walking()
    if (round !== 100) return
    this.put('timer', '{"timer":"silence"}', 0)
    this.put('clock', encodeJson({ offset: -1200 }), 0)
    this.put('sample', '', 0)
  }

  private head(type: string): string {
    return `"type":"${type}","product_id":"BTC-USD","time":"${isoText(this.stamp)}","sequence":${String(++this.sequence)}`
  }

  private namedOrder(round: number): void {
    const what = this.random(10)
    if (what < 5 || this.named.length < 3) this.openNamed()
    else if (what < 7) {
      const [order] = this.named.splice(this.random(this.named.length), 1)
      if (order === undefined) return
      const { id, price, size } = order
      this.put(
        'frame',
        `{${this.head('done')},"order_id":"${id}","reason":"canceled","price":"${price}","remaining_size":"${trimmed(size, 8)}"}`,
      )
    } else if (what < 8) this.match(round)
  }

  private openNamed(): void {
    const id = uuid(++this.orders)
    const price = trimmed(6_500_000 + this.random(400) - 200, 2)
    const size = 1 + this.random(500_000_000)
    const text = trimmed(size, 8)
    this.put(
      'frame',
      `{${this.head('received')},"order_id":"${id}","order_type":"limit","size":"${text}","price":"${price}"}`,
    )
    this.put(
      'frame',
      `{${this.head('open')},"order_id":"${id}","price":"${price}","remaining_size":"${text}"}`,
    )
    this.named.push({ id, price, size })
  }

  private match(round: number): void {
    const maker = this.named[this.random(this.named.length)]
    const taker = this.named[this.random(this.named.length)]
    if (maker === undefined || taker === undefined || maker === taker) return
    const size = Math.min(maker.size, taker.size)
    maker.size -= size
    taker.size -= size
    if (size === 0) return
    const ids = `"maker_order_id":"${maker.id}","taker_order_id":"${taker.id}"`
    this.put(
      'frame',
      `{${this.head('match')},"trade_id":${String(700 + round)},${ids},"size":"${trimmed(size, 8)}","price":"${maker.price}"}`,
    )
  }

  /** Orders named by numbers; one is deleted with price 0. */
  private numberedOrder(round: number, at: number): void {
    const tail = `${String(round * 3 + 1)},${String(Math.floor(at / 1000))}]`
    if (this.random(2) === 0 || this.numbered.length === 0) {
      this.lastNumber += 1 + this.random(300)
      const id = this.lastNumber
      const price = 65_000 + this.random(50)
      const amount = (this.random(2) * 2 - 1) * (1 + this.random(1e7))
      this.numbered.push({ id, amount })
      this.put('frame', `[7,[${String(id)},${String(price)},${trimmed(amount, 8)}],${tail}`, 2)
      return
    }
    const [order] = this.numbered.splice(this.random(this.numbered.length), 1)
    if (order === undefined) return
    this.put('frame', `[7,[${String(order.id)},0,${order.amount > 0 ? '1' : '-1'}],${tail}`, 2)
  }

  private padded(round: number, at: number): void {
    const size = (this.random(2000) / 100).toFixed(8)
    const mixed = (this.random(100_000) / 1000).toFixed(this.random(2) + 2)
    const quality = ['a1', 'b2', 'c3'][this.random(3)] ?? ''
    const late = isoText(at - (at % 1000), this.random(2) * 3 + 3)
    const even = String(1000 + round * 250)
    this.put(
      'frame',
      `{"e":"padded","size":"${size}","mixed":"${mixed}","even":${even},"q":"${quality}","at":"${isoText(at)}","late":"${late}"}`,
      3,
    )
  }

  private nested(at: number): void {
    const price = (65_000 + this.random(90)).toFixed(2)
    const size = `0.${String(this.random(1e8)).padStart(8, '0')}`
    const changes = `"changes":[["buy","${price}","${size}"],["sell","65100.00","0"]]`
    const first = `{"l":[[${String(this.random(9))},[${String(this.random(5))}]]]}`
    this.put(
      'frame',
      `{${changes},"deep":[${first},{"l":[[1,[2]],[3,[4]]]}],"seconds":"${(at / 1e6).toFixed(6)}"}`,
      3,
    )
  }

  /** Its numbers follow its own receive time. */
  private walking(): void {
    this.drift += this.random(60) - 30
    this.passTime()
    const walk = String(this.time - this.drift)
    const cut = isoText(this.time - (this.time % 10 ** this.random(4))).replace(/\.?0+Z$/, 'Z')
    this.append('frame', `{"walk":${walk},"cut":"${cut}"}`, 3)
  }

  private end(): void {
    this.put('frame', Uint8Array.of(0, 1, 2, 255), 2, true)
    this.put('frame', Uint8Array.of(123, 34, 255, 34, 58, 49, 125), 2)
    this.put('frame', 'not {json', 2)
    this.put('frame', '', 2)
    this.put('frame', '{"n":1e5,"m":-0,"big":123456789012345678901,"t":"2024-02-30T00:00:00Z","u":"ä1"}', 2)
    this.put('closed', encodeJson({ cause: 'remote', code: 1006, reason: '' }))
    this.put('run-ended', encodeJson({ cause: 'stopped' }), 0)
  }
}

/** Packed records of 959 entries. */
export const madeSample = (): Uint8Array => new SampleStream().records()
