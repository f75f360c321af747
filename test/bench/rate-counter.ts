/** A bare client: subscribes, counts frames for some seconds, prints frames a second and bytes a frame. */
import { WebSocket } from 'ws'

import { TEST_CREDENTIALS } from '../../simulator/simulate.ts'
import { signatureFor } from '../../simulator/venues/coinbase-auth.ts'

const WARM_UP = 1000
const [url = '', product = '', seconds = '3'] = process.argv.slice(2)
const socket = new WebSocket(url, { skipUTF8Validation: true, perMessageDeflate: false })

const { key, secret, passphrase } = TEST_CREDENTIALS
const timestamp = String(Date.now() / 1000)
const signature = signatureFor(secret, timestamp, 'GET/users/self/verify')
const signed = { key, passphrase, timestamp, signature }

let frames = 0
let bytes = 0
let isCounting = false
socket.on('open', () => {
  socket.send(JSON.stringify({ type: 'subscribe', product_ids: [product], channels: ['full'], ...signed }))
})
socket.on('message', (data: Buffer) => {
  if (!isCounting) return
  frames++
  bytes += data.length
})
setTimeout(() => {
  isCounting = true
  const started = performance.now()
  setTimeout(
    () => {
      const elapsed = (performance.now() - started) / 1000
      process.stdout.write(`${JSON.stringify({ rate: frames / elapsed, size: bytes / frames })}\n`)
      process.exit(0)
    },
    Number(seconds) * 1000,
  )
}, WARM_UP)
