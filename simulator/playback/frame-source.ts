/** Where played frames come from: a capture file or a stored stream, both as batches of packed entries. */
import {
  type CaptureLine,
  encodeResponse,
  EntryWriter,
  readCapture,
  recordsAfter,
  type Seq,
} from '../../src/index.ts'

export interface FrameSource {
  /** For messages: the path of a capture, the name of a stream. */
  readonly name: string
  /** The entries behind entry `after`, in order. Throws CaptureProblem or StoreFailure. */
  readonly batches: (after: Seq) => AsyncIterable<Uint8Array>
}

const BATCH_ENTRIES = 256
const BATCH_BYTES = 256 * 1024

const payloadOf = (line: CaptureLine): Uint8Array => {
  const body = Buffer.from(line.text)
  if (line.kind !== 'response') return body
  const { method, url, status } = line
  return encodeResponse({ method, url, status, body })
}

async function* captureBatches(location: string, after: Seq): AsyncGenerator<Uint8Array, void> {
  const writer = new EntryWriter()
  let seq = 0
  for await (const { line } of readCapture(location)) {
    writer.append(line.kind, ++seq, line.receiveTime, line.connection, payloadOf(line))
    if (writer.entryCount < BATCH_ENTRIES && writer.byteLength < BATCH_BYTES) continue
    const records = writer.take()
    if (records !== undefined) yield recordsAfter(records, after)
  }
  const records = writer.take()
  if (records !== undefined) yield recordsAfter(records, after)
}

/** A capture's lines, numbered 1, 2, 3 ...; read anew from its file each time. */
export const captureSource = (location: string): FrameSource => ({
  name: location,
  batches: (after) => captureBatches(location, after),
})
