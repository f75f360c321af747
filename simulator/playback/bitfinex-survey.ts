/** What a Bitfinex capture holds: its channels, and how its frames end. */
import { type CapturedFrame, CaptureProblem, readCapture } from '../../src/index.ts'
import { type ChannelRequest, CONF_FLAGS } from '../venues/bitfinex-session.ts'
import { cutFrame, isRows } from './bitfinex-frame.ts'

export interface CapturedChannel {
  /** Channel, symbol and precision: equal for channels that deliver the same. */
  readonly key: string
  readonly channel: string
  readonly symbol: string
  readonly precision: string
  hasSnapshot: boolean
  hasChecksums: boolean
}

export const channelKey = (request: Pick<ChannelRequest, 'channel' | 'symbol' | 'precision'>): string =>
  `${request.channel} ${request.symbol} ${request.precision}`

export class BitfinexSurvey {
  /** By `channelKey`. */
  readonly channels = new Map<string, CapturedChannel>()
  /** Milliseconds: when the first frame was received. */
  firstTime = 0
  private readonly byId = new Map<string, CapturedChannel>()
  private readonly flags = new Map<number, number>()

  /** Reads the whole capture. Throws CaptureProblem when it is damaged or has no book of its own. */
  static async of(capture: string): Promise<BitfinexSurvey> {
    const survey = new BitfinexSurvey()
    for await (const { line } of readCapture(capture)) if (line.kind === 'frame') survey.add(line)
    if (![...survey.channels.values()].some((channel) => channel.channel === 'book' && channel.hasSnapshot)) {
      throw new CaptureProblem(`${capture} has no book snapshot, so there is no book of Bitfinex to serve.`)
    }
    return survey
  }

  /** The channel a frame belongs to. */
  channelOf(connection: number, channelId: number): CapturedChannel | undefined {
    return this.byId.get(`${String(connection)} ${String(channelId)}`)
  }

  /** Milliseconds the venue put on a frame; where it put none, when the frame was received. */
  timeOf(frame: CapturedFrame, tail: readonly string[]): number {
    const flags = this.flags.get(frame.connection) ?? 0
    const told = (flags & CONF_FLAGS.timestamp) === 0 ? undefined : Number(tail.at(-1))
    return told !== undefined && Number.isSafeInteger(told) ? told : Math.floor(frame.receiveTime / 1000)
  }

  private add(frame: CapturedFrame): void {
    if (this.firstTime === 0) this.firstTime = Math.floor(frame.receiveTime / 1000)
    if (frame.text.startsWith('{')) {
      this.addEvent(frame.connection, parseEvent(frame.text))
      return
    }
    const cut = cutFrame(frame.text)
    const channel = cut === undefined ? undefined : this.channelOf(frame.connection, cut.channelId)
    if (cut === undefined || channel === undefined) return
    if (cut.name === 'cs') channel.hasChecksums = true
    if (cut.name === undefined && isRows(cut.content)) channel.hasSnapshot = true
  }

  private addEvent(connection: number, event: Readonly<Record<string, unknown>>): void {
    const { event: name, channel, chanId, symbol, prec = '', flags } = event as Record<string, unknown>
    if (name === 'conf' && typeof flags === 'number') this.flags.set(connection, flags)
    if (name !== 'subscribed' || typeof chanId !== 'number' || typeof channel !== 'string') return
    if (typeof symbol !== 'string' || typeof prec !== 'string') return
    const precision = channel === 'book' ? prec : ''
    const key = channelKey({ channel, symbol, precision })
    const captured = this.channels.get(key) ?? newChannel(key, channel, symbol, precision)
    this.channels.set(key, captured)
    this.byId.set(`${String(connection)} ${String(chanId)}`, captured)
  }
}

const newChannel = (key: string, channel: string, symbol: string, precision: string): CapturedChannel => ({
  key,
  channel,
  symbol,
  precision,
  hasSnapshot: false,
  hasChecksums: false,
})

const parseEvent = (text: string): Readonly<Record<string, unknown>> => {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>
  } catch {
    return {}
  }
}
