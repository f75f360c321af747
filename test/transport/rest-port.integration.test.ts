import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { MessageChannel, type MessagePort } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'

import { type GetRest, getRest } from '../../src/transport/rest.ts'
import { answerRest, restBehind } from '../../src/transport/rest-port.ts'

const LARGE = 'x'.repeat(300_000)

describe('REST requests behind a port', () => {
  let server: Server
  let base: string
  let far: MessagePort
  let get: GetRest
  const open: ServerResponse[] = []
  const closed: string[] = []

  beforeEach(async () => {
    server = createServer((request, response) => {
      const path = request.url ?? ''
      if (path === '/never') {
        open.push(response)
        response.on('close', () => closed.push(path))
      } else if (path === '/large') response.end(LARGE)
      else if (path === '/zipped')
        response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(LARGE))
      else if (path === '/unsaid') response.write(LARGE, () => response.end(LARGE))
      else response.writeHead(418).end(request.headers['x-asked'])
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    base = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
    const { port1, port2 } = new MessageChannel()
    answerRest(port1, getRest)
    get = restBehind(port2)
    far = port1
    // As the worker of a feed, this one is kept going by something else.
    port2.ref()
  })

  afterEach(async () => {
    far.close()
    for (const response of open.splice(0)) response.destroy()
    closed.length = 0
    server.closeAllConnections()
    server.close()
    await once(server, 'close')
  })

  const ask = (path: string, signal = new AbortController().signal) =>
    get({ url: `${base}${path}`, headers: { 'x-asked': path }, timeout: 30_000, roomAhead: 100, signal })

  it('are answered, each with what it asked for; a large body in shared memory behind the room', async () => {
    const paths = ['/large', '/zipped', '/unsaid']
    const [small, ...large] = await Promise.all([ask('/small'), ...paths.map((path) => ask(path))])
    expect([small.status, Buffer.from(small.body).toString()]).toEqual([418, '/small'])
    expect(small.body.buffer).toBeInstanceOf(ArrayBuffer)
    expect(large.map(({ status }) => status)).toEqual([200, 200, 200])
    expect(large.map(({ body }) => Buffer.from(body).equals(Buffer.from(LARGE)))).toEqual([true, true, false])
    expect(Buffer.from(large[2]?.body ?? []).toString()).toBe(LARGE + LARGE)
    for (const { body } of large) {
      expect(body.buffer).toBeInstanceOf(SharedArrayBuffer)
      expect(body.byteOffset).toBe(100)
    }
  })

  it('are given up on the other side, too', async () => {
    const abort = new AbortController()
    const asked = ask('/never', abort.signal)
    await vi.waitFor(
      () => {
        expect(open.length).toBe(1)
      },
      { timeout: 30_000 },
    )
    abort.abort()
    expect((await asked).status).toBe(0)
    await vi.waitFor(
      () => {
        expect(closed).toEqual(['/never'])
      },
      { timeout: 30_000 },
    )
  })

  it('fail when nobody is behind the port any more', async () => {
    const asked = ask('/never')
    far.close()
    expect((await asked).status).toBe(0)
  })
})
