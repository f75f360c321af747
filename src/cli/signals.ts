/** What SIGINT and SIGTERM do to a command. */
import { EXIT } from './problem.ts'

const CODES = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const
const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** One wish may arrive twice: a terminal tells the whole group, and a parent may pass it on besides. */
const ECHO_MILLISECONDS = 1000

/** Ends the process at once at a signal, with the signal's exit code, unless the command listens itself. Call first. */
export const endOnSignals = (): void => {
  for (const signal of SIGNALS)
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) process.exit(CODES[signal])
    })
}

/**
 * Tells of the first signal, with the code to exit with in the end; a later one ends the process at once, after
 * `onSecond`. The answer stops listening.
 */
export const listenToSignals = (
  onFirst: (exitCode: number) => void,
  onSecond: () => void = () => undefined,
): (() => void) => {
  let first: number | undefined
  const hear = (code: number) => (): void => {
    if (first === undefined) {
      first = performance.now()
      // While Node takes a process apart that has nothing left to do, a signal ends it as if nobody listened.
      process.once('beforeExit', () => {
        process.exit()
      })
      onFirst(code)
    } else if (performance.now() - first >= ECHO_MILLISECONDS) {
      onSecond()
      process.exit(code)
    }
  }
  const listeners = SIGNALS.map((signal) => [signal, hear(CODES[signal])] as const)
  for (const [signal, listener] of listeners) process.on(signal, listener)
  return () => {
    for (const [signal, listener] of listeners) process.off(signal, listener)
  }
}
