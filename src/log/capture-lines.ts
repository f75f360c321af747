/**
 * Lines of a capture file: one JSON object a line, `{"t","conn","dir","text"}`. Owns the meaning of one line, as text
 * and back; files, compression and line numbers are the reader's.
 */
import { type Either, left, right } from 'fp-ts/lib/Either.js'

import { type Micros, microsOf } from '../market/time.ts'

/** A frame from the venue (`in`) or to the venue (`out`), character for character. */
export interface CapturedFrame {
  readonly kind: 'frame' | 'sent'
  /** When it was received or sent. */
  readonly receiveTime: Micros
  /** The number of its connection, from 1. */
  readonly connection: number
  readonly text: string
}

/** A REST answer (`http`). */
export interface CapturedResponse {
  readonly kind: 'response'
  readonly receiveTime: Micros
  readonly connection: 0
  readonly method: string
  readonly url: string
  readonly status: number
  /** The body. */
  readonly text: string
}

/** A line of a capture: a frame, or a REST answer. */
export type CaptureLine = CapturedFrame | CapturedResponse

const isWhole = (value: unknown): value is number =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0

const parseObject = (line: string): Readonly<Record<string, unknown>> | undefined => {
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
    return Object.fromEntries(Object.entries(value))
  } catch {
    return undefined
  }
}

/** Left: what is wrong, fit to stand behind "line 7 ", as in "has no text". Unknown fields are ignored. */
export const parseCaptureLine = (line: string): Either<string, CaptureLine> => {
  const fields = parseObject(line)
  if (fields === undefined) return left('is not a JSON object')
  const { t, conn, dir, text } = fields as { t: unknown; conn: unknown; dir: unknown; text: unknown }
  if (!isWhole(t)) return left('has no time "t" in whole microseconds')
  if (!isWhole(conn)) return left('has no connection number "conn"')
  if (typeof text !== 'string') return left('has no "text"')
  const receiveTime = microsOf(t)
  if (dir === 'in') return right({ kind: 'frame', receiveTime, connection: conn, text })
  if (dir === 'out') return right({ kind: 'sent', receiveTime, connection: conn, text })
  if (dir !== 'http') return left('has no "dir" that is "in", "out" or "http"')
  const { method, url, status } = fields as { method: unknown; url: unknown; status: unknown }
  if (typeof method !== 'string' || typeof url !== 'string' || !isWhole(status)) {
    return left('has no "method", "url" and "status" although it is a REST answer')
  }
  return right({ kind: 'response', receiveTime, connection: 0, method, url, status, text })
}

const DIRECTIONS = { frame: 'in', sent: 'out', response: 'http' } as const

/** The line's text, without a line feed; `parseCaptureLine` reads it back. */
export const captureLineText = (line: CaptureLine): string => {
  const head = { t: line.receiveTime, conn: line.connection, dir: DIRECTIONS[line.kind] }
  if (line.kind !== 'response') return JSON.stringify({ ...head, text: line.text })
  const { method, url, status, text } = line
  return JSON.stringify({ ...head, method, url, status, text })
}
