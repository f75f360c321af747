/** A process of its own that serves one generated `full` feed at a steady rate, each frame with the time of its writing. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { type WebSocket, WebSocketServer } from 'ws'

import { generateFullFeed, PRODUCT } from '../support/full-feed.ts'

const [frames = '0', orders = '0', rate = '0'] = process.argv.slice(2)
const feed = generateFullFeed(Number(frames), Number(orders))

const server = createServer((request, response) => {
  if (request.url?.startsWith(`/products/${PRODUCT}/book`) === true) response.end(feed.body)
  else response.writeHead(404).end('{"message":"NotFound"}')
})

const now = (): number => Math.round((performance.timeOrigin + performance.now()) * 1000)

const play = (socket: WebSocket): void => {
  const began = performance.now()
  let next = 0
  const turn = (): void => {
    if (socket.readyState !== socket.OPEN) return
    const due = Math.min(((performance.now() - began) / 1000) * Number(rate), feed.frames.length)
    while (next < due) socket.send(`{"sent":${String(now())},${(feed.frames[next++] ?? '').slice(1)}`)
    if (next < feed.frames.length) setTimeout(turn, 1)
  }
  turn()
}

new WebSocketServer({ server }).on('connection', (socket) => {
  socket.once('message', () => {
    play(socket)
  })
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${String((server.address() as AddressInfo).port)}\n`)
})
