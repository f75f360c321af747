/** Tells visitors that answer later from those that may be called synchronously: a mistake that would pass in silence. */
import type { MarketSink } from '../market/event.ts'
import { ReplayFailure } from './replay-failure.ts'
import type { ReplayVisitor } from './stream-state.ts'

export const VISITOR_METHODS: readonly (keyof ReplayVisitor)[] = [
  'replayBegins',
  'sinkOf',
  'entryBegins',
  'entryEnded',
  'transactionEnded',
  'replayEnded',
]

export const SINK_METHODS: readonly (keyof MarketSink)[] = [
  'stamp',
  'instrument',
  'bookStarted',
  'bookValid',
  'bookInvalid',
  'orderOpened',
  'orderChanged',
  'orderReduced',
  'orderRemoved',
  'levelSet',
  'traded',
  'check',
  'transactionEnded',
]

/** Throws ReplayFailure `asynchronous-visitor` for a method that is declared async. */
export const checkIsSynchronous = <Told extends object>(
  told: Told | undefined,
  methods: readonly (keyof Told & string)[],
): void => {
  if (told === undefined) return
  for (const method of methods)
    if (Object.prototype.toString.call(told[method]) === '[object AsyncFunction]')
      throw new ReplayFailure({ kind: 'asynchronous-visitor', method })
}

/** Throws ReplayFailure `asynchronous-visitor` where a method answered with a promise. */
export const refuseAnswer = (answer: unknown, method: string): void => {
  if (answer === undefined || !(answer instanceof Promise)) return
  // What comes of it nobody waits for.
  answer.catch(() => undefined)
  throw new ReplayFailure({ kind: 'asynchronous-visitor', method })
}
