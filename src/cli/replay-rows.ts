/** The rows that `replay --every` prints: the books of all streams at one instant. */
import { type Micros, microsToIso } from '../market/time.ts'
import { renderSide } from '../replay/book-row.ts'
import type { StreamPlayer } from '../replay/stream-player.ts'
import { print, printJson } from './output.ts'

const sides = (player: StreamPlayer, depth: number): Record<'bids' | 'asks', [string, string][]> => {
  const book = player.keeper.book()
  const rows = (side: 'bid' | 'ask'): [string, string][] =>
    renderSide(book, side, () => '', depth).map(({ price, size }) => [price, size])
  return { bids: rows('bid'), asks: rows('ask') }
}

const asText = (levels: readonly [string, string][]): string =>
  levels.map(([price, size]) => `${price}×${size}`).join(' ')

/** Prints one row per stream. Rows of an invalid book say so and hold no prices. */
export const printRow = (
  players: readonly StreamPlayer[],
  time: Micros,
  depth: number,
  json: boolean,
): void => {
  for (const player of players) {
    const { stream } = player
    const { valid, reason, verified } = player.keeper.summary()
    const { bids, asks } = valid ? sides(player, depth) : { bids: [], asks: [] }
    if (json) printJson({ stream, time, valid, reason, verified, bids, asks })
    else if (valid) print(`${microsToIso(time)} ${stream}  ${asText(bids.toReversed())} | ${asText(asks)}`)
    else print(`${microsToIso(time)} ${stream}  not valid: ${reason ?? ''}`)
  }
}
