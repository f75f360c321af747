/** The test bench's addresses about faults: what went wrong so far, and an end to it. */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { answerJson } from '../venues/listener.ts'
import type { Links } from './links.ts'

/** Answers `GET /simulator/faults` and `POST /simulator/stop-faults`; false for every other request. */
export const faultControl =
  (links: Links) =>
  (request: IncomingMessage, response: ServerResponse): boolean => {
    const asked = `${request.method ?? ''} ${request.url ?? ''}`
    if (asked === 'POST /simulator/stop-faults') links.stopFaults()
    else if (asked !== 'GET /simulator/faults') return false
    answerJson(response, 200, JSON.stringify({ faults: links.faults() }))
    return true
  }
