/**
 * One client's session by Bitfinex's protocol: info, conf, subscribe, unsubscribe, ping, errors, channel ids, frame
 * tails and the socket-wide sequence. Owns no socket, no clock and no data: what a channel delivers is its source's.
 */
import {
  type ChannelRequest,
  channelRequestOf,
  echoOf,
  type Fields,
  isSameRequest,
  pairField,
  parsedFields,
  plainValue,
} from './bitfinex-requests.ts'

export type { ChannelRequest } from './bitfinex-requests.ts'

/** Flags of `conf`. */
export const CONF_FLAGS = {
  timestamp: 32_768,
  sequence: 65_536,
  checksum: 131_072,
  bulk: 536_870_912,
} as const

/** A subscription that was accepted. */
export interface Channel extends ChannelRequest {
  readonly id: number
}

/** Delivers what sessions subscribe to. */
export interface ChannelSource {
  /**
   * The error text of code 10300, such as `symbol: invalid`; '' for a request that gets no answer at all; undefined when
   * it can be served.
   */
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
  /** Runs an acknowledgement later and returns true, where it is to be late; never when left out. */
  readonly later?: (acknowledge: () => void) => boolean
  /** Whether the platform is in maintenance; never when left out. */
  readonly isInMaintenance?: () => boolean
}

const SERVER_ID = '00000000-0000-4000-8000-000000000000'

export class BitfinexSession {
  private readonly options: SessionOptions
  private readonly channels = new Map<number, Channel>()
  /** Channels whose `unsubscribed` is on its way: they still deliver. */
  private readonly leaving = new Set<number>()
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

  /** Whether the client wants all updates of a burst in one frame. */
  get wantsBulk(): boolean {
    return (this.flags & CONF_FLAGS.bulk) !== 0
  }

  /** The first frame of every session. */
  greet(): void {
    const status = this.options.isInMaintenance?.() === true ? 0 : 1
    this.event({ event: 'info', version: 2, serverId: SERVER_ID, platform: { status } })
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

  /** A heartbeat on every channel, in one burst: on those too that are not acknowledged yet. */
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
    const fields = parsedFields(text)
    if (fields === undefined) return
    const { event } = fields
    if (event === 'conf') this.configure(fields)
    else if (event === 'subscribe') this.subscribe(fields)
    else if (event === 'unsubscribe') this.unsubscribe(fields)
    else if (event === 'ping') this.ping(fields)
    else this.event({ event: 'error', msg: `event: invalid (${String(plainValue(event))})`, code: 10_000 })
  }

  private configure({ flags }: Fields): void {
    this.flags = typeof flags === 'number' && Number.isSafeInteger(flags) ? flags : 0
    this.event({ event: 'conf', status: 'OK', flags: this.flags })
  }

  private ping(fields: Fields): void {
    const cid = plainValue(fields['cid'])
    this.event({ event: 'pong', ts: this.options.now(), ...(cid === undefined ? {} : { cid }) })
  }

  private subscribe(fields: Fields): void {
    const request = channelRequestOf(fields)
    if ('code' in request) {
      this.refuse(fields, request.code, request.text)
      return
    }
    const held = [...this.channels.values()].find(
      (channel) => isSameRequest(channel, request) && !this.leaving.has(channel.id),
    )
    const refusal = this.options.source.refusal(request)
    if (refusal === '') return
    if (held !== undefined) this.refuse(fields, 10_301, 'subscribe: dup', { chanId: held.id })
    else if (refusal !== undefined) this.refuseChannel(fields, refusal)
    else if (this.channels.size >= (this.options.channelLimit ?? 25))
      this.refuse(fields, 10_305, 'subscribe: limit')
    else this.open(fields, request)
  }

  /** The channel holds its place at once; its acknowledgement may come after heartbeats of it. */
  private open(fields: Fields, request: ChannelRequest): void {
    const channel: Channel = { ...request, id: this.options.newChannelId() }
    this.channels.set(channel.id, channel)
    const acknowledge = (): void => {
      if (this.channels.get(channel.id) === channel) this.acknowledge(fields, channel)
    }
    if (this.options.later?.(acknowledge) === true) this.data(channel, '"hb"', this.options.now())
    else acknowledge()
  }

  private acknowledge(fields: Fields, channel: Channel): void {
    const subId = plainValue(fields['subId'])
    const { freq } = fields
    const isBook = channel.channel === 'book'
    this.event({
      event: 'subscribed',
      channel: channel.channel,
      chanId: channel.id,
      symbol: channel.symbol,
      ...(isBook
        ? { prec: channel.precision, freq: freq === 'F1' ? freq : 'F0', len: String(channel.length) }
        : {}),
      ...(subId === undefined ? {} : { subId }),
      ...pairField(channel.symbol),
    })
    this.options.source.subscribed(this, channel)
  }

  private unsubscribe(fields: Fields): void {
    const { chanId } = fields
    if (typeof chanId !== 'number') {
      this.refuse(fields, 10_400, 'unsubscribe: invalid')
      return
    }
    const channel = this.channels.get(chanId)
    if (channel === undefined || this.leaving.has(chanId)) {
      this.refuse(fields, 10_401, 'not subscribed')
      return
    }
    this.leaving.add(chanId)
    const leave = (): void => {
      this.channels.delete(chanId)
      this.leaving.delete(chanId)
      this.options.source.unsubscribed(this, channel)
      this.event({ event: 'unsubscribed', status: 'OK', chanId })
    }
    if (this.options.later?.(leave) !== true) leave()
  }

  /** A pair that was asked for by its name alone has a code of its own. */
  private refuseChannel(fields: Fields, text: string): void {
    const isByPair = text === 'symbol: invalid' && fields['symbol'] === undefined
    if (isByPair) this.refuse(fields, 10_001, 'unknown pair')
    else this.refuse(fields, 10_300, text)
  }

  private refuse(fields: Fields, code: number, text: string, more: Fields = {}): void {
    const { symbol } = fields
    const pair = typeof symbol === 'string' ? pairField(String(plainValue(symbol))) : {}
    this.event({ ...echoOf(fields), event: 'error', msg: text, code, ...more, ...pair })
  }

  private event(fields: Fields): void {
    this.options.send(JSON.stringify(fields))
  }
}
