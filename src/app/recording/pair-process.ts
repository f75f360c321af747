/** Entry of a pair's forked process: records it until told to stop, by its supervisor, a signal, or the supervisor's end. */
import { randomUUID } from 'node:crypto'

import { PairRecorder } from '../../recorder/pair.ts'
import type { FromPair, ToPair } from '../../recorder/pair-messages.ts'
import { systemScheduler } from '../../recorder/scheduler.ts'
import { openStore, venueById } from '../production.ts'
import { openJournal, openSpoolFolder } from './open-journal.ts'
import { ownThreads } from './pair-threads.ts'
import { sharedThreads } from './shared-threads.ts'

/** Without a supervisor nobody else ends a process that does not come to its end; its journal keeps what it had. */
const ORPHAN_LIMIT = 60_000

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
  if (message.kind === 'granted') {
    recorder?.grants.grant(message.stream, message.what)
    return
  }
  if (message.kind === 'change') {
    recorder?.change(message)
    return
  }
  if (isStopping || recorder !== undefined) return
  const { startSealer, startThreads, startHeldFeed } =
    message.config.mode === 'light' ? sharedThreads() : ownThreads
  recorder = new PairRecorder(message.config, {
    openStore: (url) => openStore(url, 'write'),
    openJournal,
    openArchives: openSpoolFolder,
    newOwnerName: randomUUID,
    venueById,
    startSealer,
    startThreads,
    startHeldFeed,
    scheduler: systemScheduler,
    random: () => Math.random(),
    tell,
  })
  recorder.start()
})
process.on('disconnect', () => {
  setTimeout(() => {
    process.exit(1)
  }, ORPHAN_LIMIT).unref()
  stopNow()
})
process.on('SIGINT', stopNow)
process.on('SIGTERM', stopNow)
// Means the supervisor: to read its settings again, or that its terminal is gone, and then it says so.
process.on('SIGHUP', () => undefined)
// A terminal that is gone must not end a recording that can still be saved.
process.stderr.on('error', () => undefined)
