/**
 * A process of its own that plays one generated `full` feed to each client, at the rate its URL asks for: each frame with
 * the time of its writing. Frames lie ready as bytes and those due together leave in one write; the book is served by
 * another thread, so that a stamp waits for nothing but its timer.
 */
import { Buffer } from 'node:buffer'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { Worker } from 'node:worker_threads'

import { WebSocketServer } from 'ws'

import { generateFullFeed } from '../support/full-feed.ts'
import { microsNow } from './exact-clock.ts'

const [frames = '0', orders = '0'] = process.argv.slice(2)
const STAMP = '{"sent":'
const DIGITS = 16
/** So much is on its way at most where no rate is asked for. */
const FULL_BUFFER = 4 * 1024 * 1024

/** A text message of the size that most frames have: unmasked, its length in two bytes. */
const frameOf = (text: string): Buffer => {
  const payload = Buffer.from(`${STAMP}${'0'.repeat(DIGITS)},${text.slice(1)}`)
  if (payload.length < 126 || payload.length > 0xffff) throw new Error('a frame of an unusual size')
  const head = Buffer.from([0x81, 126, payload.length >> 8, payload.length & 0xff])
  return Buffer.concat([head, payload])
}

const generated = generateFullFeed(Number(frames), Number(orders))
const parts = generated.frames.map(frameOf)
const bytes = Buffer.concat(parts)
const count = parts.length
const ends = new Float64Array(count)
parts.forEach((part, index) => (ends[index] = (ends[index - 1] ?? 0) + part.length))
parts.length = 0

/** Stamps the frames from one to before the other with the present. */
const stamp = (first: number, end: number): void => {
  const digits = Buffer.from(String(microsNow()))
  for (let frame = first; frame < end; frame++) digits.copy(bytes, (ends[frame - 1] ?? 0) + 4 + STAMP.length)
}

const play = (socket: Socket, rate: number): void => {
  const began = performance.now()
  let next = 0
  const turn = (): void => {
    if (socket.destroyed) return
    const most = rate > 0 ? ((performance.now() - began) / 1000) * rate : next + 1000
    const due = Math.min(Math.floor(most), count)
    if (due > next && (rate > 0 || socket.writableLength < FULL_BUFFER)) {
      stamp(next, due)
      socket.write(bytes.subarray(ends[next - 1] ?? 0, ends[due - 1]))
      next = due
    }
    if (next < count) {
      if (rate > 0 || socket.writableLength >= FULL_BUFFER) setTimeout(turn, 1)
      else setImmediate(turn)
    }
  }
  turn()
}

const server = createServer()
new WebSocketServer({ server }).on('connection', (client, request) => {
  const rate = Number(new URL(request.url ?? '/', 'http://localhost').searchParams.get('rate') ?? 0)
  client.once('message', () => {
    play(request.socket, rate)
  })
})
const book = new Worker(new URL('./book-server.js', import.meta.url), { workerData: generated.body })
book.once('message', (bookPort: number) => {
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo
    process.stdout.write(`${JSON.stringify({ port, bookPort, frames: count })}\n`)
  })
})
