/** Recording as the command line starts it: the plan, the check of the store, the supervisor with real processes. */
import { fork } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'

import { isLeft } from 'fp-ts/lib/Either.js'

import { describeStoreError } from '../../log/event-store.ts'
import type { FromPair, PairProcess } from '../../recorder/pair-messages.ts'
import { systemScheduler } from '../../recorder/scheduler.ts'
import { Supervisor, type SupervisorOptions } from '../../recorder/supervisor.ts'
import { openStore } from '../production.ts'
import { PAIR_FLAGS, pairEnvironment } from './pair-memory.ts'
import type { RecordPlan } from './record-plan.ts'

const PAIR_PROCESS = fileURLToPath(new URL('./pair-process.js', import.meta.url))

/** Secrets reach the process by its environment alone: arguments are open for all to see. */
const forkPair = (): PairProcess => {
  const child = fork(PAIR_PROCESS, [], {
    serialization: 'advanced',
    execArgv: [...process.execArgv, ...PAIR_FLAGS],
    env: pairEnvironment(process.env),
  })
  // A message to a process that just died is lost with it; its exit is told below.
  child.on('error', () => undefined)
  return {
    tell: (message) => {
      if (child.connected) child.send(message, () => undefined)
    },
    onMessage: (listener) => {
      child.on('message', (message) => {
        listener(message as FromPair)
      })
    },
    onExit: (listener) => {
      child.once('exit', (code, signal) => {
        listener(signal === null ? `exit code ${String(code)}` : `signal ${signal}`, code === 0)
      })
    },
    kill: () => {
      child.kill('SIGKILL')
    },
  }
}

/** What keeps a store from being recorded into, one sentence; `away`: it may be back by itself; `no-room`: the disk is full. */
export interface StoreTrouble {
  readonly kind: 'away' | 'no-room' | 'refused'
  readonly sentence: string
}

/** Undefined: it can be recorded into. Makes it where there is none. */
export const checkStore = async (url: string): Promise<StoreTrouble | undefined> => {
  const opened = await openStore(url, 'write')()
  if (isLeft(opened)) {
    const sentence = describeStoreError(opened.left)
    if (opened.left.kind === 'disk-full') return { kind: 'no-room', sentence }
    const isAway = opened.left.kind === 'unavailable' && opened.left.isAway === true
    return { kind: isAway ? 'away' : 'refused', sentence }
  }
  await opened.right.close()
  return undefined
}

/** A supervisor of real processes for a plan; it begins with `start`. */
export const newSupervisor = (
  plan: RecordPlan,
  options: Pick<SupervisorOptions, 'writeLog' | 'onReady' | 'pausesWithoutRoom'>,
): Supervisor =>
  new Supervisor({
    ...options,
    pairs: plan.pairs,
    fork: forkPair,
    scheduler: systemScheduler,
    random: () => Math.random(),
    now: () => performance.now(),
    startsAtOnce: availableParallelism() + 1,
  })
