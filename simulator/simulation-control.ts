/** The test bench's own addresses of a simulation, beside the venues': the engines' books, and the flow's pause and end. */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { answerJson } from './venues/listener.ts'
import type { SimulatedBook, SimulatedRows } from './venues/simulated-venue.ts'

export interface ControlledSimulation {
  readonly books: () => readonly SimulatedBook[]
  readonly rows: () => readonly SimulatedRows[]
  readonly stopFlow: () => void
  /** True: the flow of every market stands still; heartbeats go on. */
  readonly pause: (isPaused: boolean) => void
}

const ADDRESSES =
  'GET /simulator/books, book?stream=VENUE:PAIR, faults; ' +
  'POST /simulator/pause, resume, stop-flow, stop-faults, maintenance?seconds=N, product?stream=VENUE:PAIR&status=…'

const bookReply = (query: string, rows: readonly SimulatedRows[]): readonly [number, unknown] => {
  const stream = new URLSearchParams(query).get('stream')
  const book = rows.find((each) => each.stream === stream)
  return book === undefined ? [404, { message: 'No such stream' }] : [200, book]
}

/** Answers every address under /simulator/ that came so far; false for all others. The last one to be asked. */
export const simulationControl =
  ({ books, rows, stopFlow, pause }: ControlledSimulation) =>
  (request: IncomingMessage, response: ServerResponse): boolean => {
    const [path = '', query = ''] = (request.url ?? '').split('?')
    if (!path.startsWith('/simulator/')) return false
    const reply = (): readonly [number, unknown] => {
      switch (`${request.method ?? ''} ${path}`) {
        case 'GET /simulator/books':
          return [200, { books: books() }]
        case 'GET /simulator/book':
          return bookReply(query, rows())
        case 'POST /simulator/pause':
          pause(true)
          return [200, { paused: true }]
        case 'POST /simulator/resume':
          pause(false)
          return [200, { paused: false }]
        case 'POST /simulator/stop-flow':
          stopFlow()
          return [200, { stopped: true }]
        default:
          return [
            404,
            { error: `There is no ${request.method ?? ''} ${path} here. There are: ${ADDRESSES}.` },
          ]
      }
    }
    const [status, body] = reply()
    answerJson(response, status, JSON.stringify(body))
    return true
  }
