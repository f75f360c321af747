/** What venues allow, held against a plan: channels on a connection, and new connections in a span of time. */
import type { StreamConfig } from '../../recorder/thread-messages.ts'
import type { Venue } from '../../venues/venue.ts'

/** Each connection of a stream is a socket of its own. One sentence where it asks for more than a socket may have. */
export const channelProblem = (venue: Venue, { pair, symbol, feed }: StreamConfig): string | undefined => {
  if (venue.channelLimit === undefined) return undefined
  const { most, channelsOf } = venue.channelLimit
  const channels = channelsOf({ symbol, feed })
  if (channels <= most) return undefined
  return `${venue.name} allows ${String(most)} channels on a connection, and ${pair} with feed ${feed} takes ${String(channels)}.`
}

/** Waits that are worth a word, in milliseconds. */
const LONG_WAIT = 10_000

/** One sentence for each venue that lets not all connections of a plan be opened at once. */
export const connectNotices = (
  streams: readonly StreamConfig[],
  known: readonly Venue[],
): readonly string[] =>
  known.flatMap(({ id, name, connectLimit: { most, milliseconds } }) => {
    const sockets = streams
      .filter(({ venue }) => venue === id)
      .reduce((sum, { connections }) => sum + connections, 0)
    const wait = Math.floor((sockets - 1) / most) * milliseconds
    if (sockets === 0 || wait < LONG_WAIT) return []
    const span = `${String(milliseconds / 1000)} s`
    return [
      `${name} allows ${String(most)} new connections in ${span}: the last of ${String(sockets)} is opened after ${String(Math.round(wait / 1000))} s.`,
    ]
  })
