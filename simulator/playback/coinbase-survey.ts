/** What a Coinbase recording holds: products, their channels, their REST books. */
import {
  type CapturedResponse,
  CaptureProblem,
  decodeResponse,
  type EntryView,
  readCapture,
} from '../../src/index.ts'
import { coinbaseFrameOf } from './coinbase-frame.ts'
import type { StoredVenue } from './stored-venue.ts'

const BOOK_CHANNELS = new Set(['level2', 'level2_batch', 'full', 'level3'])
const REST_BOOK = /\/products\/([^/?]+)\/book\?(?:.*&)?level=3(?:&|$)/
/** Channels that a name in an acknowledgement stands for. */
const ACKNOWLEDGED: Readonly<Record<string, readonly string[]>> = {
  full: ['full'],
  level3: ['level3'],
  level2: ['level2', 'level2_batch'],
  level2_batch: ['level2', 'level2_batch'],
  level2_50: ['level2', 'level2_batch'],
  heartbeat: ['heartbeat'],
}

export class CoinbaseSurvey {
  /** Every product with a frame or a REST book of its own. */
  readonly products = new Set<string>()
  /** Microseconds: when the first line was received. */
  firstTime = 0
  /** The list of products as the venue answered it, where the recording has it. */
  productList: string | undefined
  private readonly isStored: boolean
  /** `channel product` of every channel that has frames; of books, those that begin with a snapshot where they must. */
  private readonly channels = new Set<string>()
  /** Sequences of REST books, by product. */
  private readonly restBooks = new Map<string, number>()

  private constructor(isStored: boolean) {
    this.isStored = isStored
  }

  /** Reads the whole capture. Throws CaptureProblem when it is damaged or has nothing to build a book from. */
  static async of(capture: string): Promise<CoinbaseSurvey> {
    const survey = new CoinbaseSurvey(false)
    for await (const { line } of readCapture(capture)) {
      if (survey.firstTime === 0) survey.firstTime = line.receiveTime
      if (line.kind === 'frame') survey.addFrame(line.text)
      else if (line.kind === 'response') survey.addResponse(line)
    }
    const hasBook = [...survey.channels].some((key) => BOOK_CHANNELS.has(key.split(' ')[0] ?? ''))
    if (!hasBook && survey.restBooks.size === 0) {
      throw new CaptureProblem(`${capture} has no book, so there is no book of Coinbase to serve.`)
    }
    return survey
  }

  /** Looks at the beginnings of stored streams; their books are kept elsewhere. */
  static async ofStored(venue: StoredVenue): Promise<CoinbaseSurvey> {
    const survey = new CoinbaseSurvey(true)
    for (const product of venue.symbols()) survey.products.add(product)
    await venue.survey((entry) => survey.addEntry(entry))
    return survey
  }

  private addEntry(entry: EntryView): void {
    if (this.firstTime === 0) this.firstTime = entry.receiveTime
    if (entry.kind === 'frame') {
      const text = entry.text()
      this.addFrame(text)
      if (text.includes('"subscriptions"')) this.addAcknowledgement(text)
    } else if (entry.kind === 'response') {
      const response = decodeResponse(entry.bytes())
      if (response?.status === 200 && response.url.endsWith('/products'))
        this.productList ??= Buffer.from(response.body).toString('utf8')
    }
  }

  has(channel: string, product: string): boolean {
    return this.channels.has(`${channel} ${product}`)
  }

  /** Why a channel cannot be served; undefined when it can. Channels where merely nothing happened can. */
  refusal(channel: string, product: string): string | undefined {
    if (!BOOK_CHANNELS.has(channel) || this.has(channel, product)) return undefined
    if (this.isDerived(channel, product)) return undefined
    return this.isSeeded(channel, product)
      ? undefined
      : `${channel} of ${product} is not in this ${this.isStored ? 'recording' : 'capture'}`
  }

  /** Whether a stored stream does not hold the channel but tells enough to make it: levels of orders, tickers of matches. */
  isDerived(channel: string, product: string): boolean {
    if (!this.isStored || this.has(channel, product)) return false
    if (channel === 'ticker' || channel === 'ticker_batch') return this.has('full', product)
    const isByLevel = channel === 'level2' || channel === 'level2_batch'
    return isByLevel && (this.has('full', product) || this.has('level3', product))
  }

  /** Whether the product has a REST book but no frame of a channel that such a book is the start of. */
  isSeeded(channel: string, product: string): boolean {
    const isByOrder = channel === 'full' || channel === 'level3'
    return (
      isByOrder && this.restBooks.has(product) && !this.has('full', product) && !this.has('level3', product)
    )
  }

  /** The sequence of the REST book; 0 where there is none. */
  sequenceOf(product: string): number {
    return this.restBooks.get(product) ?? 0
  }

  private addFrame(text: string): void {
    const frame = coinbaseFrameOf(text)
    if (frame === undefined) return
    const { channels, product, isSnapshot } = frame
    if (product !== '') this.products.add(product)
    for (const channel of channels) {
      const isLevel2 = channel === 'level2' || channel === 'level2_batch'
      // A match alone does not tell of a `full` channel, nor an update of a book that can be built.
      if ((isLevel2 && !isSnapshot) || (channel === 'full' && channels.length > 1)) continue
      this.channels.add(`${channel} ${product}`)
    }
  }

  private addAcknowledgement(text: string): void {
    let message: unknown
    try {
      message = JSON.parse(text)
    } catch {
      return
    }
    const { type, channels } = (message ?? {}) as { type?: unknown; channels?: unknown }
    if (type !== 'subscriptions' || !Array.isArray(channels)) return
    for (const item of channels as readonly unknown[]) {
      const { name, product_ids } = (item ?? {}) as { name?: unknown; product_ids?: unknown }
      const products: readonly unknown[] = Array.isArray(product_ids) ? product_ids : []
      for (const channel of ACKNOWLEDGED[String(name)] ?? [])
        for (const product of products) this.channels.add(`${channel} ${String(product)}`)
    }
  }

  private addResponse(response: CapturedResponse): void {
    const product = REST_BOOK.exec(response.url)?.[1]
    if (product === undefined || response.status !== 200) return
    this.products.add(product)
    this.restBooks.set(product, Number(/"sequence"\s*:\s*(\d+)/.exec(response.text)?.[1] ?? 0))
  }
}
