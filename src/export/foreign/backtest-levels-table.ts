/** Level changes and trades of any venue for hftbacktest, which takes both in one array. */
import type { Price } from '../../market/price.ts'
import type { BookSide } from '../../market/side.ts'
import { levelChangesTo } from '../../replay/derived/level-changes.ts'
import { tradesTo } from '../../replay/derived/trades.ts'
import { visitAll } from '../../replay/derived/visit-all.ts'
import type { StreamState } from '../../replay/stream-state.ts'
import { StreamStates, withStates } from '../tables/stream-states.ts'
import type { Table } from '../tables/table.ts'
import { BACKTEST_EVENT, backtestDefinition, BacktestRows } from './backtest-rows.ts'
import { isAcross } from './crossing.ts'

export const backtestLevelsTable: Table = {
  define: () => backtestDefinition('levels'),
  visitor: (buffer) => {
    const rows = new BacktestRows(buffer)
    const states = new StreamStates()
    const trades = tradesTo(({ stream, price, size, aggressor }) => {
      rows.put(states.stateOf(stream), BACKTEST_EVENT.trade, aggressor, price, size, 0)
    })
    /** Levels across the other side: told when they no longer are. */
    const heldBack: Record<BookSide, Set<Price>> = { bid: new Set(), ask: new Set() }
    const clear = (state: StreamState): void => {
      for (const prices of Object.values(heldBack)) prices.clear()
      rows.putCleared(state)
    }
    const levels = levelChangesTo({
      began: clear,
      broke: clear,
      changed: ({ stream, side, price, size, cause }) => {
        const { snapshotLevel, level } = BACKTEST_EVENT
        const state = states.stateOf(stream)
        if (size > 0 && isAcross(state, side, price)) heldBack[side].add(price)
        else {
          heldBack[side].delete(price)
          rows.put(state, cause === 'began' ? snapshotLevel : level, side, price, size, 0)
        }
      },
    })
    const inOrder = {
      entryEnded: (state: StreamState): void => {
        if (heldBack.bid.size + heldBack.ask.size === 0 || state.book.isCrossed()) return
        for (const side of ['bid', 'ask'] as const) {
          for (const price of heldBack[side])
            rows.put(state, BACKTEST_EVENT.level, side, price, state.book.sizeAt(side, price), 0)
          heldBack[side].clear()
        }
      },
    }
    return withStates(states, visitAll([trades, levels, inOrder]))
  },
}
