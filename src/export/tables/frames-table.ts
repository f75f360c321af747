/** What was received as a table: an entry a row, its payload as it was stored. Owns which column a payload stands in. */
import { Buffer, isUtf8 } from 'node:buffer'

import { ENTRY_KINDS, type EntryView } from '../../log/entry.ts'
import type { EventStore } from '../../log/event-store.ts'
import { decodeResponse } from '../../log/payloads.ts'
import type { StreamId } from '../../market/instrument.ts'
import { isAfter, isBefore, type ReplayRange } from '../../replay/position.ts'
import { readChunks } from '../../replay/reading/chunk-reader.ts'
import type { RowBuffer } from '../columns/row-buffer.ts'
import { categoryOf, column, INTEGER, optionalColumn, STREAM, TEXT, TIME } from './common-columns.ts'
import type { EntryTable } from './table.ts'

/** A batch ends behind so many bytes of payloads, that memory stays bounded. */
const MOST_BYTES = 1 << 24

const frameColumns = (rows: RowBuffer) => ({
  streams: rows.bytes(STREAM),
  seqs: rows.integers('seq'),
  receiveTimes: rows.integers('receive_time'),
  kinds: rows.bytes('kind'),
  connections: rows.integers('connection'),
  methods: rows.texts('method'),
  urls: rows.texts('url'),
  statuses: rows.integers('status'),
  texts: rows.texts('text'),
  bytes: rows.texts('bytes'),
})

class FrameRows {
  private readonly rows: RowBuffer
  private readonly columns: ReturnType<typeof frameColumns>
  private bytes = 0

  constructor(rows: RowBuffer) {
    this.rows = rows
    this.columns = frameColumns(rows)
  }

  put(stream: StreamId, entry: EntryView): void {
    const { rows, columns } = this
    if (!rows.begin(entry.receiveTime)) return
    const { row } = rows
    const response = entry.kind === 'response' ? decodeResponse(entry.bytes()) : undefined
    const content = response?.body ?? entry.bytes()
    columns.streams.putWord(row, stream)
    columns.seqs.put(row, entry.seq)
    columns.receiveTimes.put(row, entry.receiveTime)
    columns.kinds.putWord(row, entry.kind)
    columns.connections.put(row, entry.connection)
    if (response !== undefined) {
      columns.methods.put(row, columns.methods.add(response.method))
      columns.urls.put(row, columns.urls.add(response.url))
      columns.statuses.put(row, response.status)
    }
    const bytes = Buffer.from(content.buffer, content.byteOffset, content.length)
    if (!entry.isBinary && isUtf8(content)) columns.texts.put(row, columns.texts.add(bytes.toString('utf8')))
    else columns.bytes.put(row, columns.bytes.add(bytes.toString('base64')))
    rows.end()
    this.bytes += content.length
    if (this.bytes < MOST_BYTES) return
    this.bytes = 0
    rows.flush()
  }
}

const fillStream = async (
  store: EventStore,
  stream: StreamId,
  { from, to }: ReplayRange,
  rows: FrameRows,
  onEntries: (entries: number) => Promise<void>,
): Promise<void> => {
  const seqs = {
    from: from?.kind === 'seq' ? from.seq : undefined,
    to: to?.kind === 'seq' ? to.seq : undefined,
  }
  for await (const chunk of readChunks(store, stream, seqs)) {
    const cursor = chunk.cursor()
    let entries = 0
    while (cursor.next()) {
      if (to !== undefined && isAfter(cursor, to)) return
      entries++
      if (from === undefined || !isBefore(cursor, from)) rows.put(stream, cursor)
      if (entries < 1024) continue
      await onEntries(entries)
      entries = 0
    }
    await onEntries(entries)
  }
}

export const framesTable: EntryTable = {
  define: ({ streams }) => ({
    kind: 'frames',
    doc: 'What was received and sent, byte for byte, and what the recorder noted beside it; one stream after the other. As JSON lines in one file the names are others: see export.md.',
    columns: [
      column(STREAM, categoryOf(streams), '', 'The stream, VENUE:PAIR; in a partitioned export its name is in the path.'),
      column('seq', INTEGER, 'entry', 'Numbers count entries of the stream without holes and are the replay order.'),
      column('receive_time', TIME, 'µs UTC', 'When the entry reached the recorder.'),
      column('kind', categoryOf(ENTRY_KINDS), '', 'frame: from the venue; sent: to it; response: an answer to a request; the others are notes of the recorder.'),
      column('connection', INTEGER, '', 'The number of its connection inside the stream; 0 where there is none.'),
      optionalColumn('method', TEXT, '', 'Of a response: what was asked.'),
      optionalColumn('url', TEXT, '', 'Of a response: where.'),
      optionalColumn('status', INTEGER, '', 'Of a response: its HTTP status.'),
      optionalColumn('text', TEXT, '', 'The payload where it is text, else absent.'),
      optionalColumn('bytes', TEXT, 'base64', 'The payload where it is no text, else absent.'),
    ], // prettier-ignore
  }),
  fill: async (store, { streams, range }, rows, onEntries) => {
    const frames = new FrameRows(rows)
    for (const stream of streams) await fillStream(store, stream, range, frames, onEntries)
  },
}
