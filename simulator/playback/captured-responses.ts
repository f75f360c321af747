/** Answers REST requests with the bodies a capture holds for the same path and query. */
import type { ServerResponse } from 'node:http'

import { type CapturedResponse, readCapture } from '../../src/index.ts'
import { answerJson } from '../venues/listener.ts'

const BASE = 'http://127.0.0.1'

/** Path and query, the query's fields in one order. */
const targetOf = (url: string): string | undefined => {
  try {
    const { pathname, searchParams } = new URL(url, BASE)
    searchParams.sort()
    return `${pathname}?${searchParams.toString()}`
  } catch {
    return undefined
  }
}

const findResponse = async (capture: string, target: string): Promise<CapturedResponse | undefined> => {
  for await (const { line } of readCapture(capture)) {
    if (line.kind === 'response' && targetOf(line.url) === target) return line
  }
  return undefined
}

/** The first captured body of this path and query; false when the capture has none and nothing was answered. */
export const answerCaptured = async (
  capture: string,
  url: string | undefined,
  response: ServerResponse,
): Promise<boolean> => {
  const target = targetOf(url ?? '/')
  const found = target === undefined ? undefined : await findResponse(capture, target)
  if (found === undefined) return false
  answerJson(response, found.status, found.text)
  return true
}
