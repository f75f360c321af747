/**
 * Plays a Bitfinex capture to one client: each channel from its snapshot on, under this client's channel ids and
 * sequence, with checksums where the client asked for them and the capture has none.
 */
import type { BitfinexSession, Channel, ChannelRequest, ChannelSource } from '../venues/bitfinex-session.ts'
import { BitfinexBookCopy } from './bitfinex-book-copy.ts'
import { type CutFrame, cutFrame, isRows, rowsOf } from './bitfinex-frame.ts'
import { type BitfinexSurvey, type CapturedChannel, channelKey } from './bitfinex-survey.ts'
import type { Pace } from './pacer.ts'
import { type Play, type PlayContext, PlayGroup } from './play-group.ts'

/** Frames closer than this belong to one burst, in milliseconds of the capture. */
const BURST_MILLISECONDS = 20
const CHECKSUM_MILLISECONDS = 2500
const TRADES_IN_SNAPSHOT = 30

/** What a channel has come to. */
interface Played {
  readonly captured: CapturedChannel
  /** Those the client holds: none while it is not subscribed, several when it asked for several lengths. */
  readonly channels: Set<Channel>
  readonly book: BitfinexBookCopy | undefined
  /** Trades, newest first, or the last ticker: what a snapshot would hold. */
  recent: string[]
  hasStarted: boolean
  /** The last change not yet covered by a checksum. */
  changedAt: number | undefined
  checkedAt: number
}

/** A channel about to be played to a session. */
interface Playing {
  readonly session: BitfinexSession
  readonly played: Played
}

export class BitfinexPlayer implements ChannelSource {
  private readonly survey: BitfinexSurvey
  private readonly pace: Pace
  private readonly group: PlayGroup<Playing>
  private readonly played = new Map<string, Played>()
  private latestTime: number
  private latestAt = performance.now()

  constructor(survey: BitfinexSurvey, context: PlayContext) {
    this.survey = survey
    this.pace = context.pace
    this.latestTime = survey.firstTime
    this.group = new PlayGroup(context, (items) => this.newPlay(items))
  }

  /** Milliseconds: the newest frame's time, and behind it the capture's clock going on, never ahead of its pace. */
  now(): number {
    const speed = typeof this.pace === 'number' ? Math.min(1, this.pace) : 1
    return this.latestTime + Math.floor((performance.now() - this.latestAt) * speed)
  }

  refusal(request: ChannelRequest): string | undefined {
    const known = [...this.survey.channels.values()].filter((channel) => channel.symbol === request.symbol)
    if (!['book', 'trades', 'ticker'].includes(request.channel)) return 'channel: unknown'
    if (known.length === 0) return 'symbol: invalid'
    if (request.channel !== 'book') return undefined
    const books = known.filter((channel) => channel.channel === 'book' && channel.hasSnapshot)
    if (books.length === 0) return 'symbol: invalid'
    return books.some((book) => book.precision === request.precision) ? undefined : 'precision: invalid'
  }

  subscribed(session: BitfinexSession, channel: Channel): void {
    const key = channelKey(channel)
    const before = this.played.get(key)
    if (before !== undefined) {
      before.channels.add(channel)
      if (before.hasStarted) session.data(channel, snapshotOf(before), this.latestTime)
      return
    }
    const captured = this.survey.channels.get(key)
    if (captured === undefined) {
      // The capture has the symbol but not this channel: nothing ever happens there.
      if (channel.channel === 'trades') session.data(channel, '[]', this.latestTime)
      return
    }
    const played = newPlayed(captured, channel)
    this.played.set(key, played)
    this.group.add({ session, played })
  }

  unsubscribed(_session: BitfinexSession, channel: Channel): void {
    this.played.get(channelKey(channel))?.channels.delete(channel)
  }

  private newPlay(items: readonly Playing[]): Play {
    const session = items[0]?.session
    const group = new Map(items.map(({ played }) => [played.captured, played]))
    let cut: CutFrame | undefined
    let played: Played | undefined
    let time = 0
    let latest = 0
    return {
      wants: (frame) => {
        cut = cutFrame(frame.text)
        if (cut === undefined || cut.name === 'hb' || session === undefined) return false
        const captured = this.survey.channelOf(frame.connection, cut.channelId)
        played = captured === undefined ? undefined : group.get(captured)
        if (played === undefined) return false
        time = this.survey.timeOf(frame, cut.tail)
        sendDueChecksums(session, group, time, latest)
        return true
      },
      deliver: () => {
        latest = time
        if (session !== undefined && played !== undefined && cut !== undefined)
          this.deliver(session, played, cut, time)
      },
      ended: () => {
        if (session !== undefined) sendDueChecksums(session, group, Infinity, latest)
      },
    }
  }

  private deliver(session: BitfinexSession, played: Played, cut: CutFrame, time: number): void {
    this.latestTime = Math.max(this.latestTime, time)
    this.latestAt = performance.now()
    if (cut.name !== 'cs') remember(played, cut, time)
    else if (!session.wantsChecksums) return
    for (const channel of played.channels) session.data(channel, cut.body, time)
  }
}

/** After a burst, when the last checksum is old enough; all that is missing when `time` is Infinity. Told at `latest`. */
const sendDueChecksums = (
  session: BitfinexSession,
  group: ReadonlyMap<CapturedChannel, Played>,
  time: number,
  latest: number,
): void => {
  for (const played of group.values()) {
    const { changedAt, book, channels } = played
    if (changedAt === undefined || book === undefined || played.captured.hasChecksums) continue
    const isBurstOver = time - changedAt > BURST_MILLISECONDS
    const isDue = time === Infinity || changedAt - played.checkedAt >= CHECKSUM_MILLISECONDS
    if (!isBurstOver || !isDue) continue
    const value = session.wantsChecksums ? book.checksum() : 0
    for (const channel of channels) session.checksum(channel, value, latest)
    played.checkedAt = changedAt
    played.changedAt = undefined
  }
}

const newPlayed = (captured: CapturedChannel, channel: Channel): Played => ({
  captured,
  channels: new Set([channel]),
  book: captured.channel === 'book' ? new BitfinexBookCopy(captured.precision) : undefined,
  recent: [],
  hasStarted: false,
  changedAt: undefined,
  checkedAt: 0,
})

const remember = (played: Played, cut: CutFrame, time: number): void => {
  if (played.book !== undefined) {
    played.book.apply(cut.content)
    if (!played.hasStarted) played.checkedAt = time
    else played.changedAt = time
  } else if (cut.name === undefined) {
    played.recent = isRows(cut.content) ? [...rowsOf(cut.content)] : [cut.content]
  } else if (cut.name === 'te') {
    played.recent = [cut.content, ...played.recent].slice(0, TRADES_IN_SNAPSHOT)
  }
  played.hasStarted = true
}

/** What a new subscriber gets first. */
const snapshotOf = (played: Played): string => {
  if (played.book !== undefined) return played.book.snapshot()
  return played.captured.channel === 'ticker' ? (played.recent[0] ?? '[]') : `[${played.recent.join(',')}]`
}
