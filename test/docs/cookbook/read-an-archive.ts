// region read-an-archive
import { decimalText, microsToIso, openArchive, tradesTo } from '../../../src/index.ts'
// endregion

export const readAnArchive = async (url: string, print: (line: string) => void): Promise<void> => {
  // region read-an-archive
  const archive = await openArchive(url)
  for (const stream of await archive.streams()) {
    const { book, receiveTime } = await archive.bookAt(stream)
    print(`${stream} at ${microsToIso(receiveTime)}: ${String(book.levelCount('bid'))} bid levels`)
  }
  const trades = tradesTo(({ stream, receiveTime, aggressor, price, priceScale }) => {
    print(`${stream} ${microsToIso(receiveTime)} ${aggressor} at ${decimalText(price, priceScale)}`)
  })
  const { entries, events } = await archive.visit({ from: '2020-09-13', to: '2020-09-14' }, trades)
  print(`${String(entries)} entries, ${String(events)} events`)
  await archive.close()
  // endregion
}
