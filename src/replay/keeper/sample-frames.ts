/** What a stored `sample` entry says, checked; the text form is log/sample.ts's. */
import * as t from 'io-ts'

import { parseJson } from '../../log/payloads.ts'
import { MAX_SCALE } from '../../market/decimal.ts'
import { DISCONNECT_CAUSES, GAP_CAUSES, INVALID_REASONS } from '../../market/event.ts'

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value)
const whole = new t.Type<number, number, unknown>(
  'whole',
  isWhole,
  (value, context) => (isWhole(value) ? t.success(value) : t.failure(value, context)),
  t.identity,
)
const Losses = t.partial({
  gaps: t.array(t.type({ cause: t.keyof(GAP_CAUSES), expected: t.string, found: t.string })),
  disconnects: t.array(t.keyof(DISCONNECT_CAUSES)),
})
const Stamp = t.union([whole, t.null])
const ValidSample = t.intersection([
  t.type({
    verified: t.boolean,
    scales: t.tuple([whole, whole]),
    exchangeTime: Stamp,
    venueSequence: Stamp,
    bidPrices: t.array(whole),
    bidSizes: t.array(whole),
    askPrices: t.array(whole),
    askSizes: t.array(whole),
  }),
  t.partial({ bidOrders: t.array(whole), askOrders: t.array(whole) }),
  Losses,
])
const InvalidSample = t.intersection([t.type({ invalid: t.keyof(INVALID_REASONS) }), Losses])

/** A sample of a book that may be used. */
export type ValidSample = t.TypeOf<typeof ValidSample>
type InvalidSample = t.TypeOf<typeof InvalidSample>

/** Levels best first, no price twice, sizes above zero; as many of everything. */
const isSide = (
  prices: readonly number[],
  sizes: readonly number[],
  orders: readonly number[] | undefined,
  direction: number,
): boolean =>
  prices.length === sizes.length &&
  (orders === undefined || orders.length === prices.length) &&
  sizes.every((size) => size > 0) &&
  (orders ?? []).every((count) => count >= 0) &&
  prices.every((price, index) => index === 0 || (price - (prices[index - 1] ?? 0)) * direction > 0)

const isScale = (scale: number): boolean => scale >= 0 && scale <= MAX_SCALE

/** Undefined: the text is no sample. */
export const readSample = (text: string): ValidSample | InvalidSample | undefined => {
  const value = parseJson(text)
  if (InvalidSample.is(value)) return value
  if (!ValidSample.is(value) || !value.scales.every(isScale)) return undefined
  const { bidPrices, bidSizes, bidOrders, askPrices, askSizes, askOrders } = value
  return isSide(bidPrices, bidSizes, bidOrders, -1) && isSide(askPrices, askSizes, askOrders, 1)
    ? value
    : undefined
}
