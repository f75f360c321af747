/** Whether Bitfinex still lists the stream's pair. Its list has names alone: no steps, no restrictions. */
import { Buffer } from 'node:buffer'

import { decodeResponse } from '../../log/payloads.ts'
import type { ProductState } from '../../market/product-state.ts'
import type { DecoderSink } from '../venue.ts'
import { PAIR_LIST } from './pair-list.ts'

const stateOf = (trading: ProductState['trading'], says: string): ProductState => ({
  trading,
  says,
  priceIncrement: null,
  sizeIncrement: null,
})

/** Between codes 20060 and 20061. */
export const IN_MAINTENANCE = stateOf('paused', 'maintenance')

/** The venue knows no such pair (any more); `says`: its words. */
export const goneProduct = (says: string): ProductState => stateOf('delisted', says)

/** Of the names with F0, derivatives stand in another list. */
const isInList = (symbol: string): boolean => symbol !== '' && !symbol.includes('F0:')

/** Reads the body of a `response` entry; one that is no such list, or not granted, says nothing. */
export const tellListed = (payload: Uint8Array, symbol: string, sink: DecoderSink): void => {
  const response = decodeResponse(payload)
  if (response?.status !== 200 || !response.url.endsWith(PAIR_LIST.path) || !isInList(symbol)) return
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(response.body).toString('utf8'))
  } catch {
    return
  }
  const names: unknown = Array.isArray(value) ? value[0] : undefined
  if (!Array.isArray(names)) return
  const isListed = names.some((name) => typeof name === 'string' && `t${name}` === symbol)
  sink.product(isListed ? stateOf('open', 'listed') : goneProduct('not listed'))
}
