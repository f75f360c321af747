/** The limit that a server is measured against: one constant frame, sent as often as asked for to each client. */
import type { AddressInfo } from 'node:net'

import { WebSocketServer } from 'ws'

const [frames = '0', size = '0'] = process.argv.slice(2)
const frame = Buffer.alloc(Number(size), 'x')
const FULL_BUFFER = 1024 * 1024
const SLICE = 256

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false })
server.on('connection', (socket) => {
  let left = Number(frames)
  const turn = (): void => {
    if (socket.readyState !== socket.OPEN) return
    if (socket.bufferedAmount > FULL_BUFFER) {
      setTimeout(turn, 1)
      return
    }
    for (let count = Math.min(left, SLICE); count > 0; count--) {
      socket.send(frame, { binary: false })
      left--
    }
    if (left > 0) setImmediate(turn)
  }
  socket.once('message', turn)
})
server.on('listening', () => {
  process.stdout.write(`${String((server.address() as AddressInfo).port)}\n`)
})
