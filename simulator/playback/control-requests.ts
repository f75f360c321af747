/** The control addresses beside a served venue's REST side: pause, resume, step, speed, position. */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { answerJson } from '../venues/listener.ts'
import type { Speed } from './play-control.ts'
import type { PlayStage } from './play-stage.ts'

const MOST_STEPS = 1_000_000_000
const ADDRESSES =
  'GET /simulator/position, faults; POST /simulator/pause, resume, step?n=N, speed?x=X, stop-faults'

/** `max`, or how many times as fast as recorded; undefined: neither. */
export const parseSpeed = (text: string): Speed | undefined => {
  if (text === 'max') return 'max'
  const factor = text.trim() === '' ? NaN : Number(text)
  return factor > 0 && factor <= 1e9 ? factor : undefined
}

type Action = (query: URLSearchParams, stage: PlayStage) => Promise<string | undefined>

/** Each gives a sentence where the request is wrong. */
const ACTIONS = new Map<string, Action>([
  ['GET /simulator/position', () => Promise.resolve(undefined)],
  [
    'POST /simulator/pause',
    (_query, { control }) => {
      control.pause()
      return Promise.resolve(undefined)
    },
  ],
  [
    'POST /simulator/resume',
    (_query, { control }) => {
      control.resume()
      return Promise.resolve(undefined)
    },
  ],
  [
    'POST /simulator/step',
    async (query, stage) => {
      const frames = Number(query.get('n') ?? 1)
      if (!(Number.isSafeInteger(frames) && frames >= 1 && frames <= MOST_STEPS))
        return `n must be a whole number from 1 to ${String(MOST_STEPS)}.`
      await stage.step(frames)
      return undefined
    },
  ],
  [
    'POST /simulator/speed',
    (query, { control }) => {
      const speed = parseSpeed(query.get('x') ?? '')
      if (speed === undefined) return Promise.resolve('x must be max, or a factor such as 1 or 10.')
      control.setSpeed(speed)
      return Promise.resolve(undefined)
    },
  ],
])

/** Has the first word on every request; true when it answers. Every good request is answered with the position. */
export const controlRequests =
  (stage: PlayStage) =>
  (request: IncomingMessage, response: ServerResponse): boolean => {
    const [path = '', query = ''] = (request.url ?? '').split('?')
    if (!path.startsWith('/simulator/')) return false
    const action = ACTIONS.get(`${request.method ?? ''} ${path}`)
    if (action === undefined) {
      answerJson(
        response,
        404,
        JSON.stringify({
          error: `There is no ${request.method ?? ''} ${path} here. There are: ${ADDRESSES}.`,
        }),
      )
      return true
    }
    const answer = async (): Promise<void> => {
      const wrong = await action(new URLSearchParams(query), stage)
      if (wrong === undefined) answerJson(response, 200, JSON.stringify(await stage.position()))
      else answerJson(response, 400, JSON.stringify({ error: wrong }))
    }
    answer().catch(() => response.destroy())
    return true
  }
