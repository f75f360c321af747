/**
 * A simulated Bitfinex on one loopback port: websocket and REST over generated flow. Owns clients, timers and faults;
 * the flow itself is the caller's.
 */
import { BitfinexMarket, type BurstRhythm } from './bitfinex-market.ts'
import { answerBitfinex } from './bitfinex-rest.ts'
import { BitfinexSession, type Channel, type ChannelRequest, type ChannelSource } from './bitfinex-session.ts'
import type { BookWindow } from './bitfinex-window.ts'
import { answerJson, type ClientConnection, openListener } from './listener.ts'
import type { SimulatedVenue, SimulatedVenueOptions } from './simulated-venue.ts'

export interface BitfinexServerOptions extends SimulatedVenueOptions {
  /** Every 200 ms of the venue's time when left out. */
  readonly rhythm?: Partial<BurstRhythm>
  /** Channels of one socket; 25 when left out. */
  readonly channelLimit?: number
  /** 15,000 when left out. */
  readonly heartbeatMilliseconds?: number
}

/** What can be made to go wrong, for every client at once. */
export interface BitfinexFaults {
  /** An `info` frame: 20051 (the sockets close after it), 20060, 20061. */
  readonly announce: (code: number) => void
  /** The next checksum of every client is wrong. */
  readonly spoilChecksums: () => void
  /** Every client finds a hole in its sequence. */
  readonly skipSequence: () => void
  /** Every socket ends without a close frame. */
  readonly cut: () => void
}

export interface SimulatedBitfinex extends SimulatedVenue {
  /** The window of a pair as last sent; undefined for an unknown pair. R0 of 250 orders when left out. */
  readonly window: (pair: string, precision?: string, length?: number) => BookWindow | undefined
  readonly faults: BitfinexFaults
}

const BURST_MILLISECONDS = 200
const HEARTBEAT_MILLISECONDS = 15_000
/** A socket without a subscription is closed after this. */
const PATIENCE_MILLISECONDS = 60_000
/** Bytes that may wait for a client before the flow waits, and for how long it waits before the client is cut. */
const BUFFER_LIMIT = 1024 * 1024
const STALL_MILLISECONDS = 30_000
const FIRST_TRADE_ID = 1_795_000_000
const FIRST_CHANNEL_ID = 166_098

const INFO_TEXTS: Readonly<Record<number, string>> = {
  20051: 'Stopping. Please try to reconnect',
  20060:
    'Entering in Maintenance mode. Please pause any activity and resume after receiving the info message 20061',
  20061:
    'Maintenance ended. You can resume normal activity. It is advised to unsubscribe/subscribe again all channels.',
}

interface Client {
  readonly connection: ClientConnection
  readonly session: BitfinexSession
  readonly channels: Set<Channel>
  behindSince: number | undefined
}

/** `tBTCUSD`; with a colon where a code is longer than three letters: `tAVAX:USD`. */
const bitfinexSymbol = (pair: string): string => {
  const [base = '', quote = ''] = pair.split('-')
  return base.length > 3 || quote.length > 3 ? `t${base}:${quote}` : `t${base}${quote}`
}

class BitfinexServer implements ChannelSource {
  /** By symbol. */
  readonly markets: ReadonlyMap<string, BitfinexMarket>
  private readonly options: BitfinexServerOptions
  private readonly clients = new Map<BitfinexSession, Client>()
  private readonly endings: (() => void)[] = []
  private lastTradeId = FIRST_TRADE_ID
  private lastChannelId = FIRST_CHANNEL_ID

  constructor(options: BitfinexServerOptions) {
    this.options = options
    const rhythm = { milliseconds: BURST_MILLISECONDS, events: Infinity, ...options.rhythm }
    const markets = options.markets.map((market) => {
      const served = new BitfinexMarket(
        market,
        rhythm,
        () => ++this.lastTradeId,
        () => this.cork(),
      )
      this.endings.push(market.engine.subscribe((event) => served.follow(event)))
      return [bitfinexSymbol(market.pair), served] as const
    })
    this.markets = new Map(markets)
  }

  /** Milliseconds of the venue's time. */
  now(): number {
    return Math.floor(this.options.now() / 1000)
  }

  all(): readonly Client[] {
    return [...this.clients.values()]
  }

  refusal(request: ChannelRequest): string | undefined {
    if (request.channel !== 'book' && request.channel !== 'trades') return 'channel: unknown'
    return this.markets.has(request.symbol) ? undefined : 'symbol: invalid'
  }

  subscribed(session: BitfinexSession, channel: Channel): void {
    this.clients.get(session)?.channels.add(channel)
    this.markets.get(channel.symbol)?.subscribed(session, channel, this.now())
  }

  unsubscribed(session: BitfinexSession, channel: Channel): void {
    this.clients.get(session)?.channels.delete(channel)
    this.markets.get(channel.symbol)?.unsubscribed(channel)
  }

  welcome(connection: ClientConnection): void {
    const { socket } = connection
    const session = new BitfinexSession({
      source: this,
      send: (text) => {
        if (socket.readyState === socket.OPEN) socket.send(text)
      },
      now: () => this.now(),
      newChannelId: () => ++this.lastChannelId,
      ...(this.options.channelLimit === undefined ? {} : { channelLimit: this.options.channelLimit }),
    })
    const client: Client = { connection, session, channels: new Set(), behindSince: undefined }
    this.clients.set(session, client)
    const every = this.options.heartbeatMilliseconds ?? HEARTBEAT_MILLISECONDS
    const heart = setInterval(() => session.heartbeat(this.now()), every)
    const patience = setTimeout(() => {
      if (client.channels.size === 0) socket.terminate()
    }, PATIENCE_MILLISECONDS)
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      if (!isBinary) session.receive(data.toString('utf8'))
    })
    socket.on('close', () => {
      clearInterval(heart)
      clearTimeout(patience)
      this.clients.delete(session)
      for (const channel of client.channels) this.markets.get(channel.symbol)?.unsubscribed(channel)
    })
    session.greet()
  }

  hasReaders(): boolean {
    return this.all().some(({ channels }) => channels.size > 0)
  }

  isBehind(): boolean {
    const now = performance.now()
    let isBehind = false
    for (const client of this.clients.values()) {
      const { socket } = client.connection
      if (socket.bufferedAmount <= BUFFER_LIMIT) {
        client.behindSince = undefined
        continue
      }
      isBehind = true
      client.behindSince ??= now
      if (now - client.behindSince > STALL_MILLISECONDS) socket.terminate()
    }
    return isBehind
  }

  tick(): void {
    for (const market of this.markets.values()) market.burstIfDue(this.now())
  }

  flush(): void {
    for (const market of this.markets.values()) market.finish(this.now())
  }

  end(): void {
    for (const ending of this.endings) ending()
  }

  /** Frames sent until the returned call leave in few writes. */
  private cork(): () => void {
    const wires = this.all().map(({ connection }) => connection.wire)
    for (const wire of wires) wire.cork()
    return () => {
      for (const wire of wires) wire.uncork()
    }
  }
}

const faultsOf = (server: BitfinexServer): BitfinexFaults => ({
  announce: (code) => {
    for (const { session, connection } of server.all()) {
      session.announce(code, INFO_TEXTS[code] ?? '')
      if (code === 20_051) connection.socket.close(1001, 'going away')
    }
  },
  spoilChecksums: () => {
    for (const { session } of server.all()) session.spoilChecksum()
  },
  skipSequence: () => {
    for (const { session } of server.all()) session.skipSequence()
  },
  cut: () => {
    for (const { connection } of server.all()) connection.socket.terminate()
  },
})

/** Rejects with the system's error when the port cannot be opened. */
export const startBitfinex = async (options: BitfinexServerOptions): Promise<SimulatedBitfinex> => {
  const server = new BitfinexServer(options)
  const listener = await openListener({
    port: options.port,
    compression: false,
    client: (connection) => server.welcome(connection),
    request: (request, response) => {
      if (options.intercept(request, response)) return
      const { status, text } = answerBitfinex(request.url ?? '/', server.markets)
      answerJson(response, status, text)
    },
  })
  // By the wall clock, so that the last changes of a quiet market leave in time.
  const ticks = setInterval(() => server.tick(), BURST_MILLISECONDS / 2)
  return {
    ws: listener.ws,
    rest: listener.rest,
    hasReaders: () => server.hasReaders(),
    isBehind: () => server.isBehind(),
    flush: () => server.flush(),
    books: () => Array.from(server.markets.values(), (market) => market.figures()),
    window: (pair, precision = 'R0', length = 250) =>
      server.markets.get(bitfinexSymbol(pair))?.window(precision, length),
    faults: faultsOf(server),
    stop: async () => {
      clearInterval(ticks)
      server.end()
      await listener.close()
    },
  }
}
