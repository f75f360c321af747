/**
 * Every capture that holds its own books, played as its venue and recorded over sockets, all its symbols at once: stored
 * is what the player says it sent, and the books are those that were measured.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isLeft } from 'fp-ts/lib/Either.js'
import { afterEach, describe, expect, it } from 'vitest'

import { openStore, venueById } from '../../src/app/production.ts'
import { exportFrames } from '../../src/export/frames.ts'
import { type StreamId, streamIdOf } from '../../src/market/instrument.ts'
import { renderBook, type RenderedBook, type RenderedLevel } from '../../src/replay/derived/book-row.ts'
import { playMerged } from '../../src/replay/merge.ts'
import { StreamPlayer } from '../../src/replay/reading/stream-player.ts'
import type { Venue } from '../../src/venues/venue.ts'
import {
  type Capture,
  type CaptureFigures,
  captureNames,
  type CaptureRow,
  capturesFolder,
  readCapture,
} from '../support/captures.ts'
import { CommandProcess, runCommand, until } from '../support/recorder-process.ts'

const LIMIT = 150_000

/** Captures that begin with their books; a fragment without its snapshot cannot be served. */
const WITHOUT_BOOK = 'coinbase-full-2017-06-25'

const captures = capturesFolder()
const names =
  captures === undefined
    ? ['no captures are here']
    : ['bitfinex', 'coinbase']
        .flatMap((venue) => captureNames(captures, venue))
        .filter((name) => name !== WITHOUT_BOOK)

interface SentFrame {
  readonly conn: number
  readonly text: string
}

let folder: string | undefined
const running: CommandProcess[] = []

const start = (words: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
  const command = new CommandProcess(words, environment)
  running.push(command)
  return command
}

afterEach(async () => {
  for (const command of running) command.killGroup('SIGKILL')
  await Promise.all(running.splice(0).map(({ ended }) => ended))
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  folder = undefined
})

const linesOf = (file: string): readonly string[] =>
  existsSync(file)
    ? readFileSync(file, 'utf8')
        .split('\n')
        .slice(0, -1)
        .filter((line) => line !== '')
    : []

const sentFrames = (log: string): readonly SentFrame[] =>
  linesOf(log).map((line) => JSON.parse(line) as SentFrame)

/** What a frame says: a Bitfinex frame without its channel number, sequence and time, which are the connection's. */
const contentOf = (text: string): string => {
  const frame: unknown = JSON.parse(text)
  if (!Array.isArray(frame)) return text
  return JSON.stringify(typeof frame[1] === 'string' ? frame.slice(1, 3) : frame.slice(1, 2))
}

/** The captured frames that a recording of this symbol asks for, in order. */
const framesFor = (capture: Capture, symbol: string): readonly string[] => {
  const channels = new Set<string>()
  const found: string[] = []
  for (const { dir, conn, text } of capture.lines) {
    if (dir !== 'in') continue
    const frame = JSON.parse(text) as Readonly<Record<string | number, unknown>>
    const place = (channel: unknown): string => `${String(conn)}/${String(channel)}`
    const isWanted = frame['channel'] === 'book' || frame['channel'] === 'trades'
    if (frame['event'] === 'subscribed' && frame['symbol'] === symbol && isWanted)
      channels.add(place(frame['chanId']))
    const isOwn = channels.has(place(frame[0])) && frame[1] !== 'hb'
    const isLevel2 =
      frame['product_id'] === symbol && /^(snapshot|l2update|match)$/.test(String(frame['type']))
    if (isOwn || isLevel2) found.push(text)
  }
  return found
}

/** True when the last captured frame of the symbol was sent as often as it was captured. */
const isPlayed = (wanted: readonly string[], sent: readonly string[]): boolean => {
  const last = wanted.at(-1)
  if (last === undefined) return true
  const content = contentOf(last)
  const count = (texts: readonly string[]): number =>
    texts.filter((text) => contentOf(text) === content).length
  return count(sent) >= count(wanted)
}

const shortest = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text)

const asRows = (levels: readonly RenderedLevel[]) =>
  levels.map(({ price, size, orders }) => [shortest(price), shortest(size), orders?.length])

const expectBook = (book: RenderedBook, figures: CaptureFigures): void => {
  const { top } = figures
  const rows = (side: readonly CaptureRow[]) =>
    side.map(([price, size, orders]) => [shortest(price), shortest(size), orders])
  expect({ bids: book.bids.length, asks: book.asks.length }).toEqual(figures.levels)
  expect(asRows(book.bids.slice(0, top.bids.length))).toEqual(rows(top.bids))
  expect(asRows(book.asks.slice(0, top.asks.length))).toEqual(rows(top.asks))
}

/** The frames of each connection of the log, and those that were recorded, in one order. */
const expectSameFrames = (sent: readonly SentFrame[], recorded: readonly (readonly string[])[]): void => {
  const connections = new Map<number, string[]>()
  for (const { conn, text } of sent) connections.set(conn, [...(connections.get(conn) ?? []), text])
  const byContent = (frames: readonly (readonly string[])[]) =>
    frames.map((texts) => texts.join('\n')).sort((one, other) => (one < other ? -1 : 1))
  expect(byContent([...connections.values()])).toEqual(byContent(recorded))
}

const feedOf = (capture: Capture): string => {
  if (capture.meta.venue === 'bitfinex') return 'bitfinex=P0'
  return capture.meta.format === 'coinbase-level2' ? 'coinbase=level2_batch' : 'coinbase=full'
}

const credentialsFor = (feed: string): Readonly<Record<string, string>> =>
  feed === 'coinbase=full'
    ? {
        COINBASE_API_KEY: 'key-of-a-test',
        COINBASE_API_SECRET: 'c2VjcmV0LW9mLWEtdGVzdA==',
        COINBASE_API_PASSPHRASE: 'passphrase-of-a-test',
      }
    : {}

/** The stored frames and the book at the end, by the parts that the commands are made of. */
const readBack = async (
  url: string,
  stream: StreamId,
  venue: Venue,
): Promise<{ readonly frames: readonly string[]; readonly book: RenderedBook }> => {
  const opened = await openStore(url, 'read')()
  if (isLeft(opened)) throw new Error('the store does not open')
  const store = opened.right
  const frames: string[] = []
  await exportFrames(store, stream, {}, async (text) => {
    for (const line of text.split('\n').slice(0, -1)) {
      const entry = JSON.parse(line) as { kind: string; text: string }
      if (entry.kind === 'frame') frames.push(entry.text)
    }
    return await Promise.resolve()
  })
  const player = new StreamPlayer({ store, stream, venue })
  await playMerged([player], {})
  await store.close()
  return { frames, book: renderBook(stream, player.keeper) }
}

/** Records all pairs until everything was played; gives what the player sent. */
const recordAll = async (
  capture: Capture,
  pairs: ReadonlyMap<string, string>,
  store: string,
  log: string,
): Promise<readonly SentFrame[]> => {
  const { venue } = capture.meta
  const player = start([
    'simulate',
    '--capture',
    capture.framesFile,
    '--pace',
    'max',
    '--log-sent',
    log,
    '--json',
  ])
  await until(
    () => player.stdout.includes('\n'),
    () => `the player listens; ${player.stderr}`,
  )
  const { venues } = JSON.parse(player.stdout) as { venues: Record<string, { ws: string; rest: string }> }
  const { ws = '', rest = '' } = venues[venue] ?? {}
  const feed = feedOf(capture)
  const endpoints = ['--endpoint', `${venue}.ws=${ws}`, '--endpoint', `${venue}.rest=${rest}`]
  const words = [
    'record',
    ...pairs.values(),
    '--venue',
    venue,
    '--feed',
    feed,
    '--store',
    store,
    '--json',
    ...endpoints,
  ]
  const recorder = start(words, credentialsFor(feed))
  const wanted = [...pairs.keys()].map((symbol) => framesFor(capture, symbol))
  let seen = 0
  const isDone = (): boolean => {
    // Looked at once for each line of status: reading the log costs time that the recorder needs.
    if (recorder.stdout.length === seen) return false
    seen = recorder.stdout.length
    const { status } = recorder
    if (status.length < pairs.size || !status.every(({ valid }) => valid)) return false
    const sent = sentFrames(log)
    const texts = sent.map(({ text }) => text)
    const entries = status.reduce((sum, stream) => sum + stream.entries, 0)
    // Each stream has three entries at least that are no frames: its run's start, an opening, a subscription.
    return entries >= sent.length + 3 * pairs.size && wanted.every((frames) => isPlayed(frames, texts))
  }
  const last = (): string => `${recorder.stdout.split('\n').slice(-2).join('\n')}\n${recorder.stderr}`
  await until(isDone, () => `everything is played and recorded; ${last()}`, LIMIT)
  recorder.kill('SIGINT')
  expect((await recorder.ended).code).toBe(130)
  player.kill('SIGINT')
  expect((await player.ended).code).toBe(130)
  return sentFrames(log)
}

describe.skipIf(captures === undefined)('a capture over sockets', () => {
  it.each(names)(
    '%s: is stored as it was sent, with its books',
    async (name) => {
      const capture = readCapture(captures ?? '', name)
      const own = (folder = mkdtempSync(join(tmpdir(), 'bookreel-sockets-')))
      const store = `file:${join(own, 'store')}`
      const venue = venueById(capture.meta.venue)
      const symbols = Object.keys(capture.meta.expected.symbols)
      const pairs = new Map(symbols.map((symbol) => [symbol, venue?.pairOf(symbol) ?? '']))
      expect(pairs.size).toBeGreaterThan(0)
      const sent = await recordAll(capture, pairs, store, join(own, 'sent.jsonl'))
      const recorded: (readonly string[])[] = []
      for (const [symbol, pair] of pairs) {
        const figures = capture.meta.expected.symbols[symbol]
        if (venue === undefined || figures === undefined) throw new Error(`nothing is known of ${symbol}`)
        const { frames, book } = await readBack(store, streamIdOf(venue.id, pair), venue)
        recorded.push(frames)
        expectBook(book, figures)
      }
      expectSameFrames(sent, recorded)
      expect(await runCommand('verify', '--store', store)).toMatchObject({ code: 0 })
    },
    LIMIT + 60_000,
  )
})
