/** Entry of a verifying thread: proves the streams it is told, one after the other, with a store opened for itself. */
import { parentPort, workerData } from 'node:worker_threads'

import { isLeft } from 'fp-ts/lib/Either.js'

import { describeStoreError, StoreFailure } from '../../log/event-store.ts'
import { splitStreamId, type StreamId } from '../../market/instrument.ts'
import type { ExpectedHead } from '../../replay/proof/expected-head.ts'
import { type StreamProof, verifyStream } from '../../replay/proof/verify.ts'
import { openStore, venueById } from '../production.ts'

/** What the thread is started with. */
export interface VerifyThreadData {
  readonly url: string
}

export interface VerifyTask {
  readonly stream: StreamId
  readonly expected: ExpectedHead | undefined
}

/** Answers of the thread: progress, then one of the others for each task. */
export type FromVerifier =
  | { readonly kind: 'entries'; readonly entries: number }
  | { readonly kind: 'proof'; readonly proof: StreamProof }
  /** One sentence. */
  | { readonly kind: 'failed'; readonly message: string }

const { url } = workerData as VerifyThreadData
const port = parentPort
if (port === null) throw new Error('a verifying thread is started by verify-streams')
const tell = (message: FromVerifier): void => {
  port.postMessage(message)
}

const opened = await openStore(url, 'read')()

const answer = async ({ stream, expected }: VerifyTask): Promise<FromVerifier> => {
  const venue = venueById(splitStreamId(stream)?.venue ?? '')
  if (venue === undefined) throw new Error(`there is no venue of ${stream}`)
  if (isLeft(opened)) return { kind: 'failed', message: describeStoreError(opened.left) }
  try {
    const onChunk = ({ entries }: { readonly entries: number }): void => {
      tell({ kind: 'entries', entries })
    }
    return { kind: 'proof', proof: await verifyStream(opened.right, stream, venue, { expected, onChunk }) }
  } catch (error) {
    if (error instanceof StoreFailure) return { kind: 'failed', message: error.message }
    throw error
  }
}

port.on('message', (task: VerifyTask | undefined) => {
  if (task !== undefined) {
    // What is not a store's failure ends the thread, and the command with it.
    void answer(task).then(tell)
    return
  }
  port.close()
  if (!isLeft(opened)) void opened.right.close()
})
