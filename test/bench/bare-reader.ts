/** The limit that a recorder is measured against: a client that parses every frame and keeps nothing. */
import { WebSocket } from 'ws'

const [url = '', wanted = '0'] = process.argv.slice(2)
const socket = new WebSocket(url, { skipUTF8Validation: true, perMessageDeflate: false })
let frames = 0
socket.on('open', () => {
  socket.send('{"type":"subscribe"}')
})
socket.on('message', (data: Buffer) => {
  const parsed: unknown = JSON.parse(data.toString('utf8'))
  if (parsed !== null && ++frames === Number(wanted)) process.exit(0)
})
