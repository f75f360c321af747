/**
 * The queues of one side in order of price, in blocks: most come and go near the best price, and only a block's worth of
 * them has to move. Owns the order alone.
 */
import type { PriceQueue } from './resting-order.ts'

/** A block that grows longer is cut in two. */
const LONGEST = 64

export class PriceLadder {
  /** Worst first; no block is empty. */
  private readonly blocks: PriceQueue[][] = []
  private readonly sign: 1 | -1
  /** Where the last `find` ended. */
  private block = 0
  private index = 0

  /** `sign`: 1 where the highest price is the best, -1 where the lowest is. */
  constructor(sign: 1 | -1) {
    this.sign = sign
  }

  /** The queue of a price; undefined where there is none. */
  find(price: number): PriceQueue | undefined {
    const { blocks, sign } = this
    const wanted = price * sign
    // The last block that does not begin with a better price.
    let low = 0
    let high = blocks.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (((blocks[middle] as PriceQueue[])[0] as PriceQueue).price * sign <= wanted) low = middle + 1
      else high = middle
    }
    this.block = Math.max(0, low - 1)
    const block = blocks[this.block]
    if (block === undefined) return undefined
    low = 0
    high = block.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((block[middle] as PriceQueue).price * sign < wanted) low = middle + 1
      else high = middle
    }
    this.index = low
    const found = low < block.length ? block[low] : undefined
    return found?.price === price ? found : undefined
  }

  /** Where `find` looked for its price just now, and found none. */
  insert(queue: PriceQueue): void {
    const block = this.blocks[this.block]
    if (block === undefined) {
      this.blocks.push([queue])
      return
    }
    block.push(queue)
    for (let index = block.length - 1; index > this.index; index--)
      block[index] = block[index - 1] as PriceQueue
    block[this.index] = queue
    if (block.length > LONGEST) this.blocks.splice(this.block + 1, 0, block.splice(LONGEST / 2))
  }

  erase(queue: PriceQueue): void {
    if (this.find(queue.price) !== queue) throw new Error(`no queue at ${String(queue.price)}`)
    const block = this.blocks[this.block]
    if (block === undefined) return
    for (let index = this.index + 1; index < block.length; index++)
      block[index - 1] = block[index] as PriceQueue
    block.pop()
    if (block.length === 0) this.blocks.splice(this.block, 1)
  }

  best(): PriceQueue | undefined {
    const { blocks } = this
    if (blocks.length === 0) return undefined
    const block = blocks[blocks.length - 1] as PriceQueue[]
    return block[block.length - 1]
  }

  /** The best queue is 0, the next one 1 ... */
  nth(place: number): PriceQueue | undefined {
    let left = place
    for (let block = this.blocks.length - 1; block >= 0; block--) {
      const queues = this.blocks[block] as PriceQueue[]
      if (left < queues.length) return queues[queues.length - 1 - left]
      left -= queues.length
    }
    return undefined
  }

  /** Best first; at most n. */
  top(n: number): PriceQueue[] {
    const queues: PriceQueue[] = []
    for (let block = this.blocks.length - 1; block >= 0 && queues.length < n; block--) {
      const some = this.blocks[block] as PriceQueue[]
      for (let index = some.length - 1; index >= 0 && queues.length < n; index--)
        queues.push(some[index] as PriceQueue)
    }
    return queues
  }
}
