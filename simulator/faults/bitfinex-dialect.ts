/** Bitfinex's frames as a link spoils them: channels by their ids, numbers per socket at the end of a frame. */
import { type FrameDialect, type VenueDialect, withField } from './frame-dialect.ts'

const SEQUENCE_FLAG = 65_536
const TIMESTAMP_FLAG = 32_768

const CHECKSUM = /^(\[\d+,"cs",)(-?\d+)/
const CHANNEL = /^\[(\d+),/
/** A book's changed row: the end of its inner array. */
const ROW = /^(\[\d+,\[[^[\]]+)\]/
/** Milliseconds of an instant: thirteen digits by themselves. Ids of orders have twelve. */
const TIME = /(?<=[[,])1\d{12}(?=[,\]])/g
const NUMBER = /,(\d+)\]$/
const NUMBER_BEFORE_TIME = /,(\d+)(,\d+\])$/

const retimed = (text: string, microseconds: number): string =>
  text.replace(TIME, (time) => String(Number(time) + Math.round(microseconds / 1000)))

class BitfinexFrames implements FrameDialect {
  private readonly channels = new Map<string, string>()
  private flags = 0
  private shift = 0
  readonly malformedFrame = '[1,['

  channelOf(text: string): string {
    if (!text.startsWith('{')) return this.channels.get(CHANNEL.exec(text)?.[1] ?? '') ?? 'control'
    const { event, chanId, channel, flags } = JSON.parse(text) as Readonly<Record<string, unknown>>
    if (event === 'subscribed' && typeof channel === 'string') this.channels.set(String(chanId), channel)
    if (event === 'conf' && typeof flags === 'number') this.flags = flags
    return 'control'
  }

  isAt(): boolean {
    return true
  }

  /** Numbers are the socket's. */
  toldNumber(): undefined {
    return undefined
  }

  spoilChecksum(text: string): string | undefined {
    if (!CHECKSUM.test(text)) return undefined
    return text.replace(
      CHECKSUM,
      (_head, head: string, value: string) => `${head}${String(Number(value) ^ 1)}`,
    )
  }

  addField(text: string): string | undefined {
    if (text.startsWith('{')) return withField(text)
    return ROW.test(text) ? text.replace(ROW, '$1,null]') : undefined
  }

  private get number(): RegExp {
    return (this.flags & TIMESTAMP_FLAG) === 0 ? NUMBER : NUMBER_BEFORE_TIME
  }

  private numberOf(text: string): number | undefined {
    if ((this.flags & SEQUENCE_FLAG) === 0 || !text.startsWith('[')) return undefined
    const digits = this.number.exec(text)?.[1]
    return digits === undefined ? undefined : Number(digits)
  }

  canRestart(text: string): boolean {
    return (this.numberOf(text) ?? 0) - this.shift > 1
  }

  restartNumbers(text: string): void {
    this.shift = (this.numberOf(text) ?? 1) - 1
  }

  renumbered(text: string): string {
    const number = this.shift === 0 ? undefined : this.numberOf(text)
    if (number === undefined) return text
    const value = String(number - this.shift)
    return text.replace(this.number, (_tail, _digits: string, time: unknown) =>
      typeof time === 'string' ? `,${value}${time}` : `,${value}]`,
    )
  }

  retimed(text: string, microseconds: number): string {
    return retimed(text, microseconds)
  }

  unknownFrame(padding: string): string {
    return JSON.stringify({ event: 'simulated-unknown', padding })
  }
}

export const bitfinexDialect = (): VenueDialect => ({
  connected: () => new BitfinexFrames(),
  body: (_path, text, microseconds) => (microseconds === 0 ? text : retimed(text, microseconds)),
})
