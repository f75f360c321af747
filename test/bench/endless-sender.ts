/** The limit that a simulated venue is measured against: a bare server that sends one constant frame for ever. */
import type { AddressInfo } from 'node:net'

import { type WebSocket, WebSocketServer } from 'ws'

const FULL_BUFFER = 4 * 1024 * 1024
const SLICE = 200

const frame = Buffer.from(JSON.stringify({ type: 'constant' }).padEnd(Number(process.argv[2])))

const play = (socket: WebSocket): void => {
  if (socket.readyState !== socket.OPEN) return
  if (socket.bufferedAmount > FULL_BUFFER) {
    setTimeout(play, 1, socket)
    return
  }
  for (let sent = 0; sent < SLICE; sent++) socket.send(frame, { binary: false })
  setImmediate(play, socket)
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0 })
server.on('connection', (socket) => {
  socket.once('message', () => play(socket))
})
server.on('listening', () => {
  process.stdout.write(`${String((server.address() as AddressInfo).port)}\n`)
})
