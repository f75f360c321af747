/** Reads a fault script: JSON lines or one JSON array. Owns what a line may say and the sentence for one that is wrong. */
import { type Either, isLeft, left, right } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'

import { isSayableCode, MOST_REASON_BYTES } from '../venues/close-code.ts'
import { type Fault, isRequestFault } from './fault.ts'
import type { FaultRule, When } from './scripted-faults.ts'

const described = <A>(name: string, is: (value: unknown) => value is A): t.Type<A> =>
  new t.Type(
    name,
    is,
    (value, context) => (is(value) ? t.success(value) : t.failure(value, context)),
    t.identity,
  )
const bounded = (name: string, low: number, high: number, isWhole: boolean): t.Type<number> =>
  described(
    name,
    (value): value is number =>
      typeof value === 'number' && value >= low && value <= high && (!isWhole || Number.isInteger(value)),
  )

const DAY = 86_400
const Seconds = bounded(`seconds from 0 to ${String(DAY)}`, 0, DAY, false)
const Step = bounded('seconds from -1e8 to 1e8', -1e8, 1e8, false)
const Count = bounded('a whole number from 1', 1, Number.MAX_SAFE_INTEGER, true)
const Bytes = bounded('a whole number from 1 to 100 MB', 1, 100_000_000, true)
const Rate = bounded('a whole number from 1 to 1 GB', 1, 1_000_000_000, true)
const Status = bounded('a status from 400 to 599', 400, 599, true)
const ABNORMAL = 1006
const CloseCode = described(
  'a close code: 1000 to 1003, 1006 to 1014, 3000 to 4999',
  (value): value is number =>
    Number.isInteger(value) && (value === ABNORMAL || isSayableCode(value as number)),
)
const Reason = described(
  `a text of at most ${String(MOST_REASON_BYTES)} bytes`,
  (value): value is string => typeof value === 'string' && Buffer.byteLength(value) <= MOST_REASON_BYTES,
)
const Venue = t.keyof({ coinbase: null, bitfinex: null }, 'coinbase or bitfinex')
/** As the dialects tell them apart. */
const CHANNELS = {
  coinbase: ['full', 'level3', 'level2', 'matches', 'ticker', 'heartbeat', 'status', 'control'],
  bitfinex: ['book', 'trades', 'ticker', 'control'],
} as const
const ALL_CHANNELS: readonly string[] = [...new Set([...CHANNELS.coinbase, ...CHANNELS.bitfinex])]
const Channel = described(
  `a channel: ${ALL_CHANNELS.join(', ')}`,
  (value): value is string => typeof value === 'string' && ALL_CHANNELS.includes(value),
)

const PLACE: Readonly<Record<string, t.Mixed>> = {
  venue: Venue,
  connection: Count,
  channel: Channel,
  path: t.string,
  frame: Count,
  request: Count,
  at: Seconds,
  every: Count,
  times: Count,
}

type Fields = Readonly<Record<string, unknown>>

interface Entry {
  /** Fields beside those of the place; `?` marks one that may be left out. */
  readonly fields: Readonly<Record<string, t.Mixed>>
  readonly optional: readonly string[]
  readonly make: (fields: Fields) => Fault
}

const plain = (kind: Extract<Fault, { kind: string }>['kind']): Entry => ({
  fields: {},
  optional: [],
  make: () => ({ kind }) as Fault,
})
const lasting = (kind: Fault['kind'], seconds: t.Mixed = Seconds): Entry => ({
  fields: { seconds },
  optional: [],
  make: ({ seconds: given }) => ({ kind, seconds: given }) as Fault,
})
const entry = (
  kind: Fault['kind'],
  fields: Readonly<Record<string, t.Mixed>>,
  optional: readonly string[],
): Entry => ({
  fields,
  optional,
  make: (given) =>
    Object.fromEntries([
      ['kind', kind],
      ...Object.keys(fields).map((name): [string, unknown] => [name, given[name]]),
    ]) as unknown as Fault,
})

const ENTRIES: Readonly<Record<Fault['kind'], Entry>> = {
  lose: plain('lose'),
  duplicate: plain('duplicate'),
  swap: plain('swap'),
  delay: lasting('delay'),
  truncate: entry('truncate', { keep: bounded('a whole number from 0', 0, 1e9, true) }, ['keep']),
  checksum: plain('checksum'),
  'extra-field': plain('extra-field'),
  'sequence-restart': plain('sequence-restart'),
  'unknown-type': plain('unknown-type'),
  oversized: entry('oversized', { bytes: Bytes }, []),
  malformed: entry('malformed', { text: t.string }, ['text']),
  binary: entry('binary', { bytes: Bytes }, []),
  silence: lasting('silence'),
  reset: plain('reset'),
  'half-open': lasting('half-open'),
  close: entry('close', { code: CloseCode, reason: Reason }, ['reason']),
  'slow-read': lasting('slow-read'),
  'slow-write': entry('slow-write', { seconds: Seconds, bytesPerSecond: Rate }, []),
  down: lasting('down'),
  'clock-step': lasting('clock-step', Step),
  'http-error': entry('http-error', { status: Status, body: t.string }, ['body']),
  'http-timeout': lasting('http-timeout'),
  'http-delay': lasting('http-delay'),
  'http-truncate': plain('http-truncate'),
  'stale-body': plain('stale-body'),
  'newer-body': lasting('newer-body'),
}

const isKind = (value: unknown): value is Fault['kind'] =>
  typeof value === 'string' && Object.hasOwn(ENTRIES, value)

/** What is wrong with the fields as such: a missing one, an unknown one, one of another shape. */
const fieldsFault = (fields: Fields, { fields: own, optional }: Entry): string | undefined => {
  const known = { ...PLACE, ...own }
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'fault') continue
    const codec = Object.hasOwn(known, name) ? known[name] : undefined
    if (codec === undefined) return `has a field "${name}" that "${String(fields['fault'])}" does not know`
    if (!codec.is(value)) return `has "${name}": ${JSON.stringify(value)}, which is not ${codec.name}`
  }
  const missing = Object.keys(own).find((name) => fields[name] === undefined && !optional.includes(name))
  return missing === undefined ? undefined : `has no "${missing}", which "${String(fields['fault'])}" needs`
}

/** Why a rule could never come to pass at its venue. */
const venueFault = ({ fault, venue, channel }: Fields): string | undefined => {
  if (!Venue.is(venue)) return undefined
  if (fault === 'checksum' && venue !== 'bitfinex')
    return `has "venue": "${venue}", but only bitfinex sends checksums`
  const channels: readonly string[] = CHANNELS[venue]
  return typeof channel !== 'string' || channels.includes(channel)
    ? undefined
    : `has "channel": "${channel}", which ${venue} does not have`
}

const whenOf = (fields: Fields, isRequest: boolean): Either<string, When> => {
  const counter = isRequest ? 'request' : 'frame'
  const other = isRequest ? 'frame' : 'request'
  const subject = `"${String(fields['fault'])}" happens to a ${counter}`
  if (fields[other] !== undefined) return left(`has "${other}", but ${subject}`)
  if (isRequest && (fields['connection'] !== undefined || fields['channel'] !== undefined))
    return left(`has "connection" or "channel", but ${subject}`)
  if (!isRequest && fields['path'] !== undefined) return left(`has "path", but ${subject}`)
  const number = fields[counter] as number | undefined
  const every = fields['every'] as number | undefined
  const at = fields['at'] as number | undefined
  if ([number, every, at].filter((value) => value !== undefined).length !== 1)
    return left(`must say when: one of "${counter}", "every" and "at"`)
  const times = fields['times'] as number | undefined
  if (times !== undefined && every === undefined) return left('has "times" without "every"')
  if (at !== undefined) return right({ kind: 'moment', seconds: at })
  if (number !== undefined) return right({ kind: 'count', first: number, step: 1, times: 1 })
  return right({ kind: 'count', first: every ?? 1, step: every ?? 1, times: times ?? Infinity })
}

/** One rule; Left: what is wrong, fit to stand behind "line 7 ". */
const parseRule = (value: unknown): Either<string, FaultRule> => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return left('is not a JSON object')
  const fields = Object.fromEntries(Object.entries(value))
  const { fault: kind } = fields as { fault: unknown }
  if (kind === undefined) return left('has no "fault"')
  if (!isKind(kind)) return left(`names no fault: ${JSON.stringify(kind)}`)
  const wrong = fieldsFault(fields, ENTRIES[kind]) ?? venueFault(fields)
  if (wrong !== undefined) return left(wrong)
  const fault = ENTRIES[kind].make(fields)
  const when = whenOf(fields, isRequestFault(fault))
  if (isLeft(when)) return when
  const { venue, connection, channel, path } = fields as Partial<
    Record<'venue' | 'channel' | 'path', string> & { connection: number }
  >
  return right({ fault, when: when.right, venue, connection, channel, path })
}

const parseJson = (text: string): Either<string, unknown> => {
  try {
    return right(JSON.parse(text))
  } catch {
    return left('is not JSON')
  }
}

const MOST_RULES = 100_000

/** All rules of a script; Left: a sentence's rest that names the line (of an array: the entry) and the reason. */
export const parseFaultScript = (text: string): Either<string, readonly FaultRule[]> => {
  const rules: FaultRule[] = []
  const isArray = text.trimStart().startsWith('[')
  const whole = isArray ? parseJson(text) : undefined
  if (whole !== undefined && isLeft(whole)) return left('is not a JSON array')
  const parts = whole === undefined ? text.split('\n') : (whole.right as readonly unknown[])
  for (const [index, part] of parts.entries()) {
    if (!isArray && (part as string).trim() === '') continue
    const parsed = isArray ? right(part) : parseJson(part as string)
    const rule = isLeft(parsed) ? parsed : parseRule(parsed.right)
    if (isLeft(rule)) return left(`${isArray ? 'entry' : 'line'} ${String(index + 1)} ${rule.left}`)
    if (rules.length === MOST_RULES) return left(`has more than ${String(MOST_RULES)} faults`)
    rules.push(rule.right)
  }
  return rules.length === 0 ? left('names no fault') : right(rules)
}
