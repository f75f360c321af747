/** Whether Bitfinex still lists the stream's pair. Its list has names alone: no steps, no restrictions. */
import { decodeJson, decodeResponse } from '../../log/payloads.ts'
import { goneProduct, stateWithoutSteps } from '../../market/product-state.ts'
import type { DecoderSink } from '../venue.ts'
import { PAIR_LIST } from './pair-list.ts'

/** Between codes 20060 and 20061. */
export const IN_MAINTENANCE = stateWithoutSteps('paused', 'maintenance')

/** Of the names with F0, derivatives stand in another list. */
const isInList = (symbol: string): boolean => symbol !== '' && !symbol.includes('F0:')

/** Reads the body of a `response` entry; one that is no such list, or not granted, says nothing. */
export const tellListed = (payload: Uint8Array, symbol: string, sink: DecoderSink): void => {
  const response = decodeResponse(payload)
  if (response?.status !== 200 || !response.url.endsWith(PAIR_LIST.path) || !isInList(symbol)) return
  const value = decodeJson(response.body)
  const names: unknown = Array.isArray(value) ? value[0] : undefined
  if (!Array.isArray(names)) return
  const isListed = names.some((name) => typeof name === 'string' && `t${name}` === symbol)
  sink.product(isListed ? stateWithoutSteps('open', 'listed') : goneProduct('not listed'))
}
