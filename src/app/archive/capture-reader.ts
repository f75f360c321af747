/**
 * Reads capture files line by line, gzip or plain, in bounded memory. Owns files, compression, line numbers and the
 * sentences about what is wrong with a file; what a line means is log/capture-lines.
 */
import { Buffer, isUtf8 } from 'node:buffer'
import { createReadStream } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import path from 'node:path'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'

import { isLeft } from 'fp-ts/lib/Either.js'

import { type CaptureLine, parseCaptureLine } from '../../log/capture-lines.ts'

/** A capture that cannot be used; the message is one sentence for the user. */
export class CaptureProblem extends Error {}

/** A line and its number in the file, from 1. */
export interface NumberedLine {
  readonly lineNumber: number
  readonly line: CaptureLine
}

/** A line longer than this many bytes is refused: no venue sends such a frame. */
export const MAX_CAPTURE_LINE_BYTES = 256 * 1024 * 1024

const LINE_FEED = 10

/**
 * The capture file behind a path: the file itself, or `frames.jsonl.gz` or `frames.jsonl` of a folder. Throws
 * CaptureProblem when there is none.
 */
export const findCaptureFile = async (location: string): Promise<string> => {
  const found = await statOf(location)
  if (found === undefined) throw new CaptureProblem(`There is no capture at ${location}.`)
  if (!found.isDirectory()) return location
  for (const name of ['frames.jsonl.gz', 'frames.jsonl']) {
    const file = path.join(location, name)
    if ((await statOf(file))?.isFile() === true) return file
  }
  throw new CaptureProblem(`The folder ${location} holds neither frames.jsonl.gz nor frames.jsonl.`)
}

const statOf = async (location: string): Promise<Awaited<ReturnType<typeof stat>> | undefined> => {
  try {
    return await stat(location)
  } catch {
    return undefined
  }
}

/**
 * The lines of a capture (a file, or a folder that holds one) in order. Throws CaptureProblem at the first thing that
 * is wrong: no such file, no gzip, cut, a line that is none, a time that goes back. An empty file is wrong too.
 */
export async function* readCapture(location: string): AsyncGenerator<NumberedLine, void, undefined> {
  const file = await findCaptureFile(location)
  let lineNumber = 0
  let latest = 0
  for await (const { bytes, isComplete } of linesOf(file)) {
    lineNumber++
    const line = parseNumbered(file, lineNumber, bytes, isComplete)
    if (line.receiveTime < latest) {
      throw new CaptureProblem(
        `${file} is no capture: line ${String(lineNumber)} is earlier than the line before it.`,
      )
    }
    latest = line.receiveTime
    yield { lineNumber, line }
  }
  if (lineNumber === 0) throw new CaptureProblem(`${file} is empty.`)
}

const parseNumbered = (file: string, lineNumber: number, bytes: Buffer, isComplete: boolean): CaptureLine => {
  const parsed = isUtf8(bytes) ? parseCaptureLine(bytes.toString('utf8')) : undefined
  if (parsed !== undefined && !isLeft(parsed)) return parsed.right
  const number = String(lineNumber)
  if (!isComplete) throw new CaptureProblem(`${file} is cut: it ends in the middle of line ${number}.`)
  throw new CaptureProblem(`${file} is no capture: line ${number} ${parsed?.left ?? 'is not UTF-8 text'}.`)
}

interface RawLine {
  readonly bytes: Buffer
  /** False for a last line without its line feed. */
  readonly isComplete: boolean
}

/** Splits at line feeds; holds one line at a time. */
async function* linesOf(file: string): AsyncGenerator<RawLine, void, undefined> {
  const isGzip = await detectGzip(file)
  let pieces: Buffer[] = []
  let held = 0
  for await (const piece of piecesOf(file, isGzip)) {
    let start = 0
    for (;;) {
      const end = piece.indexOf(LINE_FEED, start)
      if (end < 0) break
      pieces.push(piece.subarray(start, end))
      yield { bytes: Buffer.concat(pieces), isComplete: true }
      pieces = []
      held = 0
      start = end + 1
    }
    if (start < piece.length) pieces.push(piece.subarray(start))
    held += piece.length - start
    if (held > MAX_CAPTURE_LINE_BYTES) throw new CaptureProblem(`${file} is no capture: a line is too long.`)
  }
  if (held > 0) yield { bytes: Buffer.concat(pieces), isComplete: false }
}

const detectGzip = async (file: string): Promise<boolean> => {
  const head = Buffer.alloc(2)
  let bytesRead = 0
  try {
    const handle = await open(file, 'r')
    try {
      bytesRead = (await handle.read(head, 0, 2, 0)).bytesRead
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw new CaptureProblem(`${file} cannot be read: ${reasonOf(error)}.`)
  }
  const isGzip = bytesRead === 2 && head[0] === 0x1f && head[1] === 0x8b
  if (!isGzip && file.endsWith('.gz'))
    throw new CaptureProblem(`${file} is not gzip, although its name says so.`)
  return isGzip
}

async function* piecesOf(file: string, isGzip: boolean): AsyncGenerator<Buffer, void, undefined> {
  const source = createReadStream(file)
  let stream: Readable = source
  if (isGzip) {
    const unzip = createGunzip()
    source.on('error', (error) => unzip.destroy(error))
    stream = source.pipe(unzip)
  }
  try {
    for await (const piece of stream) yield piece as Buffer
  } catch (error) {
    throw problemOf(file, error)
  } finally {
    source.destroy()
    stream.destroy()
  }
}

const problemOf = (file: string, error: unknown): CaptureProblem => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (code === 'Z_BUF_ERROR') return new CaptureProblem(`${file} is cut: its gzip data ends too early.`)
  if (typeof code === 'string' && code.startsWith('Z_')) {
    return new CaptureProblem(`${file} is damaged: its gzip data cannot be unpacked.`)
  }
  return new CaptureProblem(`${file} cannot be read: ${reasonOf(error)}.`)
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
