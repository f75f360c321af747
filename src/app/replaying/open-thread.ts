/** Entry of a thread that opens chunks: bytes come in, columns go out. It has no store. */
import { parentPort } from 'node:worker_threads'

import { isLeft } from 'fp-ts/lib/Either.js'

import type { ContentsMessage } from '../../codec/chunk-contents.ts'
import { type ChunkDamage, openPayload } from '../../codec/chunk-format.ts'
import type { ChunkHeader } from '../../log/chunk.ts'

export interface OpenTask {
  readonly header: ChunkHeader
  readonly payload: Uint8Array
}

/** Answers come in the order of the tasks. */
export type FromOpener =
  | { readonly kind: 'opened'; readonly contents: ContentsMessage }
  | { readonly kind: 'damaged'; readonly damage: ChunkDamage }

const port = parentPort
if (port === null) throw new Error('a thread that opens chunks is started by open-threads')

/** Undefined: there are no further tasks. */
port.on('message', (task: OpenTask | undefined) => {
  if (task === undefined) {
    port.close()
    return
  }
  const { header, payload } = task
  const opened = openPayload(header, payload)
  if (isLeft(opened)) {
    const answer: FromOpener = { kind: 'damaged', damage: opened.left }
    port.postMessage(answer)
    return
  }
  const { message, transfer } = opened.right.toMessage()
  const answer: FromOpener = { kind: 'opened', contents: message }
  port.postMessage(answer, [...transfer])
})
