/**
 * Recorded feeds of real venues, kept outside the project. Finds their folder and reads one; a test that needs them
 * skips visibly where they are absent.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** One line of a capture. Times are microseconds since the Unix epoch; connection 0 is REST. */
export interface CaptureLine {
  readonly t: number
  readonly conn: number
  readonly dir: 'in' | 'out' | 'http'
  readonly text: string
  readonly method?: string
  readonly url?: string
  readonly status?: number
}

/** A level as measured: price and size as decimal text and, in level-3 captures, the number of orders. */
export type CaptureRow = readonly [price: string, size: string, orders?: number]

/** What an independent rebuilding of the capture measured for one symbol at its end. */
export interface CaptureFigures {
  readonly updates: number
  readonly levels: { readonly bids: number; readonly asks: number }
  readonly orders?: { readonly bids: number; readonly asks: number }
  readonly best: { readonly bid: CaptureRow | null; readonly ask: CaptureRow | null }
  readonly top: { readonly bids: readonly CaptureRow[]; readonly asks: readonly CaptureRow[] }
  readonly trades: { readonly count: number; readonly size: string }
}

/** What was measured over the whole capture. */
export interface CaptureExpectation {
  readonly sequence: {
    readonly scope: string | null
    readonly compared: number
    readonly gaps: number
    readonly ranges: Readonly<Record<string, readonly [number, number]>>
  }
  readonly checksums: { readonly right: number; readonly wrong: number }
  readonly symbols: Readonly<Record<string, CaptureFigures>>
}

/** The `meta.json` of a capture, as far as tests read it. */
export interface CaptureMeta {
  readonly format: string
  readonly venue: string
  readonly channels: readonly string[]
  readonly symbols: readonly string[]
  readonly frames: { readonly total: number; readonly byKind: Readonly<Record<string, number>> }
  readonly firstTime: number
  readonly lastTime: number
  readonly expected: CaptureExpectation
}

export interface Capture {
  readonly name: string
  /** The file itself, for commands that take a path. */
  readonly framesFile: string
  readonly meta: CaptureMeta
  readonly lines: readonly CaptureLine[]
}

/** The folder of captures: BOOKREEL_CAPTURES, else `../shared/captures` where it exists, else undefined. */
export const capturesFolder = (): string | undefined => {
  const named = process.env['BOOKREEL_CAPTURES']
  const folder =
    named === undefined || named === '' ? resolve(import.meta.dirname, '../../../shared/captures') : named
  return existsSync(folder) ? folder : undefined
}

/** Names of the captures in a folder whose name begins with the prefix, sorted. */
export const captureNames = (folder: string, prefix = ''): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && existsSync(join(folder, name, 'meta.json')))
    .sort()

/** Reads one capture whole. Throws when a file is missing or no JSON. */
export const readCapture = (folder: string, name: string): Capture => {
  const framesFile = join(folder, name, 'frames.jsonl.gz')
  const text = gunzipSync(readFileSync(framesFile)).toString('utf8')
  const lines = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as CaptureLine)
  const meta = JSON.parse(readFileSync(join(folder, name, 'meta.json'), 'utf8')) as CaptureMeta
  return { name, framesFile, meta, lines }
}
