/** The limit that receive times are measured against: a client that stamps every frame as it comes, and does nothing else. */
import type { Buffer } from 'node:buffer'

import { WebSocket } from 'ws'

import { microsNow } from './exact-clock.ts'
import { stampErrors } from './stamp-errors.ts'

const [url = '', wanted = '0'] = process.argv.slice(2)
const START = 8
const END = 24
const errors = new Float64Array(Number(wanted))
let frames = 0
let received = 0

const socket = new WebSocket(url, { skipUTF8Validation: true, perMessageDeflate: false })
socket.on('upgrade', (response) => {
  response.socket.prependListener('data', () => {
    received = microsNow()
  })
})
socket.on('open', () => {
  socket.send('{"type":"subscribe"}')
})
socket.on('message', (data: Buffer) => {
  errors[frames++] = received - Number(data.toString('latin1', START, END))
  if (frames < errors.length) return
  process.stdout.write(`${JSON.stringify(stampErrors(errors))}\n`)
  socket.terminate()
})
