/** Entry of a pair's forked process: records it until told to stop, by its supervisor, a signal, or the supervisor's end. */
import { randomUUID } from 'node:crypto'

import { PairRecorder } from '../../recorder/pair.ts'
import type { FromPair, ToPair } from '../../recorder/pair-messages.ts'
import { systemScheduler } from '../../recorder/scheduler.ts'
import { openStore, venueById } from '../production.ts'
import { openJournal, openSpoolFolder } from './open-journal.ts'
import { startHeldFeed, startSealerThread, startStreamThreads } from './pair-threads.ts'

let recorder: PairRecorder | undefined
let isStopping = false

const tell = (message: FromPair): void => {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined)
}

const stop = async (): Promise<void> => {
  if (isStopping) return
  isStopping = true
  await recorder?.stop()
  // Ends the channel behind what was sent, and with it the last thing that keeps the process.
  if (process.connected) process.disconnect()
}

const stopNow = (): void => {
  void stop()
}

process.on('message', (message: ToPair) => {
  if (message.kind === 'stop') {
    stopNow()
    return
  }
  if (isStopping || recorder !== undefined) return
  recorder = new PairRecorder(message.config, {
    openStore: (url) => openStore(url, 'write'),
    openJournal,
    openArchives: openSpoolFolder,
    newOwnerName: randomUUID,
    venueById,
    startSealer: startSealerThread,
    startThreads: startStreamThreads,
    startHeldFeed,
    scheduler: systemScheduler,
    random: () => Math.random(),
    tell,
  })
  recorder.start()
})
process.on('disconnect', stopNow)
process.on('SIGINT', stopNow)
process.on('SIGTERM', stopNow)
process.on('SIGHUP', stopNow)
// A terminal that is gone must not end a recording that can still be saved.
process.stderr.on('error', () => undefined)
