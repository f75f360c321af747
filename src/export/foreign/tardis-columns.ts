/** What all tables of the normalised CSV begin with: venue, pair and both times. */
import { splitStreamId } from '../../market/instrument.ts'
import type { ByteColumn, IntegerColumn } from '../columns/columns.ts'
import type { ColumnDefinition } from '../columns/definition.ts'
import type { RowBuffer } from '../columns/row-buffer.ts'
import { categoryOf, column, TIME } from '../tables/common-columns.ts'
import { StreamStates } from '../tables/stream-states.ts'

const partsOf = (stream: string): { readonly venue: string; readonly pair: string } =>
  splitStreamId(stream) ?? { venue: stream, pair: '' }

export const tardisColumns = (streams: readonly string[]): readonly ColumnDefinition[] => [
  column('exchange', categoryOf([...new Set(streams.map((stream) => partsOf(stream).venue))]), '', 'The venue.'),
  column('symbol', categoryOf([...new Set(streams.map((stream) => partsOf(stream).pair))]), '', 'The pair.'),
  column('timestamp', TIME, 'µs UTC', 'When it happened by the clock of the venue; when it was received where it tells none.'),
  column('local_timestamp', TIME, 'µs UTC', 'When it was received.'),
] // prettier-ignore

export class TardisHeads extends StreamStates {
  private readonly exchanges: ByteColumn
  private readonly symbols: ByteColumn
  private readonly times: IntegerColumn
  private readonly localTimes: IntegerColumn

  constructor(rows: RowBuffer) {
    super()
    this.exchanges = rows.bytes('exchange')
    this.symbols = rows.bytes('symbol')
    this.times = rows.integers('timestamp')
    this.localTimes = rows.integers('local_timestamp')
  }

  put(row: number, stream: string): void {
    const { exchangeTime, receiveTime } = this.stateOf(stream)
    this.putAt(row, stream, exchangeTime ?? receiveTime, receiveTime)
  }

  putAt(row: number, stream: string, time: number, localTime: number): void {
    const { venue, pair } = partsOf(stream)
    this.exchanges.putWord(row, venue)
    this.symbols.putWord(row, pair)
    this.times.put(row, time)
    this.localTimes.put(row, localTime)
  }
}
