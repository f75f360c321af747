/** The clients of a simulated Bitfinex: greets them, brings sessions and markets together, ends who breaks its rules. */
import { mix32, Rng } from '../engine/random.ts'
import { BitfinexClient } from './bitfinex-client.ts'
import type { BitfinexLimits } from './bitfinex-limits.ts'
import { BitfinexMarket, type BurstRhythm } from './bitfinex-market.ts'
import { BitfinexSession, type Channel, type ChannelRequest, type ChannelSource } from './bitfinex-session.ts'
import { endClient } from './end-client.ts'
import type { ClientConnection } from './listener.ts'
import type { SimulatedMarket } from './simulated-venue.ts'
import { SlowReaders } from './slow-readers.ts'

export interface BitfinexHallOptions {
  readonly markets: readonly SimulatedMarket[]
  /** The venue's time, microseconds. */
  readonly now: () => number
  readonly rhythm: BurstRhythm
  readonly limits: BitfinexLimits | undefined
  /** Channels of one socket. */
  readonly channelLimit: number
  /** Milliseconds from heartbeat to heartbeat. */
  readonly heartbeat: number
  /** Milliseconds that a socket may be without a channel. */
  readonly patience: number
  /** Seed of what varies; nothing does when undefined. */
  readonly quirks: number | undefined
}

const FIRST_TRADE_ID = 1_795_000_000
const FIRST_CHANNEL_ID = 166_098
/** A longer message of a client is its last. */
const LARGEST_REQUEST = 65_536
const POLICY_VIOLATION = 1008
const TOO_BIG = 1009
/** Of a thousand acknowledgements, how many come late, and by how many milliseconds at most. */
const LATE_ANSWERS = 250
const LATEST_ANSWER = 300

/** `tBTCUSD`; with a colon where a code is longer than three letters: `tAVAX:USD`. */
export const bitfinexSymbol = (pair: string): string => {
  const [base = '', quote = ''] = pair.split('-')
  return base.length > 3 || quote.length > 3 ? `t${base}:${quote}` : `t${base}${quote}`
}

export class BitfinexHall implements ChannelSource {
  /** By symbol. */
  readonly markets: ReadonlyMap<string, BitfinexMarket>
  private readonly options: BitfinexHallOptions
  /** Symbols of funding markets: one for each currency, where nobody lends. */
  private readonly funding: ReadonlySet<string>
  private readonly slow = new SlowReaders()
  private readonly clients = new Map<BitfinexSession, BitfinexClient>()
  private readonly endings: (() => void)[] = []
  private lastTradeId = FIRST_TRADE_ID
  private lastChannelId = FIRST_CHANNEL_ID
  private connections = 0
  private isPaused = false

  constructor(options: BitfinexHallOptions) {
    this.options = options
    const markets = options.markets.map((market) => [bitfinexSymbol(market.pair), this.open(market)] as const)
    this.markets = new Map(markets)
    this.funding = new Set(options.markets.flatMap(({ pair }) => pair.split('-').map((code) => `f${code}`)))
  }

  /** Whether the platform is in maintenance. */
  get isInMaintenance(): boolean {
    return this.isPaused
  }

  get limits(): BitfinexLimits | undefined {
    return this.options.limits
  }

  /** Milliseconds of the venue's time. */
  now(): number {
    return Math.floor(this.options.now() / 1000)
  }

  all(): readonly BitfinexClient[] {
    return [...this.clients.values()]
  }

  refusal(request: ChannelRequest): string | undefined {
    // A status key that is unknown gets no answer, and here all are.
    if (request.channel === 'status') return ''
    if (!['book', 'trades', 'ticker'].includes(request.channel)) return 'channel: unknown'
    const market = this.markets.get(request.symbol)
    const isListed = market !== undefined && market.market.listing?.status !== 'delisted'
    return isListed || this.funding.has(request.symbol) ? undefined : 'symbol: invalid'
  }

  subscribed(session: BitfinexSession, channel: Channel): void {
    this.clients.get(session)?.subscribed(channel)
    const market = this.markets.get(channel.symbol)
    if (market !== undefined) market.subscribed(session, channel, this.now())
    else if (channel.channel !== 'ticker') session.data(channel, '[]', this.now())
  }

  unsubscribed(session: BitfinexSession, channel: Channel): void {
    this.clients.get(session)?.unsubscribed(channel)
    this.markets.get(channel.symbol)?.unsubscribed(channel)
  }

  welcome(connection: ClientConnection): void {
    const { socket } = connection
    const session = this.newSession(connection)
    const client = new BitfinexClient(connection, session, this.options.patience)
    this.clients.set(session, client)
    this.slow.add(client)
    const heart = setInterval(() => session.heartbeat(this.now()), this.options.heartbeat)
    socket.on('ping', () => this.isGranted(client))
    socket.on('message', (data, isBinary) => {
      if (!this.isGranted(client) || isBinary || !Buffer.isBuffer(data)) return
      if (data.length > LARGEST_REQUEST) endClient(connection, TOO_BIG, 'message too big')
      else session.receive(data.toString('utf8'))
    })
    socket.on('close', () => {
      clearInterval(heart)
      client.closed()
      this.clients.delete(session)
      this.slow.remove(client)
      for (const channel of client.channels) this.markets.get(channel.symbol)?.unsubscribed(channel)
    })
    session.greet()
  }

  hasReaders(): boolean {
    for (const client of this.clients.values()) if (client.isReader()) return true
    return false
  }

  /** Cuts who reads too slowly; true when the flow should wait. */
  isBehind(): boolean {
    return this.slow.isBehind(performance.now())
  }

  /** Maintenance begins or is over. */
  pause(isPaused: boolean): void {
    this.isPaused = isPaused
    for (const market of this.markets.values()) market.pause(isPaused)
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

  private open(market: SimulatedMarket): BitfinexMarket {
    const { rhythm, quirks } = this.options
    const served = new BitfinexMarket(market, {
      rhythm,
      newTradeId: () => ++this.lastTradeId,
      beforeBurst: () => this.cork(),
      random: quirks === undefined ? undefined : new Rng(mix32(quirks) + market.seed),
    })
    this.endings.push(market.engine.subscribe((event) => served.follow(event)))
    return served
  }

  private newSession({ socket }: ClientConnection): BitfinexSession {
    const { quirks, channelLimit } = this.options
    this.connections++
    const random = quirks === undefined ? undefined : new Rng(mix32(quirks) + this.connections)
    const isOpen = (): boolean => socket.readyState === socket.OPEN
    return new BitfinexSession({
      source: this,
      send: (text) => {
        if (isOpen()) socket.send(text)
      },
      now: () => this.now(),
      newChannelId: () => ++this.lastChannelId,
      channelLimit,
      isInMaintenance: () => this.isPaused,
      later: (acknowledge) => {
        if (random?.chance(LATE_ANSWERS) !== true) return false
        setTimeout(() => {
          if (isOpen()) acknowledge()
        }, random.below(LATEST_ANSWER))
        return true
      },
    })
  }

  /** Counts a frame of a client; one too many is the client's last. */
  private isGranted(client: BitfinexClient): boolean {
    if (!client.isOpen) return false
    if (this.options.limits?.messages.take(client.address, performance.now()) !== false) return true
    endClient(client.connection, POLICY_VIOLATION, 'too many messages')
    return false
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
