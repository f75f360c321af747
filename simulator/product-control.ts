/**
 * `POST /simulator/product?stream=VENUE:PAIR&…`: what a venue says of a product changes: `status`, `restrictions`, `priceStep`,
 * `sizeStep`. Owns only the address; the flow goes on as before.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { answerJson } from './venues/listener.ts'
import type { SimulatedMarket } from './venues/simulated-venue.ts'

const ADDRESS = '/simulator/product'
const STEP = /^\d{1,12}(\.\d{1,18})?$/

/** Answers true when the request was for it. `markets`: those of all venues, by stream, at the time of a request. */
export const productControl =
  (markets: () => ReadonlyMap<string, SimulatedMarket>) =>
  (request: IncomingMessage, response: ServerResponse): boolean => {
    const [path, query = ''] = (request.url ?? '').split('?')
    if (request.method !== 'POST' || path !== ADDRESS) return false
    const said = new URLSearchParams(query)
    const listing = markets().get(said.get('stream') ?? '')?.listing
    const steps = [said.get('priceStep'), said.get('sizeStep')]
    if (listing === undefined) {
      answerJson(response, 404, JSON.stringify({ message: 'No such stream' }))
      return true
    }
    if (steps.some((step) => step !== null && !STEP.test(step))) {
      answerJson(response, 400, JSON.stringify({ message: 'priceStep, sizeStep: decimals' }))
      return true
    }
    listing.status = said.get('status') ?? listing.status
    listing.restrictions = said.get('restrictions')?.split(',') ?? listing.restrictions
    listing.priceStep = steps[0] ?? listing.priceStep
    listing.sizeStep = steps[1] ?? listing.sizeStep
    answerJson(response, 200, JSON.stringify(listing))
    return true
  }
