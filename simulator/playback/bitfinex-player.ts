/**
 * Plays a Bitfinex recording to one client: each channel from its snapshot on, under this client's channel ids and
 * sequence, with checksums where the client asked for them and the recording has none.
 */
import type { Seq } from '../../src/index.ts'
import type { BitfinexSession, Channel, ChannelRequest, ChannelSource } from '../venues/bitfinex-session.ts'
import { textOfRows } from '../venues/bitfinex-trade-history.ts'
import { BitfinexBookCopy } from './bitfinex-book-copy.ts'
import { type CutFrame, cutFrame, isRows, rowsOf } from './bitfinex-frame.ts'
import { openingContent } from './bitfinex-opening-books.ts'
import { type BitfinexSurvey, channelKey, type RecordedChannel } from './bitfinex-survey.ts'
import { type Play, type PlayContext, PlayGroup } from './play-group.ts'
import type { RunningPlay } from './play-stage.ts'
import { StoredVenue } from './stored-venue.ts'

/** Frames closer than this belong to one burst, in milliseconds of the recording. */
const BURST_MILLISECONDS = 20
const CHECKSUM_MILLISECONDS = 2500
const TRADES_IN_SNAPSHOT = 30

/** What a channel has come to. */
interface Played {
  readonly recorded: RecordedChannel
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
  private readonly context: PlayContext
  /** Undefined for a capture. */
  private readonly venue: StoredVenue | undefined
  private readonly group: PlayGroup<Playing>
  /** Of a capture: by channelKey, so that several lengths share one. */
  private readonly shared = new Map<string, Played>()
  private readonly played = new Set<Played>()
  private latestTime: number
  private latestAt = performance.now()

  constructor(survey: BitfinexSurvey, context: PlayContext) {
    this.survey = survey
    this.context = context
    this.venue = context.origin instanceof StoredVenue ? context.origin : undefined
    this.latestTime = survey.firstTime
    this.group = new PlayGroup(context, (items) => this.newPlay(items))
  }

  /** Whether recorded heartbeats are played: others are needed only while it stands still. */
  get hasHeartbeats(): boolean {
    return this.venue !== undefined
  }

  /** Milliseconds: the newest frame's time, and behind it the recording's clock going on, never ahead of its pace. */
  now(): number {
    const { control } = this.context.stage
    const pace = typeof control.speed === 'number' ? Math.min(1, control.speed) : 1
    const speed = control.isPaused ? 0 : pace
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
    const before = this.shared.get(key)
    if (before !== undefined) {
      before.channels.add(channel)
      if (before.hasStarted) session.data(channel, snapshotOf(before), this.latestTime)
      return
    }
    const recorded = this.survey.channels.get(key)
    if (recorded === undefined) {
      // The recording has the symbol but not this channel: nothing ever happens there.
      if (channel.channel === 'trades') session.data(channel, '[]', this.latestTime)
      return
    }
    const played = newPlayed(recorded, channel, this.venue !== undefined)
    this.played.add(played)
    if (this.venue === undefined) this.shared.set(key, played)
    this.group.add({ session, played })
  }

  unsubscribed(_session: BitfinexSession, channel: Channel): void {
    for (const played of this.played) {
      played.channels.delete(channel)
      if (this.venue !== undefined && played.channels.size === 0) this.played.delete(played)
    }
  }

  private newPlay(items: readonly Playing[]): Play {
    const { survey } = this
    const session = items[0]?.session
    const group = new Map(items.map(({ played }) => [played.recorded, [] as Played[]]))
    for (const { played } of items) group.get(played.recorded)?.push(played)
    const all = items.map(({ played }) => played)
    let text = ''
    let cut: CutFrame | undefined
    let hit: readonly Played[] | undefined
    let time = 0
    let latest = 0
    return {
      open: async (running) => {
        if (session !== undefined) await this.openStored(session, all, running)
      },
      wants: (frame, source) => {
        text = frame.text()
        if (text.charCodeAt(0) === 123) {
          cut = hit = undefined
          survey.meet(text, frame, source)
          return this.venue !== undefined && isNotice(text)
        }
        cut = cutFrame(text)
        if (cut === undefined || (cut.name === 'hb' && this.venue === undefined)) return false
        const recorded = survey.channelOf(frame.connection, cut.channelId, source)
        hit = recorded === undefined ? undefined : group.get(recorded)
        if (hit === undefined) return false
        time = survey.timeOf(frame, cut.tail, source)
        if (session !== undefined) sendDueChecksums(session, all, time, latest)
        return true
      },
      deliver: () => {
        if (session === undefined) return
        if (cut === undefined || hit === undefined) {
          this.context.sender.send(text)
          return
        }
        latest = time
        for (const played of hit) this.deliver(session, played, cut, time)
      },
      // Of a capture, who asks again goes on in the same play.
      isOver: () => this.venue !== undefined && all.every(({ channels }) => channels.size === 0),
      ended: () => {
        if (session !== undefined) sendDueChecksums(session, all, Infinity, latest)
      },
    }
  }

  /** Sends the books as they stand where a stored stream is joined in the middle. */
  private async openStored(
    session: BitfinexSession,
    all: readonly Played[],
    running: RunningPlay,
  ): Promise<void> {
    const { venue } = this
    if (venue === undefined) return
    for (const played of all) {
      const index = venue.indexOf(played.recorded.symbol)
      const place = index === undefined ? 0 : (running.start[index] ?? 0)
      const book = index === undefined ? undefined : venue.books[index]
      if (index === undefined || place === 0 || book === undefined) continue
      const opening =
        played.recorded.channel === 'trades'
          ? await this.openingTrades(index, place, played.recorded.symbol)
          : await book.at(place, ({ keeper }) => openingContent(played.recorded, keeper))
      if (opening === undefined) continue
      played.book?.apply(opening.content)
      played.hasStarted = true
      for (const channel of played.channels) session.data(channel, opening.content, opening.time)
    }
  }

  private async openingTrades(
    source: number,
    place: Seq,
    symbol: string,
  ): Promise<{ readonly content: string; readonly time: number }> {
    const trades = (await this.context.trades.at(source, place, symbol)).slice(-TRADES_IN_SNAPSHOT).reverse()
    return { content: textOfRows(trades), time: trades[0]?.milliseconds ?? this.latestTime }
  }

  private deliver(session: BitfinexSession, played: Played, cut: CutFrame, time: number): void {
    this.latestTime = Math.max(this.latestTime, time)
    this.latestAt = performance.now()
    if (cut.name === 'cs' && !session.wantsChecksums) return
    if (cut.name !== 'cs' && cut.name !== 'hb') remember(played, cut, time)
    for (const channel of played.channels) session.data(channel, cut.body, time)
  }
}

/** After a burst, when the last checksum is old enough; all that is missing when `time` is Infinity. Told at `latest`. */
const sendDueChecksums = (
  session: BitfinexSession,
  all: readonly Played[],
  time: number,
  latest: number,
): void => {
  for (const played of all) {
    const { changedAt, book, channels } = played
    if (changedAt === undefined || book === undefined || played.recorded.hasChecksums) continue
    const isBurstOver = time - changedAt > BURST_MILLISECONDS
    const isDue = time === Infinity || changedAt - played.checkedAt >= CHECKSUM_MILLISECONDS
    if (!isBurstOver || !isDue) continue
    const value = session.wantsChecksums ? book.checksum() : 0
    for (const channel of channels) session.checksum(channel, value, latest)
    played.checkedAt = changedAt
    played.changedAt = undefined
  }
}

const newPlayed = (recorded: RecordedChannel, channel: Channel, isStored: boolean): Played => ({
  recorded,
  channels: new Set([channel]),
  // Where checksums are recorded and books are stored, no copy is needed.
  book:
    recorded.channel === 'book' && !(isStored && recorded.hasChecksums)
      ? new BitfinexBookCopy(recorded.precision)
      : undefined,
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

/** An `info` event with a code: stops, maintenance. */
const isNotice = (text: string): boolean => text.includes('"info"') && text.includes('"code"')

/** What a new subscriber gets first. */
const snapshotOf = (played: Played): string => {
  if (played.book !== undefined) return played.book.snapshot()
  return played.recorded.channel === 'ticker' ? (played.recent[0] ?? '[]') : `[${played.recent.join(',')}]`
}
