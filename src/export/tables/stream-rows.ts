/** The common columns of every stream of a replay, by its name, for tables that are told rows and not states. */
import { visitAll } from '../../replay/derived/visit-all.ts'
import type { ReplayVisitor, StreamState } from '../../replay/stream-state.ts'
import type { RowBuffer } from '../columns/row-buffer.ts'
import { CommonColumns } from './common-columns.ts'

export class StreamRows {
  private readonly rows: RowBuffer
  private readonly columns = new Map<string, CommonColumns>()
  private readonly states = new Map<string, StreamState>()

  constructor(rows: RowBuffer) {
    this.rows = rows
  }

  begin(states: readonly StreamState[]): void {
    for (const state of states) {
      this.columns.set(state.stream, new CommonColumns(this.rows, state))
      this.states.set(state.stream, state)
    }
  }

  of(stream: string): CommonColumns {
    const columns = this.columns.get(stream)
    if (columns === undefined) throw new Error(`${stream} is not replayed`)
    return columns
  }

  stateOf(stream: string): StreamState {
    const state = this.states.get(stream)
    if (state === undefined) throw new Error(`${stream} is not replayed`)
    return state
  }
}

/** The visitor, with the streams known before its first call. */
export const withStates = (streams: StreamRows, visitor: ReplayVisitor): ReplayVisitor =>
  visitAll([
    {
      replayBegins: (states) => {
        streams.begin(states)
      },
    },
    visitor,
  ])
