/** A server that speaks just enough of MongoDB's wire protocol to refuse what a script says, as a real one would. */
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

import { BSON } from 'mongodb'

const HEADER_BYTES = 16
const OP_REPLY = 1
const OP_QUERY = 2004
const OP_MSG = 2013
/** What a client begins with that wants TLS: a server that has none ends the connection. */
const TLS_HANDSHAKE = 0x16
const TLS_MAJOR = 3

type Answer = Readonly<Record<string, unknown>>

export interface MongoScript {
  /** Added to what the server says of itself. */
  readonly hello?: Answer
  /** Answers by the name of the command; others are done, and find nothing. */
  readonly answers?: Readonly<Record<string, Answer>>
}

export interface ScriptedMongo {
  readonly host: string
  readonly close: () => Promise<void>
}

/** An error as a server answers it. */
export const mongoError = (code: number, codeName: string, errmsg: string): Answer => ({
  ok: 0,
  code,
  codeName,
  errmsg,
})

const HELLO: Answer = {
  ok: 1,
  isWritablePrimary: true,
  ismaster: true,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  minWireVersion: 0,
  maxWireVersion: 21,
  logicalSessionTimeoutMinutes: 30,
}

/** The answer to a query that finds these documents. */
export const found = (...firstBatch: readonly Answer[]): Answer => ({
  ok: 1,
  cursor: { id: BSON.Long.ZERO, ns: 'books.x', firstBatch },
})

const answerTo = (command: Answer, { hello, answers }: MongoScript): Answer => {
  const [name = ''] = Object.keys(command)
  if (/^(hello|ismaster)$/i.test(name)) return { ...HELLO, localTime: new Date(0), ...hello }
  const scripted = answers?.[name]
  if (scripted !== undefined) return scripted
  return { ...found(), n: 1, values: [] }
}

const message = (request: Buffer, code: number, ...parts: readonly Uint8Array[]): Buffer => {
  const header = Buffer.alloc(HEADER_BYTES)
  const body = Buffer.concat(parts)
  header.writeInt32LE(HEADER_BYTES + body.length, 0)
  header.writeInt32LE(request.readInt32LE(4), 8)
  header.writeInt32LE(code, 12)
  return Buffer.concat([header, body])
}

const reply = (request: Buffer, script: MongoScript): Buffer => {
  const code = request.readInt32LE(12)
  if (code === OP_QUERY) {
    // Flags, the collection's name, what to skip, what to give; then the command.
    const start = request.indexOf(0, HEADER_BYTES + 4) + 1 + 8
    const answer = answerTo(BSON.deserialize(request.subarray(start)), script)
    const head = Buffer.alloc(20)
    head.writeInt32LE(1, 16)
    return message(request, OP_REPLY, head, BSON.serialize(answer))
  }
  const start = HEADER_BYTES + 4 + 1
  const command = BSON.deserialize(request.subarray(start, start + request.readInt32LE(start)))
  return message(request, OP_MSG, Buffer.alloc(5), BSON.serialize(answerTo(command, script)))
}

const serve = (socket: Socket, script: MongoScript): void => {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('error', () => socket.destroy())
  socket.on('data', (bytes: Buffer) => {
    rest = Buffer.concat([rest, bytes])
    if (rest[0] === TLS_HANDSHAKE && rest[1] === TLS_MAJOR) socket.destroy()
    while (rest.length >= HEADER_BYTES && rest.length >= rest.readInt32LE(0)) {
      const request = rest.subarray(0, rest.readInt32LE(0))
      rest = rest.subarray(request.length)
      const code = request.readInt32LE(12)
      if (code === OP_QUERY || code === OP_MSG) socket.write(reply(request, script))
    }
  })
}

export const startScriptedMongo = async (script: MongoScript): Promise<ScriptedMongo> => {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    serve(socket, script)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  return {
    host: `127.0.0.1:${String(address.port)}`,
    close: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}
