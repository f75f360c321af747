/** What a Bitfinex recording holds: its channels, and how its frames end. */
import { CaptureProblem, type EntryView, microsOf, readCapture } from '../../src/index.ts'
import { type ChannelRequest, CONF_FLAGS } from '../venues/bitfinex-session.ts'
import { type CutFrame, cutFrame, isRows } from './bitfinex-frame.ts'
import type { StoredVenue } from './stored-venue.ts'

export interface RecordedChannel {
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
  readonly channels = new Map<string, RecordedChannel>()
  /** Milliseconds: when the first frame was received. */
  firstTime = 0
  private readonly isStored: boolean
  private readonly byId = new Map<string, RecordedChannel>()
  private readonly flags = new Map<string, number>()

  private constructor(isStored: boolean) {
    this.isStored = isStored
  }

  /** Reads the whole capture. Throws CaptureProblem when it is damaged or has no book of its own. */
  static async of(capture: string): Promise<BitfinexSurvey> {
    const survey = new BitfinexSurvey(false)
    for await (const { line } of readCapture(capture)) {
      if (line.kind === 'frame') survey.addText(line.text, line.connection, 0, line.receiveTime)
    }
    if (![...survey.channels.values()].some((channel) => channel.channel === 'book' && channel.hasSnapshot)) {
      throw new CaptureProblem(`${capture} has no book snapshot, so there is no book of Bitfinex to serve.`)
    }
    return survey
  }

  /** Looks at the beginnings of stored streams. */
  static async ofStored(venue: StoredVenue): Promise<BitfinexSurvey> {
    const survey = new BitfinexSurvey(true)
    await venue.survey((entry, source) => {
      if (entry.kind === 'frame') survey.addText(entry.text(), entry.connection, source, entry.receiveTime)
    })
    return survey
  }

  /** The channel a frame belongs to. */
  channelOf(connection: number, channelId: number, source: number): RecordedChannel | undefined {
    return this.byId.get(`${String(source)} ${String(connection)} ${String(channelId)}`)
  }

  /** Milliseconds the venue put on a frame; where it put none, when the frame was received. */
  timeOf(frame: EntryView, tail: CutFrame['tail'], source: number): number {
    const flags = this.flags.get(`${String(source)} ${String(frame.connection)}`) ?? 0
    const told = (flags & CONF_FLAGS.timestamp) === 0 ? undefined : Number(tail.at(-1))
    return told !== undefined && Number.isSafeInteger(told) ? told : Math.floor(frame.receiveTime / 1000)
  }

  /** An event frame met on the way: channels of a later connection have other ids. */
  meet(text: string, frame: EntryView, source: number): void {
    this.addEvent(frame.connection, source, parseEvent(text))
  }

  private addText(text: string, connection: number, source: number, receiveTime: number): void {
    if (this.firstTime === 0) this.firstTime = Math.floor(microsOf(receiveTime) / 1000)
    if (text.startsWith('{')) {
      this.addEvent(connection, source, parseEvent(text))
      return
    }
    const cut = cutFrame(text)
    const channel = cut === undefined ? undefined : this.channelOf(connection, cut.channelId, source)
    if (cut === undefined || channel === undefined) return
    if (cut.name === 'cs') channel.hasChecksums = true
    if (cut.name === undefined && isRows(cut.content)) channel.hasSnapshot = true
  }

  private addEvent(connection: number, source: number, event: Readonly<Record<string, unknown>>): void {
    const { event: name, channel, chanId, symbol, prec = '', flags } = event as Record<string, unknown>
    const flagKey = `${String(source)} ${String(connection)}`
    if (name === 'conf' && typeof flags === 'number') this.flags.set(flagKey, flags)
    if (name !== 'subscribed' || typeof chanId !== 'number' || typeof channel !== 'string') return
    if (typeof symbol !== 'string' || typeof prec !== 'string') return
    const precision = channel === 'book' ? prec : ''
    const key = channelKey({ channel, symbol, precision })
    const recorded = this.channels.get(key) ?? newChannel(key, channel, symbol, precision)
    // A stored range may begin behind the snapshot: the book is known all the same.
    if (this.isStored) recorded.hasSnapshot = true
    if (((this.flags.get(flagKey) ?? 0) & CONF_FLAGS.checksum) !== 0 && this.isStored)
      recorded.hasChecksums = true
    this.channels.set(key, recorded)
    this.byId.set(`${flagKey} ${String(chanId)}`, recorded)
  }
}

const newChannel = (key: string, channel: string, symbol: string, precision: string): RecordedChannel => ({
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
