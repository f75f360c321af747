/** Plays several streams in one stated order: by receive time, ties by the stream's place in the request. */
import type { Micros } from '../market/time.ts'
import type { StreamPlayer } from './stream-player.ts'

/** Told of every entry right before and right after it is applied. Returning false from `before` stops the play. */
export interface EntryVisitor {
  /** The head of `player` is about to be applied at its receive time. */
  readonly before?: ((player: StreamPlayer, time: Micros) => void | Promise<void> | boolean) | undefined
  readonly after?: ((player: StreamPlayer) => void) | undefined
}

const earliest = (players: readonly StreamPlayer[]): StreamPlayer | undefined => {
  let chosen: StreamPlayer | undefined
  let chosenTime = Infinity
  for (const player of players) {
    const time = player.head?.receiveTime ?? Infinity
    if (time < chosenTime) {
      chosen = player
      chosenTime = time
    }
  }
  return chosen
}

/** Applies every entry of the players in order; resolves at the end of all of them. Closes them in any case. */
export const playMerged = async (players: readonly StreamPlayer[], visitor: EntryVisitor): Promise<void> => {
  try {
    for (const player of players) await player.fetch()
    for (;;) {
      const player = earliest(players)
      const head = player?.head
      if (player === undefined || head === undefined) return
      const before = visitor.before?.(player, head.receiveTime)
      if (before === false) return
      if (before instanceof Promise) await before
      const hasMore = player.step()
      visitor.after?.(player)
      if (!hasMore) await player.fetch()
    }
  } finally {
    for (const player of players) await player.close()
  }
}
