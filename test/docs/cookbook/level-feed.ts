import { type Archive, decimalText, levelChangesTo } from '../../../src/index.ts'

// region level-feed
/** An L3 recording told as an L2 feed: sizes by price, zero where a level is gone. */
export const levelFeed = async (
  archive: Archive,
  stream: string,
  tell: (line: string) => void,
): Promise<void> => {
  const changes = levelChangesTo({
    began: () => {
      tell('snapshot')
    },
    changed: ({ side, price, size, priceScale, sizeScale }) => {
      tell(`${side} ${decimalText(price, priceScale)} ${decimalText(size, sizeScale)}`)
    },
    broke: (_state, reason) => {
      tell(`unusable ${reason}`)
    },
  })
  await archive.visit({ streams: [stream] }, changes)
}
// endregion
