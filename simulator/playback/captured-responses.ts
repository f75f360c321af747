/** Answers REST requests with the bodies a capture holds for the same path and query. */
import { type CapturedResponse, readCapture } from '../../src/index.ts'
import type { RestAnswer } from './open-playback.ts'

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

/** The first captured body of this path and query; undefined when the capture has none. */
export const capturedAnswer = async (capture: string, url: string): Promise<RestAnswer | undefined> => {
  const target = targetOf(url)
  return target === undefined ? undefined : await findResponse(capture, target)
}
