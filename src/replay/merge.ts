/** Plays several streams in one stated order: by receive time, ties by the stream's place in the request. */
import type { Micros } from '../market/time.ts'
import type { StreamPlayer } from './reading/stream-player.ts'

/**
 * Finds whose entry comes next, and how long it stays so: between two calls of `choose` one stream may run ahead while its
 * head `isFirst`.
 */
export class MergedHeads {
  private readonly players: readonly StreamPlayer[]
  /** Receive time of the first head among the others, and whether a tie with it is won. */
  private rivalTime = Infinity
  private winsTies = true

  constructor(players: readonly StreamPlayer[]) {
    this.players = players
  }

  /** Place of the player whose head is first; -1: no player has a head. */
  choose(): number {
    const { players } = this
    let chosen = -1
    let time = Infinity
    let rival = -1
    let rivalTime = Infinity
    for (let place = 0; place < players.length; place++) {
      const headTime = players[place]?.head?.receiveTime ?? Infinity
      if (headTime < time) {
        rival = chosen
        rivalTime = time
        chosen = place
        time = headTime
      } else if (headTime < rivalTime) {
        rival = place
        rivalTime = headTime
      }
    }
    this.rivalTime = rivalTime
    this.winsTies = chosen < rival
    return chosen
  }

  /** True while a head of the chosen player, received at this time, comes before all others. */
  isFirst(time: Micros): boolean {
    return time < this.rivalTime || (time === this.rivalTime && this.winsTies)
  }
}

/** Told of every entry right before and right after it is applied. Returning false from `before` stops the play. */
export interface EntryVisitor {
  /** The head of `player` is about to be applied at its receive time. */
  readonly before?: ((player: StreamPlayer, time: Micros) => void | Promise<void> | boolean) | undefined
  readonly after?: ((player: StreamPlayer) => void) | undefined
}

/** Applies every entry of the players in order; resolves at the end of all of them. Closes them in any case. */
export const playMerged = async (players: readonly StreamPlayer[], visitor: EntryVisitor): Promise<void> => {
  const heads = new MergedHeads(players)
  try {
    for (const player of players) await player.fetch()
    for (;;) {
      const player = players[heads.choose()]
      if (player === undefined) return
      for (let { head } = player; head !== undefined && heads.isFirst(head.receiveTime); head = player.head) {
        const before = visitor.before?.(player, head.receiveTime)
        if (before === false) return
        if (before instanceof Promise) await before
        const hasMore = player.step()
        visitor.after?.(player)
        if (!hasMore) await player.fetch()
      }
    }
  } finally {
    for (const player of players) await player.close()
  }
}
