/**
 * `POST /simulator/maintenance?seconds=N` and `/simulator/leave?seconds=N`: every venue that knows such a thing goes through
 * maintenance, or tells that it stops. Owns only the addresses.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { answerJson } from './venues/listener.ts'
import type { SimulatedVenue } from './venues/simulated-venue.ts'

const LONGEST_SECONDS = 3600
const ACTIONS = { '/simulator/maintenance': 'maintain', '/simulator/leave': 'leave' } as const

const isAddress = (path: string): path is keyof typeof ACTIONS => Object.hasOwn(ACTIONS, path)

/** Answers true when the request was for it. `venues`: those that serve at the time of a request. */
export const maintenanceControl =
  (venues: () => readonly SimulatedVenue[]) =>
  (request: IncomingMessage, response: ServerResponse): boolean => {
    const [path = '', query = ''] = (request.url ?? '').split('?')
    if (request.method !== 'POST' || !isAddress(path)) return false
    const action = ACTIONS[path]
    const text = new URLSearchParams(query).get('seconds') ?? '5'
    const seconds = /^\d{1,4}(\.\d{1,3})?$/.test(text) ? Number(text) : NaN
    if (!(seconds <= LONGEST_SECONDS)) {
      answerJson(response, 400, JSON.stringify({ message: 'seconds: a number up to 3600' }))
      return true
    }
    const told = venues().filter((venue) => venue[action] !== undefined)
    for (const venue of told) venue[action]?.(seconds * 1000)
    answerJson(response, 200, JSON.stringify({ venues: told.length, seconds }))
    return true
  }
