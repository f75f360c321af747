/**
 * Plays a Coinbase capture to one client: every frame of its products and channels, byte for byte, and heartbeats
 * where the capture has none or has ended.
 */
import { type CapturedFrame, microsOf, microsToIso } from '../../src/index.ts'
import { signatureFor, TEST_CREDENTIALS } from '../venues/coinbase-auth.ts'
import { CoinbaseSubscriptions, type Subscription } from '../venues/coinbase-channels.ts'
import { type CoinbaseFrame, coinbaseFrameOf } from './coinbase-frame.ts'
import { openingFrames } from './coinbase-opening.ts'
import type { CoinbaseSurvey } from './coinbase-survey.ts'
import { type Play, type PlayContext, PlayGroup } from './play-group.ts'

/** What a heartbeat tells of a product. */
interface Standing {
  sequence: number
  tradeId: number
}

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
    send(answer.text)
    for (const added of answer.added) {
      this.plays.delete(keyOf(added.channel, added.product))
      this.group.add(added)
    }
  }

  /** Called once a second. */
  beat(): void {
    const time = microsToIso(
      microsOf(this.latestTime + Math.floor((performance.now() - this.latestAt) * 1000)),
    )
    for (const product of this.survey.products) {
      if (!this.subscriptions.has('heartbeat', product) || this.beating.has(product)) continue
      const { sequence, tradeId } = this.standingOf(product)
      this.context.sender.send(
        JSON.stringify({ type: 'heartbeat', sequence, last_trade_id: tradeId, product_id: product, time }),
      )
    }
  }

  private newPlay(items: readonly Subscription[]): Play {
    const token = {}
    for (const { channel, product } of items) this.plays.set(keyOf(channel, product), token)
    // Frames without a product go to whoever has the channel.
    for (const { channel } of items) this.plays.set(keyOf(channel, ''), token)
    const isWanted = ({ channels, product }: CoinbaseFrame): boolean =>
      channels.some((channel) => {
        const isHeld = product === '' || this.subscriptions.has(channel, product)
        return isHeld && this.plays.get(keyOf(channel, product)) === token
      })
    const beating = items
      .filter(({ channel, product }) => channel === 'heartbeat' && this.survey.has(channel, product))
      .map(({ product }) => product)
    for (const product of beating) this.beating.add(product)
    let frame: CoinbaseFrame | undefined
    return {
      wants: ({ text }) => {
        frame = coinbaseFrameOf(text)
        return frame !== undefined && isWanted(frame)
      },
      deliver: (captured) => {
        if (frame !== undefined && isWanted(frame)) this.deliver(captured, frame)
      },
      ended: () => {
        for (const item of items) this.open(item)
        for (const product of beating) this.beating.delete(product)
      },
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

  private deliver(captured: CapturedFrame, frame: CoinbaseFrame): void {
    this.latestTime = Math.max(this.latestTime, captured.receiveTime)
    this.latestAt = performance.now()
    const standing = this.standingOf(frame.product)
    standing.sequence = Math.max(standing.sequence, frame.sequence ?? 0)
    standing.tradeId = Math.max(standing.tradeId, frame.tradeId ?? 0)
    this.context.sender.send(captured.text)
  }

  private standingOf(product: string): Standing {
    const known = this.standings.get(product)
    if (known !== undefined) return known
    const standing = { sequence: this.survey.sequenceOf(product), tradeId: 0 }
    this.standings.set(product, standing)
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
