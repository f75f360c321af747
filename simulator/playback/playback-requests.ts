/** Answers the REST requests of a player's server: the control addresses first, then what is recorded. */
import type { IncomingMessage, ServerResponse } from 'node:http'

import { answerJson } from '../venues/listener.ts'
import type { PlaybackServerOptions, RestAnswer } from './playback-server.ts'

/** `missing`: the answer where there is none. */
export const playbackRequests =
  ({ intercept, answer, failed }: PlaybackServerOptions, missing: RestAnswer) =>
  (request: IncomingMessage, response: ServerResponse): void => {
    if (intercept(request, response)) return
    answer(request.url ?? '/')
      .then((found) => {
        const { status, text } = found ?? missing
        answerJson(response, status, text)
      })
      .catch((error: unknown) => {
        failed(error)
        response.destroy()
      })
  }
