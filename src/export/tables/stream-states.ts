/** The streams of a replay by their names, for tables that are told rows and not states. */
import { visitAll } from '../../replay/derived/visit-all.ts'
import type { ReplayVisitor, StreamState } from '../../replay/stream-state.ts'

export class StreamStates {
  private readonly states = new Map<string, StreamState>()

  begin(states: readonly StreamState[]): void {
    for (const state of states) this.states.set(state.stream, state)
  }

  stateOf(stream: string): StreamState {
    const state = this.states.get(stream)
    if (state === undefined) throw new Error(`${stream} is not replayed`)
    return state
  }
}

/** The visitor, with the streams known before its first call. */
export const withStates = (streams: StreamStates, visitor: ReplayVisitor): ReplayVisitor =>
  visitAll([
    {
      replayBegins: (states) => {
        streams.begin(states)
      },
    },
    visitor,
  ])
