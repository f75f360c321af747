/** Proves many streams of a store at once, one per thread at a time. */
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import { StoreFailure } from '../../log/event-store.ts'
import type { StreamProof } from '../../replay/proof/verify.ts'
import type { FromVerifier, VerifyTask, VerifyThreadData } from './verify-thread.ts'

/** One task done by a thread. Rejects with StoreFailure, or with what ended the thread. */
const prove = async (
  worker: Worker,
  task: VerifyTask,
  onEntries: (entries: number) => void,
): Promise<StreamProof> =>
  await new Promise((resolve, reject) => {
    const take = (message: FromVerifier): void => {
      if (message.kind === 'entries') {
        onEntries(message.entries)
        return
      }
      worker.off('message', take)
      worker.off('error', reject)
      if (message.kind === 'proof') resolve(message.proof)
      else reject(new StoreFailure({ kind: 'unavailable', message: message.message }))
    }
    worker.on('message', take)
    worker.on('error', reject)
    worker.postMessage(task)
  })

/** The proofs in the order of the tasks. `workers`: threads at most. Throws StoreFailure. */
export const verifyStreams = async (
  url: string,
  tasks: readonly VerifyTask[],
  workers: number,
  onEntries: (entries: number) => void,
): Promise<readonly StreamProof[]> => {
  const proofs: (StreamProof | undefined)[] = tasks.map(() => undefined)
  let taken = 0
  const workThrough = async (worker: Worker): Promise<void> => {
    for (let task = tasks[taken]; task !== undefined; task = tasks[taken]) {
      const place = taken++
      try {
        proofs[place] = await prove(worker, task, onEntries)
      } catch (error) {
        // Nobody waits for the other streams any more.
        taken = tasks.length
        throw error
      }
    }
  }
  const workerData: VerifyThreadData = { url }
  const threads = Array.from(
    { length: Math.min(workers, tasks.length) },
    () => new Worker(new URL('./verify-thread.js', import.meta.url), { workerData }),
  )
  const ends = await Promise.allSettled(threads.map(workThrough))
  await Promise.all(threads.map(endThread))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  return proofs.flatMap((proof) => (proof === undefined ? [] : [proof]))
}

/** Lets the thread close its store first; one that failed has ended already. */
const endThread = async (thread: Worker): Promise<void> => {
  if (thread.threadId < 0) return
  const ended = once(thread, 'exit')
  thread.postMessage(undefined)
  await ended
}
