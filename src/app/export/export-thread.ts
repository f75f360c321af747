/** Entry of a thread that encodes the files of an export: batches come in, bytes go out. It writes nothing itself. */
import { parentPort } from 'node:worker_threads'

import type { Batch } from '../../export/columns/column-data.ts'
import type { FileEncoder, FilePlan } from '../../export/formats/format.ts'
import { type Format, newEncoder } from '../../export/formats/new-encoder.ts'

/** Answered one by one, in order. */
export type EncodeTask =
  | { readonly kind: 'begin'; readonly format: Format; readonly plan: FilePlan }
  | { readonly kind: 'batch'; readonly batch: Batch }
  | { readonly kind: 'end' }
  /** What takes the place of the beginning; empty: nothing does. */
  | { readonly kind: 'head' }

const port = parentPort
if (port === null) throw new Error('a thread that encodes is started by encoding')

/** A piece of so many bytes that has its memory to itself is handed over as it is: copies of whole batches add up. */
const FEWEST_HANDED_OVER = 1 << 16

const joined = (pieces: readonly Uint8Array[]): Uint8Array => {
  const bytes = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const piece of pieces) {
    bytes.set(piece, at)
    at += piece.length
  }
  return bytes
}

const isHandedOver = ({ byteLength, buffer }: Uint8Array): boolean =>
  byteLength >= FEWEST_HANDED_OVER && byteLength === buffer.byteLength

/** The same bytes in pieces of which each may be taken over: what lies between large ones is joined. */
const piecesToHand = (pieces: readonly Uint8Array[]): readonly Uint8Array[] => {
  const handed: Uint8Array[] = []
  let between: Uint8Array[] = []
  const closeGap = (): void => {
    if (between.length > 0) handed.push(joined(between))
    between = []
  }
  for (const piece of pieces)
    if (isHandedOver(piece)) {
      closeGap()
      handed.push(piece)
    } else between.push(piece)
  closeGap()
  return handed
}

let encoder: FileEncoder | undefined

const answer = async (task: EncodeTask): Promise<readonly Uint8Array[]> => {
  if (task.kind === 'begin') {
    encoder = await newEncoder(task.format, task.plan)
    return []
  }
  if (encoder === undefined) throw new Error('a file begins before its batches')
  if (task.kind === 'batch') return encoder.encode(task.batch)
  return task.kind === 'end' ? encoder.end() : [encoder.head?.() ?? new Uint8Array(0)]
}

let last = Promise.resolve()

/** Undefined: there are no further tasks. */
port.on('message', (task: EncodeTask | undefined) => {
  if (task === undefined) {
    port.close()
    return
  }
  last = last.then(async () => {
    const pieces = piecesToHand(await answer(task))
    port.postMessage(pieces, [...new Set(pieces.map(({ buffer }) => buffer as ArrayBuffer))])
  })
})
