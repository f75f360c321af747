/** Entry of a replaying thread: replays the slices it is told, one after the other, with a store opened for itself. */
import { parentPort, workerData } from 'node:worker_threads'

import { isLeft } from 'fp-ts/lib/Either.js'

import type { NewDerivation } from '../../replay/derivation.ts'
import { ReplayFailure } from '../../replay/replay-failure.ts'
import type { ReplaySlice } from '../../replay/replay-slices.ts'
import type { ReplayVisitor } from '../../replay/stream-state.ts'
import { visit } from '../../replay/visit.ts'
import { openStore, venueOfStream } from '../production.ts'
import { breathe } from './pacing.ts'
import { type FromReplayer, type ReplayThreadData, STOP } from './replay-messages.ts'
import { ValueBatches } from './value-batches.ts'

const { url, streams, derivation, shared } = workerData as ReplayThreadData
const port = parentPort
if (port === null) throw new Error('a replaying thread is started by replay-in-parallel')
const tell = (message: FromReplayer): void => {
  port.postMessage(message)
}

const opened = await openStore(url, 'read')()
const loaded =
  derivation === undefined
    ? undefined
    : ((await import(derivation.module)) as { newDerivation: NewDerivation<unknown, unknown> })
const batches = new ValueBatches(shared, tell)

const visitorOf = ({ after }: ReplaySlice): ReplayVisitor =>
  loaded === undefined ? {} : loaded.newDerivation(derivation?.argument, { after }, batches.emit)

const isToStop = (): boolean => Atomics.load(shared, STOP) !== 0

const answer = async (slice: ReplaySlice): Promise<FromReplayer> => {
  if (isLeft(opened))
    return { kind: 'failed', error: { kind: 'store', error: opened.left }, summary: undefined }
  const controller = new AbortController()
  if (isToStop()) controller.abort()
  batches.clear()
  const options = {
    streams,
    range: slice.range,
    venueOf: venueOfStream,
    mayBeEmpty: true,
    signal: controller.signal,
    breathe: async () => {
      if (isToStop()) controller.abort()
      await breathe()
    },
    onEntries: (entries: number) => {
      tell({ kind: 'entries', entries })
    },
  }
  try {
    const summary = await visit(opened.right, options, visitorOf(slice))
    batches.flush()
    return { kind: 'done', summary }
  } catch (error) {
    if (!(error instanceof ReplayFailure)) return { kind: 'threw', cause: error }
    batches.flush()
    return { kind: 'failed', error: error.error, summary: error.summary }
  }
}

port.on('message', (slice: ReplaySlice | undefined) => {
  if (slice !== undefined) {
    // What nobody foresaw ends the thread, and the replay with it.
    void answer(slice).then(tell)
    return
  }
  port.close()
  if (!isLeft(opened)) void opened.right.close()
})
