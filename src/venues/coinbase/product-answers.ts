/**
 * What REST answers and `status` messages say of the stream's product: its steps, and how it trades. Owns which URL is which;
 * books are asked for elsewhere.
 */
import { decodeJson } from '../../log/payloads.ts'
import { goneProduct } from '../../market/product-state.ts'
import type { DecoderSink } from '../venue.ts'
import { Product } from './frames.ts'
import { scaleFor, type Scales } from './instruments.ts'
import { ListedProduct, productStateOf } from './listed-product.ts'

const NOT_FOUND = 404

/** Takes the product's increments; false when they cannot be read. */
const takeSteps = (row: unknown, scales: Scales, sink: DecoderSink): boolean => {
  if (!Product.is(row)) return true
  const priceScale = scaleFor(row.quote_increment, 0)
  // Old lists tell the size's increment under another name or not at all.
  const sizeScale = scaleFor(row.base_increment ?? '1', 0)
  if (typeof priceScale !== 'number' || typeof sizeScale !== 'number') return false
  scales.atLeast(priceScale, sizeScale, sink)
  return true
}

const idOf = (row: unknown): unknown =>
  typeof row === 'object' && row !== null && 'id' in row ? row.id : undefined

/** Tells how the product trades, from a list that has all of them. */
export const tellListed = (list: readonly unknown[], product: string, sink: DecoderSink): void => {
  const row = list.find((each) => idOf(each) === product)
  if (row === undefined) sink.product(goneProduct('not listed'))
  else if (ListedProduct.is(row)) sink.product(productStateOf(row))
}

/** The list of all products; false when the body is none that can be read. */
export const readProducts = (
  body: Uint8Array,
  product: string | undefined,
  scales: Scales,
  sink: DecoderSink,
): boolean => {
  const list = decodeJson(body)
  if (!Array.isArray(list)) return false
  if (product === undefined) return true
  const row = (list as readonly unknown[]).find((each) => Product.is(each) && each.id === product)
  const isRead = takeSteps(row, scales, sink)
  tellListed(list as readonly unknown[], product, sink)
  return isRead
}

/** The answer to a question for this one product; false when it cannot be read. */
export const readProduct = (
  { status, body }: { readonly status: number; readonly body: Uint8Array },
  product: string,
  scales: Scales,
  sink: DecoderSink,
): boolean => {
  if (status === NOT_FOUND) sink.product(goneProduct('not found'))
  if (status !== 200) return true
  const row = decodeJson(body)
  if (!ListedProduct.is(row) || row.id !== product) return false
  const isRead = takeSteps(row, scales, sink)
  sink.product(productStateOf(row))
  return isRead
}
