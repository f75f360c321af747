/** A client that counts frames and prints how many a second it got, from its first to its last. */
import { WebSocket } from 'ws'

const [url = '', wanted = '0', product = ''] = process.argv.slice(2)
const signed = { key: 'bench', passphrase: 'bench', timestamp: '1', signature: 'bench' }
const socket = new WebSocket(url, { skipUTF8Validation: true, perMessageDeflate: false })
let frames = 0
let startedAt = 0
socket.on('open', () => {
  socket.send(JSON.stringify({ type: 'subscribe', product_ids: [product], channels: ['full'], ...signed }))
})
socket.on('message', () => {
  // The acknowledgement of a venue comes before the first frame of the play.
  if (++frames === 2) startedAt = performance.now()
  if (frames < Number(wanted)) return
  process.stdout.write(`${String(((frames - 2) / (performance.now() - startedAt)) * 1000)}\n`)
  process.exit(0)
})
