/** A book drawn for the terminal: asks above, bids below, bars by size. */
import { microsToIso } from '../../market/time.ts'
import type { RenderedBook, RenderedLevel } from '../../replay/derived/book-row.ts'

const BAR_WIDTH = 30

/** Aligns decimals at their point. */
const aligned = (texts: readonly string[]): readonly string[] => {
  const split = texts.map((text) => text.split('.'))
  const whole = Math.max(0, ...split.map(([part = '']) => part.length))
  const fraction = Math.max(0, ...split.map(([, part = '']) => part.length))
  return split.map(([left = '', right = '']) => {
    const tail = fraction === 0 ? '' : `${right === '' ? ' ' : '.'}${right.padEnd(fraction)}`
    return `${left.padStart(whole)}${tail}`
  })
}

const count = (level: RenderedLevel): string => {
  const orders = level.orders?.length ?? level.orderCount
  return orders === undefined ? '' : `${String(orders)} order${orders === 1 ? '' : 's'}`
}

const spreadLine = (book: RenderedBook): string => {
  const bid = Number(book.bids[0]?.price)
  const ask = Number(book.asks[0]?.price)
  if (Number.isNaN(bid) || Number.isNaN(ask)) return '─── one side is empty ───'
  const basisPoints = ((ask - bid) / ((ask + bid) / 2)) * 10_000
  return `─── spread ${(ask - bid).toPrecision(6).replace(/\.?0+$/, '')} (${basisPoints.toFixed(2)} bp) ───`
}

const state = (book: RenderedBook): string => {
  if (!book.valid) return `NOT VALID: ${book.reason ?? ''} (content as last applied)`
  return book.verified ? 'valid, verified' : 'valid, not verified'
}

/** Lines to print, at most `depth` levels a side. */
export const bookPicture = (book: RenderedBook, depth: number): string => {
  const asks = book.asks.slice(0, depth).reverse()
  const bids = book.bids.slice(0, depth)
  const levels = [...asks, ...bids]
  const prices = aligned(levels.map(({ price }) => price))
  const sizes = aligned(levels.map(({ size }) => size))
  const largest = Math.max(...levels.map(({ size }) => Number(size)), Number.MIN_VALUE)
  const lines = levels.map((level, index) => {
    const bar = '█'
      .repeat(Math.max(1, Math.round((Number(level.size) / largest) * BAR_WIDTH)))
      .padEnd(BAR_WIDTH)
    return `${index < asks.length ? 'ask' : 'bid'}  ${prices[index] ?? ''}  ${sizes[index] ?? ''}  ${bar}  ${count(level)}`.trimEnd()
  })
  return [
    `${book.stream} after entry ${String(book.seq)}, ${microsToIso(book.receiveTime)}: ${state(book)}`,
    ...lines.slice(0, asks.length),
    spreadLine(book),
    ...lines.slice(asks.length),
    `${String(book.bids.length)} bid levels, ${String(book.asks.length)} ask levels, digest ${book.digest.slice(0, 16)}…`,
  ].join('\n')
}
