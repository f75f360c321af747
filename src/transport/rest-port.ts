/**
 * REST requests made in another thread: receiving tens of megabytes, unzipped and deciphered, must not delay a socket beside
 * it. `answerRest` is the side that makes them, `restBehind` the side that wants them.
 */
import { Buffer } from 'node:buffer'
import type { MessagePort } from 'node:worker_threads'

import type { GetOptions, GetRest, RestAnswer } from './rest.ts'

type Question =
  | ({ readonly kind: 'get'; readonly id: number } & Omit<GetOptions, 'signal'>)
  | { readonly kind: 'give-up'; readonly id: number }

interface Answer extends RestAnswer {
  readonly id: number
}

/** Answers until the other side is gone. The port keeps no process going. */
export const answerRest = (port: MessagePort, get: GetRest): void => {
  const running = new Map<number, AbortController>()
  const answer = async (id: number, options: Omit<GetOptions, 'signal'>): Promise<void> => {
    const abort = new AbortController()
    running.set(id, abort)
    const { status, body } = await get({ ...options, signal: abort.signal })
    running.delete(id)
    const message: Answer = { id, status, body }
    port.postMessage(message)
  }
  port.on('message', (question: Question) => {
    const { id } = question
    if (question.kind === 'give-up') running.get(id)?.abort()
    else void answer(id, question)
  })
  port.on('close', () => {
    for (const abort of running.values()) abort.abort()
  })
  port.unref()
}

/** Requests that the thread behind the port makes. The port keeps no process going. */
export const restBehind = (port: MessagePort): GetRest => {
  const waiting = new Map<number, (answer: RestAnswer) => void>()
  let lastId = 0
  const settle = ({ id, status, body }: Answer): void => {
    waiting.get(id)?.({ status, body })
    waiting.delete(id)
  }
  port.on('message', settle)
  port.on('close', () => {
    for (const id of waiting.keys()) settle(noAnswer(id, 'what makes requests has ended'))
  })
  port.unref()
  return ({ url, headers, timeout, roomAhead, signal }) =>
    new Promise((resolve) => {
      const id = ++lastId
      const ask = (question: Question): void => {
        port.postMessage(question)
      }
      ask({ kind: 'get', id, url, headers, timeout, roomAhead })
      const giveUp = (): void => {
        ask({ kind: 'give-up', id })
        settle(noAnswer(id, 'given up'))
      }
      waiting.set(id, (answer) => {
        // One signal outlives many requests.
        signal.removeEventListener('abort', giveUp)
        resolve(answer)
      })
      signal.addEventListener('abort', giveUp)
    })
}

const noAnswer = (id: number, reason: string): Answer => ({ id, status: 0, body: Buffer.from(reason) })
