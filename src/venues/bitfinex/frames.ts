/**
 * Shapes of what Bitfinex sends, as codecs. Frames are told apart by their tag first; a codec then only confirms
 * (`is`), and decodes where a refusal is to be explained. Every shape may grow: further fields and columns are let be.
 */
import * as t from 'io-ts'

import { type ExactNumber, isExactNumber } from './literals.ts'

const ExactNumberCodec = new t.Type<ExactNumber, ExactNumber, unknown>(
  'ExactNumber',
  isExactNumber,
  (value, context) => (isExactNumber(value) ? t.success(value) : t.failure(value, context)),
  t.identity,
)

/** An array that begins with these numbers. t.tuple would refuse a longer one. */
const newRowCodec = (
  name: string,
  columns: readonly string[],
): t.Type<readonly unknown[], readonly unknown[], unknown> => {
  const is = (value: unknown): value is readonly unknown[] => {
    if (!Array.isArray(value) || value.length < columns.length) return false
    for (let index = 0; index < columns.length; index++) if (!isExactNumber(value[index])) return false
    return true
  }
  const validate: t.Validate<unknown, readonly unknown[]> = (value, context) => {
    if (is(value)) return t.success(value)
    if (!Array.isArray(value)) return t.failure(value, context)
    const index = columns.findIndex((_, column) => !isExactNumber(value[column]))
    const inside = t.appendContext(context, columns[index] ?? '', ExactNumberCodec, value[index])
    return t.failure(value[index], inside)
  }
  return new t.Type<readonly unknown[], readonly unknown[], unknown>(name, is, validate, t.identity)
}

/** A row's shape alone and in lists. */
export interface RowShape {
  /** How many numbers a row begins with. */
  readonly columns: number
  readonly row: t.Type<readonly unknown[], readonly unknown[], unknown>
  readonly rowList: t.Type<readonly (readonly unknown[])[], readonly (readonly unknown[])[], unknown>
}

const newRowShape = (name: string, columns: readonly string[]): RowShape => {
  const row = newRowCodec(`${name}Row`, columns)
  return { columns: columns.length, row, rowList: t.readonlyArray(row, `${name}Rows`) }
}

export const ORDER_ROWS = newRowShape('Order', ['id', 'price', 'amount'])
export const LEVEL_ROWS = newRowShape('Level', ['price', 'count', 'amount'])
export const TRADE_ROWS = newRowShape('Trade', ['id', 'milliseconds', 'amount', 'price'])

const text = t.union([t.string, t.null])
const number = t.union([t.number, t.null])

/** Required fields, and fields that may be absent or null. */
const shape = <Required extends t.Props, Optional extends t.Props>(
  name: string,
  required: Required,
  optional: Optional,
) => t.intersection([t.type(required), t.partial(optional)], name)

const isChannelId = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0
const ChannelId = new t.Type<number, number, unknown>(
  'ChannelId',
  isChannelId,
  (value, context) => (isChannelId(value) ? t.success(value) : t.failure(value, context)),
  t.identity,
)

/** `platform` comes with the first info of a connection; status 0 is maintenance. */
export const InfoEventCodec = shape(
  'Info',
  {},
  { version: number, code: number, platform: t.union([t.type({ status: t.number }), t.null]) },
)

/** `flags` of a refused conf may be absent. */
export const ConfEventCodec = shape('Conf', { status: t.string }, { flags: number })

export const SubscribedEventCodec = shape(
  'Subscribed',
  { channel: t.string, chanId: ChannelId },
  { symbol: text, pair: text, prec: text, freq: text, len: t.union([t.string, t.number, t.null]) },
)
export type SubscribedEvent = t.TypeOf<typeof SubscribedEventCodec>

export const UnsubscribedEventCodec = t.type({ chanId: ChannelId }, 'Unsubscribed')

/** The venue repeats fields of the request it refuses. */
export const ErrorEventCodec = shape('Error', { code: t.number }, { msg: text, symbol: text, pair: text })

/** Payloads of our own entries, as far as the decoder reads them. */
export const ManifestCodec = shape(
  'Manifest',
  { symbol: t.string, assumeEmptyBook: t.boolean },
  { feed: text },
)
export const ClosedCodec = shape('Closed', { cause: t.string }, { reason: t.unknown })
export const TimerCodec = t.type({ timer: t.string }, 'Timer')
export const SentConfCodec = t.type({ event: t.literal('conf'), flags: t.number }, 'SentConf')

const EXPLANATION_LENGTH = 80

/** Where and what a value is that its codec refuses: `3/price: "7"`. */
export const explain = (codec: t.Decoder<unknown, unknown>, value: unknown): string => {
  const result = codec.decode(value)
  if (result._tag === 'Right') return ''
  const error = result.left[0]
  const path = (error?.context ?? [])
    .map((step) => step.key)
    .filter((key) => key !== '')
    .join('/')
  return `${path}${path === '' ? '' : ': '}${printed(error?.value)}`
}

const printed = (value: unknown): string => {
  const text = typeof value === 'string' ? JSON.stringify(value.slice(0, EXPLANATION_LENGTH)) : shallow(value)
  return text.slice(0, EXPLANATION_LENGTH)
}

// What came may be large or deep: arrays and objects are named, not printed.
const shallow = (value: unknown): string => {
  if (isExactNumber(value) || typeof value === 'boolean') return String(value)
  if (Array.isArray(value)) return 'an array'
  return value === null || value === undefined ? String(value) : 'an object'
}
