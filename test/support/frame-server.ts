/**
 * A venue of few words on loopback: Bitfinex's handshake, then whatever frames the test sends. Logs all it sent. Coinbase's
 * clients get no answer at all, or the refusal.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { type WebSocket, WebSocketServer } from 'ws'

export interface FrameServer {
  readonly url: string
  readonly rest: string
  /** Every frame sent, in order. */
  readonly sent: readonly Buffer[]
  /** Clients that have been greeted and have their books, oldest first. */
  readonly clients: readonly WebSocket[]
  /** Connections ever made. */
  readonly connections: () => number
  readonly send: (frame: string | Buffer, isBinary?: boolean) => void
  /** A frame of the book's channel with the next sequence; settles when it was handed to the system. */
  readonly sendOrder: () => Promise<void>
  /** A change of the one book that every client has, to all of them; later clients get it in their snapshots. */
  readonly broadcast: (order: BookRow) => void
  /** What each connection was sent, in the order in which they were made. */
  readonly histories: readonly { readonly path: string; readonly frames: readonly Buffer[] }[]
  readonly close: () => Promise<void>
}

/** Number, price (0: it is gone) and amount of an order. */
export type BookRow = readonly [number, number, number]

type Request = Readonly<Record<string, unknown>>

/** `refuse`: what to answer to a subscription instead. */
export const startFrameServer = async (refuse?: (request: Request) => string): Promise<FrameServer> => {
  const sent: Buffer[] = []
  const clients: WebSocket[] = []
  const sequences = new WeakMap<WebSocket, number>()
  const histories: { readonly path: string; readonly frames: Buffer[]; readonly client: WebSocket }[] = []
  const book = new Map<number, BookRow>([
    [11, [11, 100, 1]],
    [12, [12, 101, -1]],
  ])
  const http = createServer((_request, response) => response.end('[]'))
  const sockets = new WebSocketServer({ server: http })
  const next = (client: WebSocket): string => {
    const sequence = (sequences.get(client) ?? 0) + 1
    sequences.set(client, sequence)
    return `${String(sequence)},${String(1_700_000_000_000 + sequence * 100)}`
  }
  const sendTo = async (client: WebSocket, frame: string | Buffer, isBinary = false): Promise<void> => {
    sent.push(Buffer.from(frame))
    histories.find((history) => history.client === client)?.frames.push(Buffer.from(frame))
    await new Promise<void>((resolve) => {
      client.send(frame, { binary: isBinary }, () => {
        resolve()
      })
    })
  }
  const answer = (client: WebSocket, request: Request): void => {
    const { event, channel, flags, type } = request
    const say = (frame: string): void => void sendTo(client, frame)
    if (event === 'conf') say(JSON.stringify({ event, status: 'OK', flags }))
    if (event !== 'subscribe' && type !== 'subscribe') return
    if (refuse !== undefined) {
      say(refuse(request))
      return
    }
    if (type === 'subscribe') return
    const chanId = channel === 'book' ? 1 : 2
    say(JSON.stringify({ ...request, event: 'subscribed', chanId, pair: 'BTCUSD' }))
    if (channel === 'book') say(`[1,${JSON.stringify([...book.values()])},${next(client)}]`)
    else say(`[2,[],${next(client)}]`)
    if (channel === 'book') clients.push(client)
  }
  let connections = 0
  sockets.on('connection', (client, request) => {
    connections++
    histories.push({ path: request.url ?? '', frames: [], client })
    void sendTo(
      client,
      '{"event":"info","version":2,"serverId":"9c0aa1ed-e163-4cc3-8615-c12e68a91f1f","platform":{"status":1}}',
    )
    client.on('message', (data: Buffer) => {
      answer(client, JSON.parse(data.toString('utf8')) as Request)
    })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const address = `127.0.0.1:${String((http.address() as AddressInfo).port)}`
  const latest = (): WebSocket => {
    const client = clients.at(-1)
    if (client === undefined) throw new Error('no client has subscribed yet')
    return client
  }
  return {
    url: `ws://${address}`,
    rest: `http://${address}`,
    sent,
    clients,
    connections: () => connections,
    send: (frame, isBinary = false) => void sendTo(latest(), frame, isBinary),
    sendOrder: async () => {
      const client = latest()
      const order = sequences.get(client) ?? 0
      await sendTo(
        client,
        `[1,[${String(1000 + (order % 40))},${String(80 + (order % 17))},1],${next(client)}]`,
      )
    },
    broadcast: (order) => {
      const [id, price] = order
      if (price === 0) book.delete(id)
      else book.set(id, order)
      for (const client of clients)
        if (client.readyState === client.OPEN)
          void sendTo(client, `[1,${JSON.stringify(order)},${next(client)}]`)
    },
    histories,
    close: async () => {
      for (const client of sockets.clients) client.terminate()
      sockets.close()
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
}
