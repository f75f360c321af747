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
  readonly close: () => Promise<void>
}

type Request = Readonly<Record<string, unknown>>

/** `refuse`: what to answer to a subscription instead. */
export const startFrameServer = async (refuse?: (request: Request) => string): Promise<FrameServer> => {
  const sent: Buffer[] = []
  const clients: WebSocket[] = []
  const sequences = new WeakMap<WebSocket, number>()
  const http = createServer((_request, response) => response.end('[]'))
  const sockets = new WebSocketServer({ server: http })
  const next = (client: WebSocket): string => {
    const sequence = (sequences.get(client) ?? 0) + 1
    sequences.set(client, sequence)
    return `${String(sequence)},${String(1_700_000_000_000 + sequence * 100)}`
  }
  const sendTo = async (client: WebSocket, frame: string | Buffer, isBinary = false): Promise<void> => {
    sent.push(Buffer.from(frame))
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
    if (channel === 'book') say(`[1,[[11,100,1],[12,101,-1]],${next(client)}]`)
    else say(`[2,[],${next(client)}]`)
    if (channel === 'book') clients.push(client)
  }
  let connections = 0
  sockets.on('connection', (client) => {
    connections++
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
    close: async () => {
      for (const client of sockets.clients) client.terminate()
      sockets.close()
      http.closeAllConnections()
      http.close()
      await once(http, 'close')
    },
  }
}
