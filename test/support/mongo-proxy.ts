/**
 * Stands between a driver and a MongoDB server and spoils the conversation message by message: requests cut off or cut in
 * half, replies delayed, repeated, or lost after the server did what it was asked.
 */
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'

export type MongoFault =
  /** The connection ends before the request reaches the server. */
  | 'cut'
  /** The server gets half of the request, then the connection ends. */
  | 'half'
  /** The server does what it was asked, but its answer never arrives: the connection ends. */
  | 'lose-reply'
  | 'delay'
  | 'duplicate-reply'

export const MONGO_FAULTS: readonly MongoFault[] = ['cut', 'half', 'lose-reply', 'delay', 'duplicate-reply']

const DELAY = 150
const HEADER_BYTES = 16
const OP_MSG = 2013

/** The command a message asks for; undefined: an answer, or compressed. */
const commandIn = (message: Buffer): string | undefined => {
  if (message.readInt32LE(12) !== OP_MSG || message.length < HEADER_BYTES + 11) return undefined
  // Flags, kind of section, length of its document, type of its first field.
  const name = HEADER_BYTES + 4 + 1 + 4 + 1
  return message.toString('latin1', name, message.indexOf(0, name))
}

/** Cuts a stream of bytes into messages. */
const messagesFrom = (socket: Socket, take: (message: Buffer) => void): void => {
  let rest: Buffer = Buffer.alloc(0)
  socket.on('data', (bytes: Buffer) => {
    rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes])
    while (rest.length >= 4 && rest.length >= rest.readInt32LE(0)) {
      const length = rest.readInt32LE(0)
      const message = rest.subarray(0, length)
      rest = rest.subarray(length)
      take(message)
    }
  })
}

export class MongoProxy {
  /** Asked for every request; undefined: let it pass. */
  nextFault: (command: string | undefined) => MongoFault | undefined = () => undefined
  /** How often each fault was done. */
  readonly done = new Map<MongoFault, number>()
  private readonly server: Server
  private readonly target: { readonly host: string; readonly port: number }
  private readonly sockets = new Set<Socket>()

  private constructor(server: Server, host: string) {
    this.server = server
    const [name = '', port = ''] = host.split(':')
    this.target = { host: name, port: Number(port) }
    server.on('connection', (client) => {
      this.serve(client)
    })
  }

  /** Stands before the server at this `host:port`. */
  static async start(host: string): Promise<MongoProxy> {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    return new MongoProxy(server, host)
  }

  get host(): string {
    const address = this.server.address()
    if (address === null || typeof address === 'string') throw new Error('the proxy is closed')
    return `127.0.0.1:${String(address.port)}`
  }

  /** Ends every connection there is now. */
  cutAll(): void {
    for (const socket of this.sockets) socket.destroy()
  }

  async close(): Promise<void> {
    this.cutAll()
    this.server.close()
    await once(this.server, 'close')
  }

  private serve(client: Socket): void {
    const upstream = connect(this.target.port, this.target.host)
    const both = [client, upstream]
    const end = (): void => {
      for (const socket of both) socket.destroy()
    }
    for (const socket of both) {
      this.sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', end)
      socket.on('close', () => {
        this.sockets.delete(socket)
        end()
      })
    }
    let pending: MongoFault | undefined
    messagesFrom(client, (request) => {
      const fault = this.nextFault(commandIn(request))
      if (fault !== undefined) this.done.set(fault, (this.done.get(fault) ?? 0) + 1)
      if (fault === 'cut') end()
      else if (fault === 'half') upstream.write(request.subarray(0, request.length >> 1), end)
      else {
        pending = fault
        upstream.write(request)
      }
    })
    messagesFrom(upstream, (reply) => {
      const fault = pending
      pending = undefined
      if (fault === 'lose-reply') end()
      else if (fault === 'delay') setTimeout(() => client.write(reply), DELAY)
      else {
        client.write(reply)
        if (fault === 'duplicate-reply') client.write(reply)
      }
    })
  }
}
