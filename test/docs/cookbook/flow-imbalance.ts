import { type Archive, orderFlowTo, SECOND } from '../../../src/index.ts'

// region flow-imbalance
/** Each second: bids that came less bids that were withdrawn, against asks, from -1 (selling) to 1 (buying). */
export const flowImbalance = async (archive: Archive, stream: string): Promise<readonly number[]> => {
  const imbalances: number[] = []
  const flow = orderFlowTo({ every: SECOND }, ({ isWhole, bids, asks }) => {
    if (!isWhole) return
    const buying = bids.added - bids.cancelled - bids.traded
    const selling = asks.added - asks.cancelled - asks.traded
    const total = Math.abs(buying) + Math.abs(selling)
    imbalances.push(total === 0 ? 0 : (buying - selling) / total)
  })
  await archive.visit({ streams: [stream] }, flow)
  return imbalances
}
// endregion
