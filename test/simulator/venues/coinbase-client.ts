/** A naive client of the simulated Coinbase: keeps every frame, rebuilds a book from REST and `full` by the documents. */
import { once } from 'node:events'

import { WebSocket } from 'ws'

import { signatureFor, TEST_CREDENTIALS } from '../../../simulator/venues/coinbase-auth.ts'

export interface Frame {
  readonly [field: string]: unknown
}

const LIMIT = 120_000

export const signedFields = (
  secret = TEST_CREDENTIALS.secret,
  timestamp = String(Date.now() / 1000),
): Frame => ({
  key: TEST_CREDENTIALS.key,
  passphrase: TEST_CREDENTIALS.passphrase,
  timestamp,
  signature: signatureFor(secret, timestamp, 'GET/users/self/verify'),
})

export class TestClient {
  readonly frames: unknown[] = []
  readonly socket: WebSocket
  isClosed = false
  private wake: () => void = () => undefined

  private constructor(url: string) {
    this.socket = new WebSocket(url)
    this.socket.on('message', (data) => {
      this.frames.push(JSON.parse((data as Buffer).toString('utf8')))
      this.wake()
    })
    this.socket.on('close', () => {
      this.isClosed = true
      this.wake()
    })
  }

  static async open(url: string): Promise<TestClient> {
    const client = new TestClient(url)
    await once(client.socket, 'open')
    return client
  }

  ask(frame: Frame): void {
    this.socket.send(JSON.stringify(frame))
  }

  /** Waits until the condition holds; rejects at the limit. */
  async until(condition: () => boolean): Promise<void> {
    const end = Date.now() + LIMIT
    while (!condition()) {
      const left = end - Date.now()
      if (left <= 0) throw new Error(`waited in vain; last frame ${JSON.stringify(this.frames.at(-1))}`)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, 50))
        this.wake = (): void => {
          clearTimeout(timer)
          resolve()
        }
      })
    }
  }

  /** The first frame of this type from an index on; waits for it. */
  async first(type: string, from = 0): Promise<Frame> {
    let found: unknown
    await this.until(() => {
      found = this.frames.slice(from).find((frame) => typeOf(frame) === type)
      return found !== undefined
    })
    return found as Frame
  }

  close(): void {
    this.socket.terminate()
  }
}

export const typeOf = (frame: unknown): unknown =>
  Array.isArray(frame) ? (frame[0] as unknown) : (frame as Frame)['type']

export interface RestBook {
  readonly sequence: number
  readonly bids: [string, string, string][]
  readonly asks: [string, string, string][]
}

interface NaiveOrder {
  readonly id: string
  readonly side: string
  price: string
  size: number
}

const lots = (text: unknown): number => Math.round(Number(text) * 1e8)

/** The same price in the same text, however many zeros it came with. */
const plain = (text: unknown): string => String(Number(text))

/** Orders in an array, the oldest first: applies `full` messages by the table of effects, checking what can be checked. */
export class NaiveBook {
  private orders: NaiveOrder[] = []
  sequence: number

  constructor(body: RestBook) {
    this.sequence = body.sequence
    for (const [rows, side] of [
      [body.bids, 'buy'],
      [body.asks, 'sell'],
    ] as const)
      for (const [price, size, id] of rows)
        this.orders.push({ id, side, price: plain(price), size: lots(size) })
  }

  apply(frame: Frame): void {
    const sequence = Number(frame['sequence'])
    if (sequence <= this.sequence) return
    if (sequence !== this.sequence + 1)
      throw new Error(`gap: ${String(this.sequence)} to ${String(sequence)}`)
    this.sequence = sequence
    const id = String(frame['type'] === 'match' ? frame['maker_order_id'] : frame['order_id'])
    const order = this.orders.find((other) => other.id === id)
    if (frame['type'] === 'open')
      this.orders.push({
        id,
        side: String(frame['side']),
        price: plain(frame['price']),
        size: lots(frame['remaining_size']),
      })
    else if (frame['type'] === 'match') {
      if (order === undefined || order.price !== plain(frame['price'])) throw new Error('unknown maker')
      order.size -= lots(frame['size'])
      if (order.size <= 0) this.remove(order)
    } else if (frame['type'] === 'done' && order !== undefined) this.remove(order)
    else if (frame['type'] === 'change' && order !== undefined) this.change(order, frame)
  }

  private change(order: NaiveOrder, frame: Frame): void {
    const size = lots(frame['new_size'])
    if (order.size !== lots(frame['old_size'])) throw new Error('old size is wrong')
    const { new_price: moved } = frame
    const price = typeof moved === 'string' ? plain(moved) : order.price
    const keepsPlace = price === order.price && size < order.size
    if (!keepsPlace) {
      this.remove(order)
      this.orders.push(order)
    }
    order.price = price
    order.size = size
  }

  private remove(order: NaiveOrder): void {
    this.orders = this.orders.filter((other) => other !== order)
  }

  /** Rows of a side, best first. */
  rows(side: 'buy' | 'sell'): { price: string; size: string; id: string }[] {
    const sign = side === 'buy' ? -1 : 1
    return this.orders
      .filter((order) => order.side === side)
      .sort((left, right) => sign * (Number(left.price) - Number(right.price)))
      .map(({ price, size, id }) => ({ price, size: (size / 1e8).toFixed(8), id }))
  }
}

/** GET with a User-Agent; the status and the JSON of the body. */
export const get = async (
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; body: unknown }> => {
  const answer = await fetch(url, { headers: { 'user-agent': 'test', ...headers } })
  return { status: answer.status, body: await answer.json() }
}
