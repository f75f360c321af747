/** `POST /simulator/maintenance?seconds=N`: every venue that knows maintenance goes through one. Owns only the address. */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { answerJson } from './venues/listener.ts'
import type { SimulatedVenue } from './venues/simulated-venue.ts'

const LONGEST_SECONDS = 3600

/** Answers true when the request was for it. `venues`: those that serve at the time of a request. */
export const maintenanceControl =
  (venues: () => readonly SimulatedVenue[]) =>
  (request: IncomingMessage, response: ServerResponse): boolean => {
    const [path, query = ''] = (request.url ?? '').split('?')
    if (request.method !== 'POST' || path !== '/simulator/maintenance') return false
    const text = new URLSearchParams(query).get('seconds') ?? '5'
    const seconds = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : NaN
    if (!(seconds <= LONGEST_SECONDS)) {
      answerJson(response, 400, JSON.stringify({ message: 'seconds: a number up to 3600' }))
      return true
    }
    const maintained = venues().filter((venue) => venue.maintain !== undefined)
    for (const venue of maintained) venue.maintain?.(seconds * 1000)
    answerJson(response, 200, JSON.stringify({ venues: maintained.length, seconds }))
    return true
  }
