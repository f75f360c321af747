/** The archive: stored bytes, and the speeds of writing and reading them, beside JSON.parse, xz and zstd. */
import { bitfinexVenue } from '../../src/venues/bitfinex/venue.ts'
import { coinbaseVenue } from '../../src/venues/coinbase/venue.ts'
import { captureNames } from '../support/captures.ts'
import { readCapture } from '../support/captures.ts'
import { manifestOf, recordsOfCapture } from '../support/entries.ts'
import { bitfinexHour } from './bitfinex-hour.ts'
import { budgetRows } from './budget-rows.ts'
import { FOLDER } from './captured-flow.ts'
import { CodecFigures } from './codec-figures.ts'
import { encodingMemory } from './encoding-memory.ts'
import { capturedRows, lagRow, mixRow, sizeRow, updateRow } from './flow-rows.ts'
import { FullFrames } from './full-frames.ts'
import type { Benchmark, Row } from './row.ts'

/** BOOKREEL_BENCH_FRAMES: fewer for a quick look. */
const FRAMES = Number(process.env['BOOKREEL_BENCH_FRAMES'] ?? 2_000_000)
const CHUNK = 100_000
const HOUR = 3600

const fullRows = async (): Promise<readonly Row[]> => {
  const source = new FullFrames()
  const figures = new CodecFigures({
    name: 'Coinbase full',
    stream: 'coinbase:BTC-USD',
    hints: coinbaseVenue.columnHints,
    rounds: FRAMES > 10 * CHUNK ? 1 : 5,
    tellsMore: false,
  })
  let last: Uint8Array = new Uint8Array(0)
  while (figures.frames < FRAMES) {
    last = source.next(Math.min(CHUNK, FRAMES))
    figures.add(last)
  }
  const { kinds, sizes, updates, lags } = source.sample
  const bytes = (ids: number): string => {
    const target = (6 + 16 * ids).toFixed(2)
    return `headers, ids, receive times, checksums included; ${ids.toFixed(3)} ids a frame, so target ${target}`
  }
  return [
    mixRow('generated full', kinds),
    sizeRow('generated full', sizes),
    updateRow('generated full', updates),
    lagRow('generated full', lags),
    ...capturedRows(),
    ...(await figures.rows({ bytes, rival: 'target 0.5 of the smaller one' })),
    ...budgetRows('generated full', figures.lastChunk()),
    await encodingMemory(last),
  ]
}

const bitfinexRows = async (): Promise<readonly Row[]> => {
  const figures = new CodecFigures({
    name: 'Bitfinex R0 hour',
    stream: 'bitfinex:BTC-USD',
    hints: bitfinexVenue.columnHints,
    rounds: 5,
    tellsMore: false,
  })
  figures.add(bitfinexHour(Math.min(HOUR, (HOUR * FRAMES) / 2_000_000)))
  return await figures.rows({ bytes: () => 'target 10', rival: 'no target' })
}

const HINTS = new Map([coinbaseVenue, bitfinexVenue].map(({ id, columnHints }) => [id, columnHints]))

const captureRows = async (name: string): Promise<readonly Row[]> => {
  const { lines, meta } = readCapture(FOLDER, name)
  const isLong = lines.length >= 4000
  const figures = new CodecFigures({
    name,
    stream: `${meta.venue}:ALL`,
    hints: HINTS.get(meta.venue),
    rounds: isLong ? 5 : 0,
    tellsMore: true,
  })
  figures.add(recordsOfCapture(lines, manifestOf({ venue: meta.venue, symbol: 'ALL' })))
  const bytes = (): string =>
    isLong ? 'all lines are entries of one stream' : 'fewer than 4,000 lines: no target'
  return await figures.rows({ bytes, rival: isLong ? 'target 0.6 of the smaller one' : 'no target' })
}

const run = async (): Promise<readonly Row[]> => {
  const rows: Row[] = [...(await fullRows()), ...(await bitfinexRows())]
  for (const name of captureNames(FOLDER)) for (const row of await captureRows(name)) rows.push(row)
  return rows
}

export const codecBenchmark: Benchmark = {
  name: 'codec',
  about:
    'What a chunk takes and how fast it is written and read, one core. A slowdown costs every seal and every replay.',
  run,
}
