import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'

import { FrameBatch } from '../../../simulator/venues/frame-batch.ts'
import { type ClientConnection, type Listener, openListener } from '../../../simulator/venues/listener.ts'

let listener: Listener | undefined
afterEach(async () => {
  await listener?.close()
})

const connect = async (): Promise<{ connection: ClientConnection; client: WebSocket; read: string[] }> => {
  let welcome: (connection: ClientConnection) => void = () => undefined
  const welcomed = new Promise<ClientConnection>((resolve) => (welcome = resolve))
  listener = await openListener({ port: 0, compression: false, client: welcome, request: () => undefined })
  const client = new WebSocket(listener.ws)
  const read: string[] = []
  client.on('message', (data: Buffer) => read.push(data.toString('utf8')))
  return { connection: await welcomed, client, read }
}

describe('frames in one write', () => {
  it('arrive whole and in order, between frames sent the usual way, whatever their characters', async () => {
    const { connection, client, read } = await connect()
    const batch = new FrameBatch(connection.wire)
    const texts = fc.sample(
      fc.tuple(fc.string({ unit: 'grapheme', maxLength: 300 }), fc.integer({ min: 0, max: 25_000 })),
      { numRuns: 400, seed: 1 },
    )
    const sent = texts.map(([text, length], index) =>
      text.padEnd(index % 9 === 0 ? length : index % 3 === 0 ? 0 : 200, 'ż'),
    )
    let batched = 0
    for (const text of sent) {
      if (batch.add(text)) batched++
      else {
        batch.flush()
        connection.socket.send(text)
      }
    }
    expect(batched).toBeGreaterThan(100)
    await expect.poll(() => read.length, { timeout: 120_000 }).toBe(sent.length)
    expect(read).toEqual(sent)
    client.terminate()
  })
})
