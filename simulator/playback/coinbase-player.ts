/**
 * Plays a Coinbase recording to one client: every frame of its products and channels, byte for byte, and heartbeats
 * where the recording has none, has ended or stands still.
 */
import { type EntryView, microsOf, microsToIso } from '../../src/index.ts'
import { signatureFor, TEST_CREDENTIALS } from '../venues/coinbase-auth.ts'
import { CoinbaseSubscriptions, type Subscription } from '../venues/coinbase-channels.ts'
import { type CoinbaseFrame, coinbaseFrameOf, coinbaseNumbersOf } from './coinbase-frame.ts'
import { openingFrames } from './coinbase-opening.ts'
import { sendOpeningBooks } from './coinbase-opening-books.ts'
import type { CoinbaseSurvey } from './coinbase-survey.ts'
import { DerivedChannels } from './derived-channels.ts'
import { type Play, type PlayContext, PlayGroup } from './play-group.ts'
import { StoredVenue } from './stored-venue.ts'

/** What a heartbeat tells of a product, and the newest frames that tell more. */
interface Standing {
  sequence: number
  tradeId: number
  numbered: string
  traded: string
}

/** Seconds without a frame after which a play stands still. */
const STILL_BEATS = 2
const SLOW_TEXT = '{"type":"error","message":"ErrSlowConsume"}'

export class CoinbasePlayer {
  private readonly survey: CoinbaseSurvey
  private readonly context: PlayContext
  private readonly subscriptions: CoinbaseSubscriptions
  private readonly group: PlayGroup<Subscription>
  private readonly standings = new Map<string, Standing>()
  /** The play that delivers a `channel product`: the newest one asked for. */
  private readonly plays = new Map<string, object>()
  /** Products whose captured heartbeats are being played. */
  private readonly beating = new Set<string>()
  private latestTime: number
  private latestAt = performance.now()
  private framesAtBeat = 0
  private stillBeats = 0
  /** Grows with every request: what is wanted may have changed. */
  private requests = 0

  constructor(survey: CoinbaseSurvey, context: PlayContext) {
    this.survey = survey
    this.context = context
    this.latestTime = survey.firstTime
    this.subscriptions = new CoinbaseSubscriptions(survey.products, TEST_CREDENTIALS)
    this.group = new PlayGroup(context, (items) => this.newPlay(items))
  }

  get hasSubscribed(): boolean {
    return !this.subscriptions.isEmpty
  }

  /** A frame from the client. Any signature is taken as good: the capture is nobody's secret. */
  receive(text: string, unixSeconds: number): void {
    const signed = withGoodSignature(text, unixSeconds)
    const wished = new CoinbaseSubscriptions(this.survey.products, TEST_CREDENTIALS).take(signed, unixSeconds)
    const refusal = wished.added
      .map(({ channel, product }) => this.survey.refusal(channel, product))
      .find((reason) => reason !== undefined)
    const { send } = this.context.sender
    if (refusal !== undefined) {
      send(JSON.stringify({ type: 'error', message: 'Failed to subscribe', reason: refusal }))
      return
    }
    const answer = this.subscriptions.take(signed, unixSeconds)
    for (const refused of answer.refusals ?? []) send(refused)
    send(answer.text)
    for (const added of answer.added) {
      this.plays.delete(keyOf(added.channel, added.product))
      this.group.add(added)
    }
    this.requests++
  }

  /** Called once a second. */
  beat(): void {
    const { sender } = this.context
    // A play that stands still sends none of the recorded heartbeats.
    this.stillBeats = sender.frameCount === this.framesAtBeat ? this.stillBeats + 1 : 0
    this.framesAtBeat = sender.frameCount
    this.sendBeats(this.stillBeats >= STILL_BEATS)
    if (this.stillBeats > 0) this.framesAtBeat = sender.frameCount
  }

  private sendBeats(isStill: boolean): void {
    const time = microsToIso(
      microsOf(this.latestTime + Math.floor((performance.now() - this.latestAt) * 1000)),
    )
    for (const product of this.survey.products) {
      if (!this.subscriptions.has('heartbeat', product) || (this.beating.has(product) && !isStill)) continue
      const { sequence, tradeId } = this.standingOf(product)
      this.context.sender.send(
        JSON.stringify({ type: 'heartbeat', sequence, last_trade_id: tradeId, product_id: product, time }),
      )
    }
  }

  private newPlay(gathered: readonly Subscription[]): Play {
    const token = {}
    const items = [...new Map(gathered.map((item) => [keyOf(item.channel, item.product), item])).values()]
    this.requests++
    for (const { channel, product } of items) this.plays.set(keyOf(channel, product), token)
    // Frames without a product go to whoever has the channel.
    for (const { channel } of items) this.plays.set(keyOf(channel, ''), token)
    const isHeld = ({ channel, product }: Subscription): boolean =>
      (product === '' || this.subscriptions.has(channel, product)) &&
      this.plays.get(keyOf(channel, product)) === token
    const isWanted = this.remembered(({ channels, product }) =>
      channels.some((channel) => isHeld({ channel, product })),
    )
    const derived = this.derivedOf(items, isHeld)
    const beating = items
      .filter(({ channel, product }) => channel === 'heartbeat' && this.survey.has(channel, product))
      .map(({ product }) => product)
    for (const product of beating) this.beating.add(product)
    let frame: CoinbaseFrame | undefined
    let text = ''
    return {
      slowText: SLOW_TEXT,
      open: async (running) => {
        const { origin } = this.context
        if (origin instanceof StoredVenue) await sendOpeningBooks(origin, running, items, this.context)
        await derived?.open(running)
      },
      follows: (source) => derived?.follows(source) === true,
      wants: (entry, source) => {
        text = entry.text()
        frame = coinbaseFrameOf(text)
        return (frame !== undefined && isWanted(frame)) || derived?.follows(source) === true
      },
      deliver: (entry, source) => {
        if (entry.kind === 'frame' && frame !== undefined && isWanted(frame)) this.deliver(entry, text, frame)
        derived?.apply(entry, source)
      },
      isOver: () => !items.some(isHeld),
      ended: () => {
        derived?.flush()
        for (const item of items) this.open(item)
        for (const product of beating) this.beating.delete(product)
      },
    }
  }

  /** Undefined where everything that is wanted was recorded. */
  private derivedOf(
    items: readonly Subscription[],
    isHeld: (subscription: Subscription) => boolean,
  ): DerivedChannels | undefined {
    const { context, survey } = this
    const derived = items.filter(({ channel, product }) => survey.isDerived(channel, product))
    if (derived.length === 0 || !(context.origin instanceof StoredVenue)) return undefined
    return new DerivedChannels(context.origin, derived, isHeld, context)
  }

  /** The same judgement, made once for frames of the same channels and product until the client asks for something. */
  private remembered(judge: (frame: CoinbaseFrame) => boolean): (frame: CoinbaseFrame) => boolean {
    let judged = new Map<readonly string[], Map<string, boolean>>()
    let requests = this.requests
    return (frame) => {
      if (requests !== this.requests) {
        judged = new Map()
        requests = this.requests
      }
      const ofChannels = judged.get(frame.channels) ?? new Map<string, boolean>()
      const known = ofChannels.get(frame.product)
      if (known !== undefined) return known
      const isWanted = judge(frame)
      judged.set(frame.channels, ofChannels.set(frame.product, isWanted))
      return isWanted
    }
  }

  private open({ channel, product }: Subscription): void {
    if (!this.survey.isSeeded(channel, product) || !this.subscriptions.has(channel, product)) return
    const standing = this.standingOf(product)
    const time = microsToIso(microsOf(this.survey.firstTime))
    for (const text of openingFrames(channel, product, this.survey.sequenceOf(product), time)) {
      this.context.sender.send(text)
    }
    standing.sequence = this.survey.sequenceOf(product) + 1
  }

  private deliver(entry: EntryView, text: string, { channels, product }: CoinbaseFrame): void {
    if (entry.receiveTime > this.latestTime) this.latestTime = entry.receiveTime
    this.latestAt = performance.now()
    const [channel] = channels
    if (channel !== 'level2') {
      const standing = this.standings.get(product) ?? this.newStanding(product)
      standing.numbered = text
      if (channel === 'matches' || channel === 'heartbeat') standing.traded = text
    }
    this.context.sender.sendBytes(entry.bytes())
  }

  private newStanding(product: string): Standing {
    const standing = { sequence: this.survey.sequenceOf(product), tradeId: 0, numbered: '', traded: '' }
    this.standings.set(product, standing)
    return standing
  }

  private standingOf(product: string): Standing {
    const standing = this.standings.get(product) ?? this.newStanding(product)
    const { sequence } = coinbaseNumbersOf(standing.numbered)
    const { tradeId } = coinbaseNumbersOf(standing.traded)
    standing.sequence = Math.max(standing.sequence, sequence ?? 0)
    standing.tradeId = Math.max(standing.tradeId, tradeId ?? 0)
    return standing
  }
}

const keyOf = (channel: string, product: string): string => `${channel} ${product}`

/** The same request, signed as the venue's own check wants it, if it was signed at all. */
const withGoodSignature = (text: string, unixSeconds: number): string => {
  let request: unknown
  try {
    request = JSON.parse(text)
  } catch {
    return text
  }
  if (typeof request !== 'object' || request === null || !('signature' in request)) return text
  const { key, secret, passphrase } = TEST_CREDENTIALS
  const timestamp = String(unixSeconds)
  const signature = signatureFor(secret, timestamp, 'GET/users/self/verify')
  return JSON.stringify({ ...request, key, passphrase, timestamp, signature })
}
