/** Level changes and trades of any venue for hftbacktest, which takes both in one array. */
import { levelChangesTo } from '../../replay/derived/level-changes.ts'
import { tradesTo } from '../../replay/derived/trades.ts'
import { visitAll } from '../../replay/derived/visit-all.ts'
import type { StreamState } from '../../replay/stream-state.ts'
import type { Table } from '../tables/table.ts'
import { BACKTEST_EVENT, backtestDefinition, BacktestRows } from './backtest-rows.ts'

export const backtestLevelsTable: Table = {
  define: () => backtestDefinition('levels'),
  visitor: (buffer) => {
    const rows = new BacktestRows(buffer)
    const states = new Map<string, StreamState>()
    const stateOf = (stream: string): StreamState => {
      const state = states.get(stream)
      if (state === undefined) throw new Error(`${stream} is not replayed`)
      return state
    }
    const trades = tradesTo(({ stream, price, size, aggressor }) => {
      rows.put(stateOf(stream), BACKTEST_EVENT.trade, aggressor, price, size, 0)
    })
    const levels = levelChangesTo({
      began: (state) => {
        rows.putCleared(state)
      },
      broke: (state) => {
        rows.putCleared(state)
      },
      changed: ({ stream, side, price, size, cause }) => {
        const { snapshotLevel, level } = BACKTEST_EVENT
        rows.put(stateOf(stream), cause === 'began' ? snapshotLevel : level, side, price, size, 0)
      },
    })
    const named = {
      replayBegins: (all: readonly StreamState[]): void => {
        for (const state of all) states.set(state.stream, state)
      },
    }
    return visitAll([named, trades, levels])
  },
}
