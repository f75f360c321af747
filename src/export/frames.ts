/** Entries as JSON lines: `{"seq","kind","receiveTime","connection","text"}`, byte for byte what was stored. */
import { Buffer, isUtf8 } from 'node:buffer'

import type { EntryView } from '../log/entry.ts'
import type { EventStore } from '../log/event-store.ts'
import { decodeResponse } from '../log/payloads.ts'
import type { StreamId } from '../market/instrument.ts'
import { isAfter, isBefore, type ReplayRange } from '../replay/position.ts'
import { readChunks } from '../replay/reading/chunk-reader.ts'

/** Text where the bytes are valid UTF-8 of a text frame, else base64 under `bytes`: nothing is ever altered. */
const content = (
  bytes: Uint8Array,
  isBinary: boolean,
): { readonly text: string } | { readonly bytes: string } =>
  !isBinary && isUtf8(bytes)
    ? { text: Buffer.from(bytes).toString('utf8') }
    : { bytes: Buffer.from(bytes).toString('base64') }

/** One entry as its JSON line, without the line feed. */
const frameLine = (entry: EntryView): string => {
  const { seq, kind, receiveTime, connection } = entry
  const head = { seq, kind, receiveTime, connection }
  const response = kind === 'response' ? decodeResponse(entry.bytes()) : undefined
  if (response === undefined) return JSON.stringify({ ...head, ...content(entry.bytes(), entry.isBinary) })
  const { method, url, status, body } = response
  return JSON.stringify({ ...head, method, url, status, ...content(body, false) })
}

const BLOCK_CHARACTERS = 1 << 18

/** Hands lines to `write` in blocks, in order; `entries` counts those read for the block. Resolves to lines written. */
export const exportFrames = async (
  store: EventStore,
  stream: StreamId,
  range: ReplayRange,
  write: (text: string, entries: number) => Promise<void>,
): Promise<number> => {
  const { from, to } = range
  let lines = 0
  for await (const chunk of readChunks(store, stream, {
    from: from?.kind === 'seq' ? from.seq : undefined,
    to: to?.kind === 'seq' ? to.seq : undefined,
  })) {
    const cursor = chunk.cursor()
    let block = ''
    let read = 0
    while (cursor.next()) {
      read++
      if (from !== undefined && isBefore(cursor, from)) continue
      if (to !== undefined && isAfter(cursor, to)) break
      block += `${frameLine(cursor)}\n`
      lines++
      if (block.length < BLOCK_CHARACTERS) continue
      await write(block, read)
      block = ''
      read = 0
    }
    await write(block, read)
  }
  return lines
}
