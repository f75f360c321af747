import { type Archive, barsTo, decimalText, microsToIso } from '../../../src/index.ts'

// region minute-bars
/** A line per interval. Without trades there is no price; a bar that lacks a part says so. */
export const barLines = async (
  archive: Archive,
  stream: string,
  every: number,
): Promise<readonly string[]> => {
  const lines: string[] = []
  const bars = barsTo({ by: 'time', every }, (bar) => {
    const price = (value: number | undefined): string =>
      value === undefined ? '' : decimalText(value, bar.priceScale)
    const prices = [bar.open, bar.high, bar.low, bar.close].map(price).join(',')
    const volume = decimalText(bar.volume, bar.sizeScale)
    lines.push(
      `${microsToIso(bar.end)},${prices},${volume},${bar.vwap(4) ?? ''},${bar.isWhole ? '' : 'incomplete'}`,
    )
  })
  await archive.visit({ streams: [stream] }, bars)
  return lines
}
// endregion
