/** The common columns of every stream of a replay, by its name, for tables that are told rows and not states. */
import type { StreamState } from '../../replay/stream-state.ts'
import type { RowBuffer } from '../columns/row-buffer.ts'
import { CommonColumns } from './common-columns.ts'
import { StreamStates } from './stream-states.ts'

export class StreamRows extends StreamStates {
  private readonly rows: RowBuffer
  private readonly columns = new Map<string, CommonColumns>()

  constructor(rows: RowBuffer) {
    super()
    this.rows = rows
  }

  override begin(states: readonly StreamState[]): void {
    super.begin(states)
    for (const state of states) this.columns.set(state.stream, new CommonColumns(this.rows, state))
  }

  of(stream: string): CommonColumns {
    const columns = this.columns.get(stream)
    if (columns === undefined) throw new Error(`${stream} is not replayed`)
    return columns
  }
}
