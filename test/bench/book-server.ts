/** A thread that serves the level-3 book it was started with, and nothing else. */
import { Buffer } from 'node:buffer'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { parentPort, workerData } from 'node:worker_threads'

import { PRODUCT } from '../support/full-feed.ts'

const body = Buffer.from(workerData as string)
const server = createServer((request, response) => {
  if (request.url?.startsWith(`/products/${PRODUCT}/book`) === true) response.end(body)
  else response.writeHead(404).end('{"message":"NotFound"}')
})
server.listen(0, '127.0.0.1', () => {
  parentPort?.postMessage((server.address() as AddressInfo).port)
})
