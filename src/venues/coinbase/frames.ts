/**
 * Shapes of Coinbase's messages as io-ts codecs. Tolerant: unknown fields pass, decimals are any text until they are
 * scaled. `is` judges on the fast way; `decode` only explains what is wrong.
 */
import { isRight } from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'

const fromGuard = <A>(name: string, is: t.Is<A>): t.Type<A, A> =>
  new t.Type(name, is, (u, c) => (is(u) ? t.success(u) : t.failure(u, c)), t.identity)

/** A number of a message: whole, exact, not negative. */
export const isSequence = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0

const Whole = fromGuard('Whole', isSequence)
const OrderId = fromGuard('OrderId', (u): u is string => typeof u === 'string' && u !== '')
const Side = fromGuard('Side', (u): u is 'buy' | 'sell' => u === 'buy' || u === 'sell')
/** A decimal that may be left out, null or empty: fields of market orders. */
const Optional = fromGuard(
  'Optional',
  (u): u is string | null | undefined => typeof u === 'string' || u === undefined || u === null,
)

/** Any message, before its kind is known. */
export interface Message {
  readonly type?: unknown
  readonly product_id?: unknown
  readonly sequence?: unknown
  readonly products?: unknown
  readonly last_trade_id?: unknown
  readonly trade_id?: unknown
}

export const Received = t.type({ order_id: OrderId, side: Side, time: t.string }, 'Received')
export type Received = t.TypeOf<typeof Received>

export const Open = t.type(
  { order_id: OrderId, side: Side, price: t.string, remaining_size: t.string, time: t.string },
  'Open',
)
export type Open = t.TypeOf<typeof Open>

export const Done = t.intersection(
  [t.type({ order_id: OrderId, time: t.string }), t.partial({ reason: Optional })],
  'Done',
)
export type Done = t.TypeOf<typeof Done>

export const Match = t.intersection(
  [
    t.type({
      maker_order_id: OrderId,
      taker_order_id: OrderId,
      side: Side,
      price: t.string,
      size: t.string,
      time: t.string,
    }),
    t.partial({ trade_id: Whole }),
  ],
  'Match',
)
export type Match = t.TypeOf<typeof Match>

/** Both families: self-trade prevention (`price`) and amendment (`old_price`, `new_price`). */
export const Change = t.intersection(
  [
    t.type({ order_id: OrderId, time: t.string }),
    t.partial({
      price: Optional,
      old_price: Optional,
      new_price: Optional,
      old_size: Optional,
      new_size: Optional,
      old_funds: Optional,
      new_funds: Optional,
    }),
  ],
  'Change',
)
export type Change = t.TypeOf<typeof Change>

/** A trade of the `matches` channel, for streams by level. Its sequence has holes. */
export const Trade = t.intersection(
  [
    t.type({ side: Side, price: t.string, size: t.string, time: t.string }),
    t.partial({ trade_id: Whole, sequence: Whole }),
  ],
  'Trade',
)
export type Trade = t.TypeOf<typeof Trade>

/** Rows are judged one by one where they are read. */
export const LevelSnapshot = t.intersection(
  [t.type({ bids: t.UnknownArray, asks: t.UnknownArray }), t.partial({ time: Optional })],
  'LevelSnapshot',
)
export type LevelSnapshot = t.TypeOf<typeof LevelSnapshot>

export const LevelChange = t.tuple([Side, t.string, t.string], 'LevelChange')

export const LevelUpdate = t.intersection(
  [t.type({ changes: t.array(LevelChange) }), t.partial({ time: Optional })],
  'LevelUpdate',
)
export type LevelUpdate = t.TypeOf<typeof LevelUpdate>

/** The REST book at level 3. Old bodies lack `auction_mode` and `time`. */
export const BookBody = t.intersection(
  [
    t.type({ sequence: Whole, bids: t.UnknownArray, asks: t.UnknownArray }),
    t.partial({ auction_mode: t.unknown, time: Optional }),
  ],
  'BookBody',
)
export type BookBody = t.TypeOf<typeof BookBody>

/** One product of the REST list, as far as scales need it. */
export const Product = t.intersection(
  [t.type({ id: t.string, quote_increment: t.string }), t.partial({ base_increment: Optional })],
  'Product',
)

export const SchemaMessage = t.type({ schema: t.record(t.string, t.array(t.string)) }, 'SchemaMessage')

export const ErrorMessage = t.partial({ message: t.unknown, reason: t.unknown }, 'ErrorMessage')

/** The manifest of a run, as far as the decoder needs it. */
export const Manifest = t.partial(
  {
    symbol: fromGuard('Text', (u): u is string | undefined => typeof u === 'string' || u === undefined),
    feed: Optional,
    assumeEmptyBook: t.boolean,
  },
  'Manifest',
)

/** Payloads of `closed` and `timer` entries. */
export const Closed = t.intersection(
  [t.type({ cause: t.string }), t.partial({ reason: t.unknown })],
  'Closed',
)
export const Timer = t.type({ timer: t.string }, 'Timer')

/** True for a message of the `full` channel with all fields its kind needs. */
export const isFullMessage = (type: string, message: unknown): boolean => {
  switch (type) {
    case 'received':
      return Received.is(message)
    case 'open':
      return Open.is(message)
    case 'done':
      return Done.is(message)
    case 'match':
      return Match.is(message)
    case 'change':
      return Change.is(message)
    default:
      return false
  }
}

const FULL_CODECS = new Map<string, t.Mixed>([
  ['received', Received],
  ['open', Open],
  ['done', Done],
  ['match', Match],
  ['change', Change],
])

/** The first field that is wrong, as `open: remaining_size`; for detail texts, never on the fast way. */
export const explainFull = (type: string, message: unknown): string => {
  const decoded = FULL_CODECS.get(type)?.decode(message)
  if (decoded === undefined || isRight(decoded)) return type
  const path = decoded.left[0]?.context
    .map(({ key }) => key)
    .filter((key) => key !== '' && !/^\d+$/.test(key))
  return `${type}: ${path?.at(-1) ?? 'no object'}`
}

/** Own orders' messages that only their owner gets have no number and do not count. */
export const isPrivate = (message: object): boolean =>
  'user_id' in message ||
  'profile_id' in message ||
  ('reason' in message && message.reason === 'tpsl_triggered')
