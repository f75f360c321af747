import { type Archive, orderFlowTo } from '../../../src/index.ts'

// region quality-of-a-day
/** What was lost, and for how much of the recorded time there was a book to use. */
export const qualityOfADay = async (archive: Archive, stream: string, day: string): Promise<string> => {
  let usable = 0
  let recorded = 0
  const spans = orderFlowTo({}, ({ start, end, hasBook }) => {
    recorded += end - start
    if (hasBook) usable += end - start
  })
  const range = { streams: [stream], from: day, to: `${day}T23:59:59.999999Z` }
  const { gaps, disconnects, undecodedFrames } = await archive.visit(range, spans)
  const share = ((100 * usable) / recorded).toFixed(1)
  return `${share} % usable, ${String(gaps)} gaps, ${String(disconnects)} disconnects, ${String(undecodedFrames)} unknown frames`
}
// endregion
