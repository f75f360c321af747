import { type Archive, tradesTo } from '../../../src/index.ts'

// region resume
/** Counts trades in two sittings; the position between them is a text that may be kept anywhere. */
export const countInTwoSittings = async (
  archive: Archive,
  stream: string,
  until: string,
): Promise<number> => {
  let trades = 0
  const count = tradesTo(() => {
    trades++
  })
  const { position } = await archive.visit({ streams: [stream], to: until }, count)
  await archive.visit({ resumeFrom: position }, count)
  return trades
}
// endregion
