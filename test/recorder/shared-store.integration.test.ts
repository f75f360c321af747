/**
 * Several recorders, each with a spool of its own as on machines of their own, and one MongoDB store: one of them writes a
 * stream at any time, what another had not stored is kept apart, and nothing is lost or stored twice.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { isLeft } from 'fp-ts/lib/Either.js'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'

import { describeStoreError } from '../../src/log/event-store.ts'
import { openMongoStore } from '../../src/storage/mongo/mongo-store.ts'
import { type FrameServer, startFrameServer } from '../support/frame-server.ts'
import { findMongo, type MongoServer } from '../support/mongo-server/mongo-server.ts'
import { primeDatabase } from '../support/primed-database.ts'
import { CommandProcess, runCommand, until } from '../support/recorder-process.ts'

const STREAM = 'bitfinex:BTC-USD'
/** Enough for a chunk of its own. */
const LARGE_FRAME = `["${'x'.repeat(17 * 1024 * 1024)}"]`

interface StoredEntry {
  readonly seq: number
  readonly kind: string
  readonly text: string
}

const source = await findMongo()
let mongo: MongoServer
let folder = ''
/** What recorders are given, impatient, and what the others read. */
let store = ''
let place = ''
let venue: FrameServer
let running: CommandProcess[] = []

/** A recorder on a machine called `machine`. */
const record = (machine: string, ...words: string[]): CommandProcess => {
  const process = new CommandProcess(
    [
      'record',
      'BTC-USD',
      '--venue',
      'bitfinex',
      '--spool',
      join(folder, machine),
      '--json',
      '--endpoint',
      `bitfinex.ws=${venue.url}`,
      '--endpoint',
      `bitfinex.rest=${venue.rest}`,
      ...words,
    ],
    { BOOKREEL_STORE: store },
  )
  running.push(process)
  return process
}

const untilState = async (process: CommandProcess, state: string): Promise<void> => {
  await process.untilStatus((line) => line.state === state)
}

const untilClient = async (count: number): Promise<void> => {
  await until(
    () => venue.clients.length >= count,
    () => `client ${String(count)} subscribes; ${running.map(({ stderr }) => stderr).join('\n')}`,
  )
}

const sendOrders = async (count: number): Promise<void> => {
  for (let order = 0; order < count; order++) await venue.sendOrder()
}

const stopped = async (process: CommandProcess, code = 130): Promise<string> => {
  process.kill('SIGINT')
  const ended = await process.ended
  expect({ code: ended.code, stderr: ended.stderr }).toMatchObject({ code })
  return ended.stderr
}

const entriesOf = async (stream: string): Promise<readonly StoredEntry[]> => {
  const { code, stdout, stderr } = await runCommand('export', 'frames', stream, '--store', place)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as StoredEntry)
}

const expectWhole = (entries: readonly StoredEntry[]): void => {
  expect(entries.length).toBeGreaterThan(0)
  const first = entries[0]?.seq ?? 0
  expect(entries.map(({ seq }) => seq)).toEqual(entries.map((_entry, index) => first + index))
}

const runsOf = (
  entries: readonly StoredEntry[],
): readonly { readonly epoch: number; readonly recorder: string }[] =>
  entries
    .filter(({ kind }) => kind === 'run-started')
    .map(({ text }) => JSON.parse(text) as { epoch: number; recorder: string })

const streamsIn = async (): Promise<readonly string[]> => {
  const opened = await openMongoStore(place, 'read')()
  if (isLeft(opened)) throw new Error(describeStoreError(opened.left))
  const streams = await opened.right.streams()
  await opened.right.close()
  return streams.filter((name) => name.startsWith(STREAM))
}

/** What would write where the recorder of another machine does is refused in a sentence; what keeps away from it is not. */
const expectKeptAway = async (): Promise<void> => {
  const capture = join(folder, 'capture.jsonl')
  writeFileSync(capture, '{"t":8000000000000000,"conn":1,"dir":"in","text":"[1,\\"hb\\"]"}\n')
  const own = `file:${join(folder, 'own')}`
  const made = await runCommand('import', capture, '--stream', STREAM, '--store', own)
  expect(made).toMatchObject({ code: 0 })
  const there = ['--store', place]
  const spool = ['--spool', join(folder, 'two')]
  const refused = [
    ['import', capture, '--stream', STREAM, ...there],
    ['push', '--store', own, '--to', place],
    ['repair', STREAM, '--yes', ...there],
    ['rebuild', STREAM, '--all', ...there],
    ['delete', STREAM, '--from', 'seq:1', '--yes', ...there],
  ]
  const before = (await entriesOf(STREAM)).length
  // One after the other: with one spool they would keep each other away.
  for (const words of refused) {
    const { code, stdout, stderr } = await runCommand(...words, ...spool)
    expect({ words, code, stdout, stderr }).toMatchObject({ code: 1, stdout: '' })
    expect(stderr).toMatch(/being recorded or changed by another machine: stop that, then try again\.\n$/)
  }
  expect(await runCommand('compact', STREAM, ...there)).toMatchObject({ code: 0 })
  expect((await entriesOf(STREAM)).length).toBe(before)
}

const expectSound = async (stream: string): Promise<void> => {
  const { code, stdout, stderr } = await runCommand('verify', stream, '--store', place)
  expect({ code, stdout, stderr }).toMatchObject({ code: 0 })
}

describe.skipIf(source?.isOurs !== true)(
  `several recorders of one stream (${source?.name ?? 'no server, no Go'})`,
  () => {
    beforeAll(async () => {
      if (source !== undefined) mongo = await source.start()
    })
    afterAll(async () => {
      await mongo.close()
    })
    beforeEach(async () => {
      folder = mkdtempSync(join(tmpdir(), 'bookreel-shared-'))
      place = mongo.newUrl()
      store = `${place}${place.includes('?') ? '&' : '?'}serverSelectionTimeoutMS=500`
      await primeDatabase(store)
      venue = await startFrameServer()
    })
    afterEach(async () => {
      for (const process of running) {
        process.killGroup('SIGCONT')
        process.killGroup('SIGKILL')
        await process.ended
      }
      running = []
      await venue.close()
      rmSync(folder, { recursive: true, force: true })
    })

    it('refuses a second recorder while the first one lives, and lets it in when that has ended', async () => {
      const first = record('one')
      await untilState(first, 'live')
      const second = record('two')
      const { code, stderr } = await second.ended
      expect({ code, stderr }).toMatchObject({ code: 1 })
      expect(stderr).toMatch(/being recorded by another recorder already.*--standby/)
      await expectKeptAway()
      await stopped(first)
      const third = record('two')
      await untilState(third, 'live')
      await stopped(third)
      const entries = await entriesOf(STREAM)
      expectWhole(entries)
      const runs = runsOf(entries)
      expect(runs.map(({ epoch }) => epoch)).toEqual([1, 2])
      expect(new Set(runs.map(({ recorder }) => recorder)).size).toBe(2)
      expect(await streamsIn()).toEqual([STREAM])
      await expectSound(STREAM)
    })

    it('a standby takes over when the first one is killed; what that had not stored goes up when it is back', async () => {
      const first = record('one')
      await untilClient(1)
      await sendOrders(50)
      const standby = record('two', '--standby', '--takeover-after', '8s')
      await untilState(standby, 'standby')
      venue.send(LARGE_FRAME)
      await first.untilStatus(({ spooledChunks, lastSeq }) => lastSeq > 53 && spooledChunks === 0)
      await sendOrders(25)
      const sent = venue.sent.length
      await first.untilStatus(({ lastSeq }) => lastSeq > sent + 2)
      first.killGroup('SIGKILL')
      await first.ended
      await untilState(standby, 'live')
      await untilClient(2)
      await sendOrders(30)
      await standby.untilStatus(({ valid }) => valid)

      const returned = record('one', '--standby')
      await until(
        () => returned.stderr.includes('is stored: what this recorder had not stored'),
        () => returned.stderr,
      )
      await untilState(returned, 'standby')
      await stopped(returned)
      await stopped(standby)

      const archive = `${STREAM}@1`
      expect(await streamsIn()).toEqual([STREAM, archive])
      const entries = await entriesOf(STREAM)
      const kept = await entriesOf(archive)
      expectWhole(entries)
      expectWhole(kept)
      expect(runsOf(entries).map(({ epoch }) => epoch)).toEqual([1, 2])
      // Every frame of the first recorder is stored once, in the one or the other.
      const takenOver = entries.findIndex(
        ({ kind, text }) => kind === 'run-started' && text.includes('"epoch":2'),
      )
      // Before its own run the standby notes that the other one's did not end.
      expect(entries[takenOver - 1]).toMatchObject({ kind: 'run-ended', seq: kept[0]?.seq })
      const frames = [...entries.slice(0, takenOver - 1), ...kept].filter(({ kind }) => kind === 'frame')
      expect(frames.map(({ text }) => text)).toEqual(venue.sent.slice(0, frames.length).map(String))
      expect(kept.filter(({ kind }) => kind === 'frame').length).toBeGreaterThanOrEqual(25)
      await expectSound(STREAM)
      await expectSound(archive)
      const played = await runCommand(
        'replay',
        archive,
        '--store',
        place,
        '--to',
        `seq:${String((kept[0]?.seq ?? 0) + 20)}`,
        '--json',
      )
      expect(played.code).toBe(0)
      expect(JSON.parse(played.stdout)).toMatchObject({ streams: [{ stream: archive, valid: true }] })
    })

    it('a first one that slept is fenced when it wakes, stops with a sentence, and its entries are kept apart', async () => {
      const first = record('one')
      await untilClient(1)
      await sendOrders(50)
      await first.untilStatus(({ valid }) => valid)
      const standby = record('two', '--standby', '--takeover-after', '8s')
      await untilState(standby, 'standby')
      first.killGroup('SIGSTOP')
      await untilState(standby, 'live')
      await untilClient(2)
      first.killGroup('SIGCONT')
      const { code, stderr } = await first.ended
      expect({ code, stderr }).toMatchObject({ code: 1 })
      expect(stderr).toMatch(/bookreel: bitfinex:BTC-USD: Another recorder has taken bitfinex:BTC-USD over/)
      expect(stderr).not.toMatch(/^\s+at /m)
      await sendOrders(20)
      await standby.untilStatus(({ valid }) => valid)
      await stopped(standby)
      expect(await streamsIn()).toEqual([STREAM, `${STREAM}@1`])
      const entries = await entriesOf(STREAM)
      expectWhole(entries)
      expect(runsOf(entries).map(({ epoch }) => epoch)).toEqual([1, 2])
      await expectSound(STREAM)
      await expectSound(`${STREAM}@1`)
    })

    it('records from the start while the server is away, and stores it when it is there', async () => {
      const before = record('one')
      await untilClient(1)
      await before.untilStatus(({ valid }) => valid)
      await stopped(before)
      await mongo.kill()
      const offline = record('one')
      await untilClient(2)
      await sendOrders(40)
      await offline.untilStatus(({ valid, storeAway }) => valid && storeAway !== null)
      expect(offline.stderr).toMatch(/cannot be reached[^\n]*Recording begins without it/)
      await mongo.restart()
      await offline.untilStatus(({ spooledChunks, storeAway }) => spooledChunks === 0 && storeAway === null)
      await stopped(offline)
      const entries = await entriesOf(STREAM)
      expectWhole(entries)
      expect(runsOf(entries).map(({ epoch }) => epoch)).toEqual([1, 2])
      expect(entries.filter(({ kind }) => kind === 'frame').map(({ text }) => text)).toEqual(
        venue.sent.map(String),
      )
      expect(await streamsIn()).toEqual([STREAM])
      await expectSound(STREAM)
    })

    it('keeps apart what a new machine recorded while the server was away and had the stream already', async () => {
      const before = record('one')
      await untilClient(1)
      await before.untilStatus(({ valid }) => valid)
      await stopped(before)
      await mongo.kill()
      const offline = record('two')
      await untilClient(2)
      await sendOrders(40)
      await offline.untilStatus(({ valid, storeAway }) => valid && storeAway !== null)
      await mongo.restart()
      // The lease is free: the new machine goes on with the stream itself, in a run of its own.
      await untilClient(3)
      await sendOrders(10)
      await offline.untilStatus(({ valid }) => valid)
      await until(
        () => offline.stderr.includes('is stored: what this recorder had not stored'),
        () => offline.stderr,
      )
      await stopped(offline)
      expect(await streamsIn()).toEqual([STREAM, `${STREAM}@1`])
      expectWhole(await entriesOf(STREAM))
      const kept = await entriesOf(`${STREAM}@1`)
      expectWhole(kept)
      expect(kept[0]?.seq).toBe(1)
      expect(kept.filter(({ kind }) => kind === 'frame').length).toBeGreaterThanOrEqual(40)
      await expectSound(STREAM)
      await expectSound(`${STREAM}@1`)
    })

    it('shows the address of the store to nobody who lists processes', async () => {
      store = store.replace('mongodb://', 'mongodb://ann:hush-hush@')
      const process = record('one')
      await until(
        () => process.children().length > 0 || process.stderr !== '',
        () => process.stderr,
      )
      const own = process.children().map((pid) => readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8'))
      expect(own.join(' ')).not.toMatch(/hush|mongodb/)
      process.kill('SIGINT')
      const { stdout, stderr } = await process.ended
      expect(stdout + stderr).not.toMatch(/hush|\bann:/)
    })
  },
)
