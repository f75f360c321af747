/**
 * One client's session by Bitfinex's protocol: info, conf, subscribe, unsubscribe, ping, errors, channel ids, frame
 * tails and the socket-wide sequence. Owns no socket, no clock and no data: what a channel delivers is its source's.
 */

/** Flags of `conf`. */
export const CONF_FLAGS = { timestamp: 32_768, sequence: 65_536, checksum: 131_072 } as const

/** What a client asks for in a `subscribe`, with defaults filled in. */
export interface ChannelRequest {
  readonly channel: string
  /** With its `t` or `f` in front. */
  readonly symbol: string
  /** `R0`, `P0` ... for books, '' for other channels. */
  readonly precision: string
  /** For books: how many rows a side. */
  readonly length: number
}

/** A subscription that was accepted. */
export interface Channel extends ChannelRequest {
  readonly id: number
}

/** Delivers what sessions subscribe to. */
export interface ChannelSource {
  /** The error text of code 10300, such as `symbol: invalid`; undefined when it can be served. */
  readonly refusal: (request: ChannelRequest) => string | undefined
  /** Called after `subscribed` was sent. */
  readonly subscribed: (session: BitfinexSession, channel: Channel) => void
  /** Called before `unsubscribed` is sent. */
  readonly unsubscribed: (session: BitfinexSession, channel: Channel) => void
}

export interface SessionOptions {
  readonly source: ChannelSource
  readonly send: (text: string) => void
  /** Milliseconds since the Unix epoch, for `pong`. */
  readonly now: () => number
  /** A channel id that no channel of this server has. */
  readonly newChannelId: () => number
  /** Channels a session may hold; Bitfinex's own limit is 25 by its documents. */
  readonly channelLimit?: number
}

const SERVER_ID = '00000000-0000-4000-8000-000000000000'
const LENGTHS: readonly unknown[] = ['1', '25', '100', '250']

type Fields = Readonly<Record<string, unknown>>

export class BitfinexSession {
  private readonly options: SessionOptions
  private readonly channels = new Map<number, Channel>()
  private flags = 0
  private sequence = 0
  private spoilsNextChecksum = false

  constructor(options: SessionOptions) {
    this.options = options
  }

  /** Whether the client asked for `cs` frames. */
  get wantsChecksums(): boolean {
    return (this.flags & CONF_FLAGS.checksum) !== 0
  }

  /** The first frame of every session. */
  greet(): void {
    this.event({ event: 'info', version: 2, serverId: SERVER_ID, platform: { status: 1 } })
  }

  /** An `info` frame with a code: 20051 stop, 20060 maintenance begins, 20061 maintenance ended. */
  announce(code: number, text: string): void {
    this.event({ event: 'info', code, msg: text })
  }

  /** Sends a frame of a channel: `[id,body]` with the tail this client asked for. `time`: milliseconds. */
  data(channel: Channel, body: string, time: number): void {
    this.sequence++
    let text = `[${String(channel.id)},${body}`
    if ((this.flags & CONF_FLAGS.sequence) !== 0) text += `,${String(this.sequence)}`
    if ((this.flags & CONF_FLAGS.timestamp) !== 0) text += `,${String(time)}`
    this.options.send(`${text}]`)
  }

  /** Sends a checksum to a client that asked for them. */
  checksum(channel: Channel, value: number, time: number): void {
    if (!this.wantsChecksums) return
    this.data(channel, `"cs",${String(this.spoilsNextChecksum ? value ^ 1 : value)}`, time)
    this.spoilsNextChecksum = false
  }

  /** A heartbeat on every channel, in one burst. */
  heartbeat(time: number): void {
    for (const channel of this.channels.values()) this.data(channel, '"hb"', time)
  }

  /** Fault: the next checksum will be wrong. */
  spoilChecksum(): void {
    this.spoilsNextChecksum = true
  }

  /** Fault: the client will find a hole in the sequence, as if a frame had been lost. */
  skipSequence(): void {
    this.sequence++
  }

  /** A frame from the client. What is no JSON object gets no answer, as at the venue. */
  receive(text: string): void {
    const fields = parseFields(text)
    if (fields === undefined) return
    const { event } = fields as { event: unknown }
    if (event === 'conf') this.configure(fields)
    else if (event === 'subscribe') this.subscribe(fields)
    else if (event === 'unsubscribe') this.unsubscribe(fields)
    else if (event === 'ping') this.ping(fields)
    else this.event({ event: 'error', msg: `event: invalid (${String(event)})`, code: 10_000 })
  }

  private configure(fields: Fields): void {
    const { flags } = fields as { flags: unknown }
    this.flags = typeof flags === 'number' && Number.isSafeInteger(flags) ? flags : 0
    this.event({ event: 'conf', status: 'OK', flags: this.flags })
  }

  private ping(fields: Fields): void {
    const { cid } = fields as { cid: unknown }
    this.event({ event: 'pong', ts: this.options.now(), ...(cid === undefined ? {} : { cid }) })
  }

  private subscribe(fields: Fields): void {
    const request = requestOf(fields)
    if (typeof request === 'string') {
      this.refuse(fields, 10_300, request)
      return
    }
    const held = [...this.channels.values()].find((channel) => isSame(channel, request))
    const refusal = this.options.source.refusal(request)
    if (held !== undefined) this.refuse(fields, 10_301, 'subscribe: dup', { chanId: held.id })
    else if (refusal !== undefined) this.refuse(fields, 10_300, refusal)
    else if (this.channels.size >= (this.options.channelLimit ?? 25))
      this.refuse(fields, 10_305, 'subscribe: limit')
    else this.open(fields, request)
  }

  private open(fields: Fields, request: ChannelRequest): void {
    const channel: Channel = { ...request, id: this.options.newChannelId() }
    this.channels.set(channel.id, channel)
    const { freq, subId } = fields as { freq: unknown; subId: unknown }
    const isBook = channel.channel === 'book'
    this.event({
      event: 'subscribed',
      channel: channel.channel,
      chanId: channel.id,
      symbol: channel.symbol,
      ...(isBook ? { prec: channel.precision, freq: freq ?? 'F0', len: String(channel.length) } : {}),
      ...(subId === undefined ? {} : { subId }),
      ...pairField(channel.symbol),
    })
    this.options.source.subscribed(this, channel)
  }

  private unsubscribe(fields: Fields): void {
    const { chanId } = fields as { chanId: unknown }
    const channel = typeof chanId === 'number' ? this.channels.get(chanId) : undefined
    if (channel === undefined) {
      this.refuse(fields, typeof chanId === 'number' ? 10_401 : 10_400, 'unsubscribe: invalid')
      return
    }
    this.channels.delete(channel.id)
    this.options.source.unsubscribed(this, channel)
    this.event({ event: 'unsubscribed', status: 'OK', chanId: channel.id })
  }

  private refuse(fields: Fields, code: number, text: string, more: Fields = {}): void {
    const { symbol } = fields as { symbol: unknown }
    const pair = typeof symbol === 'string' ? pairField(symbol) : {}
    this.event({ ...fields, event: 'error', msg: text, code, ...more, ...pair })
  }

  private event(fields: Fields): void {
    this.options.send(JSON.stringify(fields))
  }
}

const parseFields = (text: string): Fields | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : undefined
  } catch {
    return undefined
  }
}

const isSame = (one: ChannelRequest, other: ChannelRequest): boolean =>
  one.channel === other.channel &&
  one.symbol === other.symbol &&
  one.precision === other.precision &&
  one.length === other.length

/** The request with defaults filled in, or the text of error 10300. */
const requestOf = (fields: Fields): ChannelRequest | string => {
  const { channel, symbol, pair, prec = 'P0', len = '25' } = fields as Record<string, unknown>
  const named = symbol ?? pair
  if (typeof channel !== 'string') return 'channel: unknown'
  if (typeof named !== 'string' || named === '') return 'symbol: invalid'
  const full = /^[tf][A-Z0-9]/.test(named) ? named : `t${named}`
  if (channel !== 'book') return { channel, symbol: full, precision: '', length: 0 }
  if (typeof prec !== 'string' || !/^(R0|P[0-4])$/.test(prec)) return 'precision: invalid'
  if (!LENGTHS.includes(String(len))) return 'length: invalid'
  return { channel, symbol: full, precision: prec, length: Number(len) }
}

const pairField = (symbol: string): Fields => {
  if (symbol.startsWith('f')) return { currency: symbol.slice(1) }
  return { pair: symbol.startsWith('t') ? symbol.slice(1) : symbol }
}
