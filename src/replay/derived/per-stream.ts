/** What a visitor keeps of each stream, found fast: most entries are of the stream of the entry before. */
import type { StreamState } from '../stream-state.ts'

export class PerStream<Kept> {
  private readonly byState = new Map<StreamState, Kept>()
  private lastState: StreamState | undefined
  private last: Kept | undefined

  set(state: StreamState, kept: Kept): void {
    this.byState.set(state, kept)
    this.lastState = undefined
  }

  get(state: StreamState): Kept | undefined {
    if (state !== this.lastState) {
      this.lastState = state
      this.last = this.byState.get(state)
    }
    return this.last
  }

  /** In the order in which the streams were met. */
  all(): Iterable<Kept> {
    return this.byState.values()
  }
}
