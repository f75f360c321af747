/** Scripts of faults: each kind the simulator knows alone, again and again, so far apart that the book is right in between. */
import { isLeft } from 'fp-ts/lib/Either.js'

import type { FaultKind, FrameFault, RequestFault } from '../../simulator/faults/fault.ts'
import { parseFaultScript } from '../../simulator/faults/fault-script.ts'
import type { FaultRule } from '../../simulator/faults/scripted-faults.ts'

/** Frames between two faults, about four seconds at the rate of these rounds. */
const APART = { coinbase: 800, bitfinex: 320 } as const
/** All connections are counted: odd, so that none of them has all the faults. */
const apart = (venue: keyof typeof APART, lines: number): number =>
  lines === 1 ? APART[venue] : APART[venue] * lines + 1

const BOOKS = { coinbase: 'full', bitfinex: 'book' } as const
/** Longer than any watchdog waits. */
const LASTING = 60

interface FrameCase {
  /** Figures of the fault. */
  readonly figures?: object
  readonly times: number
  /** Of one venue alone. */
  readonly venue?: 'bitfinex'
}

const FRAME_CASES = {
  lose: { times: 6 },
  duplicate: { times: 6 },
  swap: { times: 6 },
  delay: { times: 6, figures: { seconds: 0.5 } },
  truncate: { times: 6 },
  checksum: { times: 6, venue: 'bitfinex' },
  'extra-field': { times: 6 },
  'sequence-restart': { times: 5 },
  'unknown-type': { times: 6 },
  oversized: { times: 4, figures: { bytes: 3_000_000 } },
  malformed: { times: 6 },
  binary: { times: 6, figures: { bytes: 9 } },
  silence: { times: 5, figures: { seconds: 2.5 } },
  reset: { times: 5 },
  'half-open': { times: 1, figures: { seconds: LASTING } },
  close: { times: 5, figures: { code: 1012 } },
  'slow-read': { times: 5, figures: { seconds: 2 } },
  'slow-write': { times: 4, figures: { seconds: 2, bytesPerSecond: 4000 } },
  down: { times: 4, figures: { seconds: 2 } },
  'clock-step': { times: 5, figures: { seconds: -3600 } },
} as const satisfies Readonly<Record<FrameFault['kind'], FrameCase>>

/** Of Coinbase's books. */
const REQUEST_CASES = {
  'http-error': { status: 500 },
  'http-timeout': { seconds: 2 },
  'http-delay': { seconds: 1.5 },
  'http-truncate': {},
  'stale-body': {},
  'newer-body': { seconds: 0.5 },
} as const satisfies Readonly<Record<RequestFault['kind'], object>>

type FrameKind = keyof typeof FRAME_CASES
type RequestKind = keyof typeof REQUEST_CASES

const isRequestKind = (kind: string): kind is RequestKind => Object.hasOwn(REQUEST_CASES, kind)

const frameScript = (kind: FrameKind, lines: number): readonly object[] => {
  const { times, figures = {}, venue: only }: FrameCase = FRAME_CASES[kind]
  return (['coinbase', 'bitfinex'] as const)
    .filter((venue) => only === undefined || venue === only)
    .map((venue) => {
      // Few frames are checksums.
      const when =
        kind === 'checksum'
          ? { every: lines === 1 ? 4 : 7 }
          : { channel: BOOKS[venue], every: apart(venue, lines) }
      return { fault: kind, venue, ...when, times, ...figures }
    })
}

/** Has a book asked for anew: a lost frame; where another connection has it, new numbers, or new connections to the old ones. */
const trouble = (kind: RequestKind, lines: number): object => {
  if (lines === 1) return { fault: 'lose' }
  return kind === 'stale-body' ? { fault: 'down', seconds: 0.5 } : { fault: 'sequence-restart' }
}

const requestScript = (kind: RequestKind, lines: number): readonly object[] => [
  {
    ...trouble(kind, lines),
    ...{ venue: 'coinbase', channel: 'full', every: 2 * apart('coinbase', lines), times: 3 },
  },
  { fault: kind, venue: 'coinbase', path: '/book', every: 2, times: 2, ...REQUEST_CASES[kind] },
]

/** Every kind there is; the compiler says when one has no case. */
export const LONE_KINDS: readonly FaultKind[] = [
  ...(Object.keys(FRAME_CASES) as FrameKind[]),
  ...(Object.keys(REQUEST_CASES) as RequestKind[]),
]

export interface LoneCase {
  readonly rules: readonly FaultRule[]
  /** Faults until it is over. */
  readonly faults: number
}

/** `lines`: connections at a time. */
export const loneCase = (kind: FaultKind, lines: number): LoneCase => {
  const script = isRequestKind(kind) ? requestScript(kind, lines) : frameScript(kind, lines)
  const rules = parseFaultScript(JSON.stringify(script))
  if (isLeft(rules)) throw new Error(rules.left)
  const faults = script.reduce((sum, rule) => sum + (rule as { readonly times: number }).times, 0)
  return { rules: rules.right, faults }
}
