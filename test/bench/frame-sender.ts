/** A process of its own that serves one generated `full` feed, rendered beforehand, as fast as the client reads. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { type WebSocket, WebSocketServer } from 'ws'

import { generateFullFeed, PRODUCT } from '../support/full-feed.ts'

const FULL_BUFFER = 4 * 1024 * 1024
const SLICE = 200

const frameCount = Number(process.argv[2])
const feed = generateFullFeed(frameCount, Number(process.argv[3]))
const heartbeat = JSON.stringify({
  type: 'heartbeat',
  product_id: PRODUCT,
  sequence: feed.sequence + feed.frames.length,
  last_trade_id: 0,
  time: '2023-11-14T22:13:20.000000Z',
})

const server = createServer((request, response) => {
  if (request.url?.startsWith(`/products/${PRODUCT}/book`) === true) response.end(feed.body)
  else response.writeHead(404).end('{"message":"NotFound"}')
})

const play = (socket: WebSocket): void => {
  let next = 0
  const turn = (): void => {
    if (socket.readyState !== socket.OPEN) return
    if (socket.bufferedAmount > FULL_BUFFER) {
      setTimeout(turn, 1)
      return
    }
    const end = Math.min(next + SLICE, feed.frames.length)
    while (next < end) socket.send(feed.frames[next++] ?? '')
    if (next < feed.frames.length) setImmediate(turn)
  }
  turn()
  const beat = setInterval(() => {
    socket.send(heartbeat)
  }, 1000)
  socket.on('close', () => {
    clearInterval(beat)
  })
}

new WebSocketServer({ server }).on('connection', (socket) => {
  socket.once('message', () => {
    play(socket)
  })
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${String((server.address() as AddressInfo).port)}\n`)
})
