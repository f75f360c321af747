/**
 * A database in which every collection and index of a store is made already: the server that tests build does not
 * survive being killed while it makes them. What it stores afterwards it keeps.
 */
import { Buffer } from 'node:buffer'

import { isLeft } from 'fp-ts/lib/Either.js'

import { encodeKeyframe } from '../../src/codec/keyframe.ts'
import { describeStoreError } from '../../src/log/event-store.ts'
import { microsOf } from '../../src/market/time.ts'
import { openMongoStore } from '../../src/storage/mongo/mongo-store.ts'
import { sampleChunk } from './sample-chunks.ts'

/** Leaves a chunk and a keyframe of a stream that no test names. */
export const primeDatabase = async (url: string): Promise<void> => {
  const store = await openMongoStore(url, 'write')()
  if (isLeft(store)) throw new Error(describeStoreError(store.left))
  const { append, putKeyframe, close } = store.right
  const keyframe = { stream: 'toy:A-B', seq: 1, receiveTime: microsOf(1), decoderVersion: 1 } as const
  const results = [
    await append(sampleChunk('toy:A-B', 1, 2))(),
    await putKeyframe(encodeKeyframe({ ...keyframe, state: Buffer.from('x') }))(),
  ]
  await close()
  for (const result of results) if (isLeft(result)) throw new Error(describeStoreError(result.left))
}
