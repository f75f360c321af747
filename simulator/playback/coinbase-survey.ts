/** What a Coinbase capture holds: products, their channels, their REST books. */
import { type CapturedResponse, CaptureProblem, readCapture } from '../../src/index.ts'
import { coinbaseFrameOf } from './coinbase-frame.ts'

const BOOK_CHANNELS = new Set(['level2', 'level2_batch', 'full', 'level3'])
const REST_BOOK = /\/products\/([^/?]+)\/book\?(?:.*&)?level=3(?:&|$)/

export class CoinbaseSurvey {
  /** Every product with a frame or a REST book of its own. */
  readonly products = new Set<string>()
  /** Microseconds: when the first line was received. */
  firstTime = 0
  /** `channel product` of every channel that has frames; of books, those that begin with a snapshot where they must. */
  private readonly channels = new Set<string>()
  /** Sequences of REST books, by product. */
  private readonly restBooks = new Map<string, number>()

  /** Reads the whole capture. Throws CaptureProblem when it is damaged or has nothing to build a book from. */
  static async of(capture: string): Promise<CoinbaseSurvey> {
    const survey = new CoinbaseSurvey()
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

  has(channel: string, product: string): boolean {
    return this.channels.has(`${channel} ${product}`)
  }

  /** Why a channel cannot be served; undefined when it can. Channels where merely nothing happened can. */
  refusal(channel: string, product: string): string | undefined {
    if (!BOOK_CHANNELS.has(channel) || this.has(channel, product)) return undefined
    return this.isSeeded(channel, product) ? undefined : `${channel} of ${product} is not in this capture`
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

  private addResponse(response: CapturedResponse): void {
    const product = REST_BOOK.exec(response.url)?.[1]
    if (product === undefined || response.status !== 200) return
    this.products.add(product)
    this.restBooks.set(product, Number(/"sequence"\s*:\s*(\d+)/.exec(response.text)?.[1] ?? 0))
  }
}
